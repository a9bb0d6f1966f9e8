package import OpenAIProtocol
internal import OrderedJSON

/// One method of one path: who may call it, what it takes, what it answers, and how.
///
/// Everything that depends on the path comes from the table of these: 404 and 405, `Allow`, keys, the shape of errors,
/// metric labels, `/openapi.json`.
package struct Endpoint: Sendable {
    /// A method of HTTP.
    ///
    /// GET endpoints answer HEAD too, and all answer OPTIONS.
    package enum Method: String, Sendable, CaseIterable {
        case get = "GET"
        case post = "POST"
        case delete = "DELETE"
    }

    /// Who may call.
    package enum Access: Sendable {
        /// Everybody.
        case open
        /// Who has a key, when the server has keys.
        case key
    }

    /// How it is answered.
    package enum Work: Sendable {
        /// On the connection's thread: without waiting for anything.
        case atOnce(@Sendable (Responder, Call) -> Reply)
        /// By a task, once the body is there; whatever the server's state.
        case task(@Sendable (Responder, Call) async throws -> Answer)
        /// By a task with the loaded model; refused while there is none, and waited for when the server ends.
        case model(@Sendable (Responder, Call, ServingModel) async throws -> Answer)
    }

    /// The method.
    package var method: Method
    /// The path.
    package var path: PathPattern
    /// Its name in `/openapi.json`, unique.
    package var name: String
    /// What it is for, in a sentence.
    package var summary: String
    /// Who may call.
    package var access = Access.key
    /// How its errors look.
    package var errors: ErrorShape
    /// What it reads of the query.
    package var query: [FieldDescription] = []
    /// What it takes as its body.
    package var request: (any DescribedRequest.Type)?
    /// What it answers when all goes well.
    package var answers: [DescribedAnswer]
    /// Statuses of errors of its own, beside those that all endpoints of its kind have.
    package var errorStatuses: [Int] = []
    /// Whether reading empties what is read, so that HEAD must not do it.
    package var drains = false
    /// How it is answered.
    package var work: Work

    /// An endpoint.
    package init(
        _ method: Method,
        _ path: PathPattern,
        name: String,
        _ summary: String,
        request: (any DescribedRequest.Type)? = nil,
        answers: [DescribedAnswer],
        errors: ErrorShape = .openAI,
        _ work: Work,
    ) {
        self.method = method
        self.path = path
        self.name = name
        self.summary = summary
        self.request = request
        self.answers = answers
        self.errors = errors
        self.work = work
    }

    /// An endpoint that needs the model and takes a JSON body.
    package init<Request: DescribedRequest>(
        post path: String,
        name: String,
        _ summary: String,
        answers: [DescribedAnswer],
        errors: ErrorShape = .openAI,
        _ answer: @escaping @Sendable (Responder, Request, ServingModel) async throws -> Answer,
    ) {
        self.init(
            .post,
            PathPattern(path),
            name: name,
            summary,
            request: Request.self,
            answers: answers,
            errors: errors,
            .model { responder, call, model in
                // The tree of the body is gone once the request has been read from it.
                try await answer(responder, try call.request(limits: responder.configuration.limits), model)
            },
        )
    }

    /// The same with another access.
    package func open(to access: Access) -> Endpoint {
        var endpoint = self
        endpoint.access = access
        return endpoint
    }

    /// The same, answering with further statuses when things go wrong.
    package func failing(_ statuses: Int...) -> Endpoint {
        var endpoint = self
        endpoint.errorStatuses += statuses
        return endpoint
    }

    /// The same, emptying what it reads.
    package var draining: Endpoint {
        var endpoint = self
        endpoint.drains = true
        return endpoint
    }
}

/// One request for an endpoint.
package struct Call: Sendable {
    /// What the path has in the places of the endpoint's pattern.
    package var names: [String]
    /// What follows the `?` of the path.
    package var query: String
    /// Whose it is; `nil` for a request without a key, which few endpoints take.
    package var owner: KeyOwner?
    /// `x-request-id` of the answer.
    package var id = ""
    /// The body, once it is there.
    package var body: [UInt8] = []

    /// The body as a request.
    ///
    /// - Throws: `ValidationError` when it isn't one.
    package func request<Request: DescribedRequest>(limits: RequestLimits) throws(ValidationError) -> Request {
        let isAbsent = body.isEmpty && Request.mayBeAbsent
        return try Request(isAbsent ? JSONObject() : RequestBody.parse(body), limits: limits)
    }
}
