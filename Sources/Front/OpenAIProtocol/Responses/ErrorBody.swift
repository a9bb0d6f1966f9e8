/// An error on the wire, in the reference's flat form and OpenAI's nested form at once.
///
///     {"object":"error","message":...,"type":...,"param":...,"code":400,
///      "error":{"message":...,"type":...,"param":...,"code":400}}
///
/// `code` is the status; in the nested form it is OpenAI's name of the error where clients look for one.
public struct ErrorBody: Error, Sendable, Hashable {
    /// The HTTP status.
    public var status: Int
    /// For people; cut when it would be very long.
    public var message: String
    /// The kind of error.
    public var type: String
    /// The field at fault.
    public var param: String?
    /// OpenAI's name of the error, the nested form's `code` instead of the status.
    public var code: String?
    /// The framework's own spelling, which unknown paths and methods answer with in the reference.
    public var detail: String?

    /// Longest message, in code points: whatever it is made of, it doesn't bring back a whole request.
    private static let longestMessage = 1024

    /// An error.
    public init(
        status: Int,
        message: String,
        type: String,
        param: String? = nil,
        code: String? = nil,
        detail: String? = nil,
    ) {
        self.status = status
        self.message = message.excerpt(Self.longestMessage)
        self.type = type
        self.param = param
        self.code = code
        self.detail = detail
    }

    /// What is wrong with a request.
    public init(_ error: ValidationError) {
        self.init(status: 400, message: error.description, type: "BadRequestError", param: error.field)
    }

    /// The body as JSON.
    public var serialized: [UInt8] {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return bytes
    }

    func append(to bytes: inout [UInt8]) {
        bytes.put("{\"object\":\"error\",")
        appendMembers(to: &bytes)
        bytes.put(integer: status)
        bytes.put(",\"error\":{")
        appendMembers(to: &bytes)
        if let code { bytes.put(string: code) } else { bytes.put(integer: status) }
        bytes.put("}")
        if let detail {
            bytes.put(",\"detail\":")
            bytes.put(string: detail)
        }
        bytes.put("}")
    }

    /// All but the value of `code`, which comes last.
    private func appendMembers(to bytes: inout [UInt8]) {
        bytes.put("\"message\":")
        bytes.put(string: message)
        bytes.put(",\"type\":")
        bytes.put(string: type)
        bytes.put(",\"param\":")
        bytes.put(optional: param) { $0.put(string: $1) }
        bytes.put(",\"code\":")
    }
}
