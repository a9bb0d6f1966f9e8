import Engine
import Generation
import OpenAIProtocol

/// The one place that knows which error has which status.
extension ErrorBody {
    /// Whatever went wrong before the answer began.
    ///
    /// - Parameters:
    ///   - promptField: Where this kind of request has its prompt.
    init(any error: any Error, promptField: String) {
        switch error {
        case let error as ErrorBody: self = error
        case let error as ValidationError: self.init(error)
        case let error as AdapterError: self.init(error)
        case let error as GenerationError: self.init(error, promptField: promptField)
        default: self.init(status: 500, message: "internal error: \(error)", type: "InternalServerError")
        }
    }

    init(_ error: GenerationError, promptField: String = "prompt") {
        let message = error.description
        switch error {
        case .template, .noChatTemplate:
            self.init(status: 400, message: message, type: "BadRequestError", param: "messages")
        case .cannotGenerate: self.init(status: 400, message: message, type: "BadRequestError", param: "model")
        case .emptyPrompt: self.init(status: 400, message: message, type: "BadRequestError", param: promptField)
        case .promptTooLong:
            // Some clients look for the code in the message, which is all that their errors show of the body.
            let code = "context_length_exceeded"
            self.init(
                status: 400,
                message: "\(message) (\(code))",
                type: "BadRequestError",
                param: promptField,
                code: code,
            )
        case .tokenOutOfRange(let field, _, _), .outOfRange(let field, _, _), .constraint(let field, _):
            self.init(status: 400, message: message, type: "BadRequestError", param: field)
        case .cannotGoOn: self.init(status: 400, message: message, type: "BadRequestError")
        case .overloaded: self.init(status: 429, message: message, type: "RateLimitError")
        // Nobody reads it: the client has left.
        case .cancelled: self.init(status: 499, message: message, type: "ClientClosedRequest")
        case .shuttingDown: self.init(status: 503, message: message, type: "ServiceUnavailableError")
        case .engine: self.init(status: 500, message: message, type: "InternalServerError")
        }
    }
}
