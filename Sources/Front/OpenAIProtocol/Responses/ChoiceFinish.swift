/// How a choice ended.
public struct ChoiceFinish: Sendable, Hashable {
    /// What ended it beyond the end-of-sequence token.
    public enum StopReason: Sendable, Hashable {
        /// One of the request's stop strings.
        case string(String)
        /// One of the request's stop tokens.
        case token(Int)
    }

    /// `finish_reason`: `stop`, `length`, `tool_calls`, `cancelled` or `timeout`.
    public var reason: String
    /// `stop_reason`; `nil` when it was the end-of-sequence token or no stop at all.
    public var stopReason: StopReason?

    /// A finish.
    public init(reason: String, stopReason: StopReason? = nil) {
        self.reason = reason
        self.stopReason = stopReason
    }
}

extension ChoiceFinish.StopReason {
    func append(to bytes: inout [UInt8]) {
        switch self {
        case .string(let text): bytes.put(string: text)
        case .token(let token): bytes.put(integer: token)
        }
    }
}

extension [UInt8] {
    /// `"finish_reason":...,"stop_reason":...`, with `null` for what there isn't.
    mutating func put(finish: ChoiceFinish?) {
        put("\"finish_reason\":")
        put(optional: finish?.reason) { $0.put(string: $1) }
        put(",\"stop_reason\":")
        put(optional: finish?.stopReason) { $1.append(to: &$0) }
    }
}
