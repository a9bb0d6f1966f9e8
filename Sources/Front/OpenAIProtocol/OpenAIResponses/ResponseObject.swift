public import OrderedJSON

/// A response, whole: what `POST /v1/responses` answers and `GET` finds again.
public struct ResponseObject: Sendable {
    /// How far a response is.
    public enum Status: String, Sendable {
        case queued
        case inProgress = "in_progress"
        case completed
        case incomplete
        case failed
        case cancelled
    }

    /// `resp_` and 32 hexadecimal digits.
    public let id: String
    private let request: ResponseRequest
    private let created: Int

    /// A response to a request.
    public init(id: String, request: ResponseRequest, created: Int) {
        self.id = id
        self.request = request
        self.created = created
    }

    /// How a finished answer ended.
    public static func status(_ finish: ChoiceFinish?) -> Status {
        finish?.reason == "length" || finish == nil ? .incomplete : .completed
    }

    /// The object.
    ///
    /// - Parameters:
    ///   - output: Its items.
    ///   - usage: Of a response that has ended.
    ///   - reasoningTokens: How many of its tokens are thoughts.
    public func json(
        _ status: Status,
        output: [JSONValue] = [],
        usage: Usage? = nil,
        reasoningTokens: Int = 0,
        error: ErrorBody? = nil,
    ) -> JSONObject {
        let reason: JSONValue = status == .incomplete ? ["reason": "max_output_tokens"] : nil
        let failure: JSONValue = error.map { ["code": "server_error", "message": .string($0.message)] } ?? .null
        var object: JSONObject = [
            "id": .string(id), "object": "response", "created_at": .integer(created),
            "status": .string(status.rawValue), "background": .bool(request.isBackground), "error": failure,
            "incomplete_details": reason, "instructions": request.instructions.map { .string($0) } ?? .null,
            "model": .string(request.model), "output": .array(output),
            "previous_response_id": request.previousID.map { .string($0) } ?? .null,
            "service_tier": "default", "store": .bool(request.isStored),
        ]
        for (key, value) in request.echoed { object[key] = value }
        object["usage"] = usage.map { Self.json($0, reasoningTokens) } ?? .null
        object["user"] = .null
        return object
    }

    private static func json(_ usage: Usage, _ reasoningTokens: Int) -> JSONValue {
        [
            "input_tokens": .integer(usage.promptTokens),
            "input_tokens_details": ["cached_tokens": .integer(usage.cachedTokens)],
            "output_tokens": .integer(usage.completionTokens),
            "output_tokens_details": ["reasoning_tokens": .integer(reasoningTokens)],
            "total_tokens": .integer(usage.totalTokens),
        ]
    }
}
