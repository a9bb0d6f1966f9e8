/// Why the server can't start.
public enum ServingError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The address is taken, isn't this machine's, or can't be resolved.
    case bindFailed(host: String, port: Int, reason: String)

    /// The message for people.
    public var description: String {
        switch self {
        case .bindFailed(let host, let port, let reason): "Failed to bind socket to \(host):\(port): \(reason)"
        }
    }
}
