import OrderedJSON

/// An error as Anthropic's clients read it: `{"type":"error","error":{"type":...,"message":...}}`.
public enum MessageError {
    /// The body of an error.
    public static func body(_ error: ErrorBody) -> [UInt8] {
        let inner: JSONValue = ["type": .string(type(of: error.status)), "message": .string(error.message)]
        return JSONValue.object(["type": "error", "error": inner]).serialized
    }

    private static func type(of status: Int) -> String {
        switch status {
        case 401: "authentication_error"
        case 403: "permission_error"
        case 404: "not_found_error"
        case 413: "request_too_large"
        case 429: "rate_limit_error"
        case 503: "overloaded_error"
        case 400..<500: "invalid_request_error"
        default: "api_error"
        }
    }
}
