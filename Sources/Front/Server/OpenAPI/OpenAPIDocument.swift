package import OpenAIProtocol
package import OrderedJSON

/// The description of all endpoints (OpenAPI 3.1), made from their table and from the decoders of their requests.
package struct OpenAPIDocument {
    private let endpoints: [Endpoint]
    private let limits: RequestLimits
    private let version: String
    private let hasKeys: Bool

    /// The description of these endpoints.
    package init(_ endpoints: [Endpoint], limits: RequestLimits, version: String, hasKeys: Bool) {
        self.endpoints = endpoints
        self.limits = limits
        self.version = version
        self.hasKeys = hasKeys
    }

    /// The document.
    package var json: JSONValue {
        var paths = JSONObject()
        for endpoint in endpoints {
            var operations = paths[endpoint.path.text]?.objectValue ?? [:]
            operations[endpoint.method.rawValue.lowercased()] = operation(endpoint)
            paths[endpoint.path.text] = .object(operations)
        }
        var document: JSONObject = [
            "openapi": "3.1.0",
            "info": [
                "title": "trtllm-serve", "version": .string(version),
                "summary": "Large language models behind the APIs of OpenAI and Anthropic, on CPUs.",
            ],
            "paths": .object(paths),
        ]
        if hasKeys {
            document["components"] = [
                "securitySchemes": [
                    "bearer": ["type": "http", "scheme": "bearer"],
                    "key": ["type": "apiKey", "in": "header", "name": "x-api-key"],
                ]
            ]
        }
        return .object(document)
    }

    private func operation(_ endpoint: Endpoint) -> JSONValue {
        var operation: JSONObject = [
            "operationId": .string(endpoint.name), "summary": .string(endpoint.summary),
        ]
        let parameters = parameters(endpoint)
        if !parameters.isEmpty { operation["parameters"] = .array(parameters) }
        if let request = endpoint.request { operation["requestBody"] = body(request) }
        operation["responses"] = .object(responses(endpoint))
        if hasKeys, endpoint.access == .key { operation["security"] = [["bearer": []], ["key": []]] }
        return .object(operation)
    }

    private func parameters(_ endpoint: Endpoint) -> [JSONValue] {
        let names: [JSONValue] = endpoint.path.names.map { name in
            ["name": .string(name), "in": "path", "required": true, "schema": ["type": "string", "minLength": 1]]
        }
        return names
            + endpoint.query.map { field in
                ["name": .string(field.name), "in": "query", "required": false, "schema": field.kind.schema]
            }
    }

    private func body(_ request: any DescribedRequest.Type) -> JSONValue {
        // The examples are good requests, or there is a test that fails.
        var schema = ((try? request.fields(limits: limits)) ?? []).schema.objectValue ?? [:]
        schema["examples"] = .array(request.examples.map { .object($0) })
        return ["required": .bool(!request.mayBeAbsent), "content": ["application/json": ["schema": .object(schema)]]]
    }

    private func responses(_ endpoint: Endpoint) -> JSONObject {
        var responses = JSONObject()
        for answer in endpoint.answers {
            var response = responses[String(answer.status)]?.objectValue ?? ["description": .string(answer.words)]
            if let (type, schema) = Self.content(answer.body) {
                var content = response["content"]?.objectValue ?? [:]
                content[type] = ["schema": schema]
                response["content"] = .object(content)
            }
            responses[String(answer.status)] = .object(response)
        }
        for (status, words) in errors(of: endpoint) {
            responses[String(status)] = [
                "description": .string(words),
                "content": status == 503 && endpoint.request == nil && endpoint.access == .open
                    ? ["text/plain": ["schema": ["type": "string"]]]
                    : ["application/json": ["schema": endpoint.errors.schema]],
            ]
        }
        return responses
    }

    private static func content(_ body: DescribedAnswer.Body) -> (type: String, schema: JSONValue)? {
        switch body {
        case .none: nil
        case .json(let schema): ("application/json", schema)
        // Of one event: that is what readers of descriptions hold each of them against.
        case .events: ("text/event-stream", DescribedAnswer.schema(["data": "string"]))
        case .text(let type): (type, ["type": "string"])
        }
    }

    /// The statuses that an endpoint's errors may have.
    private func errors(of endpoint: Endpoint) -> [(status: Int, words: String)] {
        var statuses: Set<Int> = Set([400, 403, 408, 413, 431] + endpoint.errorStatuses)
        if hasKeys, endpoint.access == .key { statuses.insert(401) }
        switch endpoint.work {
        case .atOnce: break
        case .task: statuses.formUnion([500, 503])
        case .model: statuses.formUnion([429, 500, 503])
        }
        return statuses.sorted().map { ($0, Self.words[$0] ?? "an error") }
    }

    private static let words = [
        400: "the request is wrong, and the message says how", 401: "no key, or a wrong one",
        403: "a foreign host or page", 404: "there is no such thing", 408: "the body didn't arrive in time",
        409: "not in this state", 413: "the body is too large", 429: "too many requests wait",
        431: "the head is too large", 500: "the server failed", 501: "not done here, and the message says why",
        503: "loading, ending or overloaded",
    ]
}
