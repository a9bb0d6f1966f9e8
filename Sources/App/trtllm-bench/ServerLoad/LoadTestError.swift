/// Why a server can't be measured, or didn't answer a request.
package enum LoadTestError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The address can't be used.
    case badBaseURL(value: String, reason: String)
    /// An objective of `--goodput` can't be read.
    case badObjective(value: String, reason: String)
    /// No connection.
    case unreachable(server: String, reason: String)
    /// An answer with another status than 200.
    case refused(path: String, status: Int, message: String)
    /// An answer that isn't what was asked for.
    case unusableAnswer(path: String, reason: String)
    /// The connection ended before the answer did.
    case closedEarly(path: String)

    /// What is wrong, for a person.
    package var description: String {
        switch self {
        case .badBaseURL(let value, let reason): "--base_url is \(value), but \(reason)"
        case .badObjective(let value, let reason): "--goodput is \(value), but \(reason)"
        case .unreachable(let server, let reason): "no connection to \(server): \(reason)"
        case .refused(let path, let status, let message): "\(path) was answered with status \(status): \(message)"
        case .unusableAnswer(let path, let reason): "the answer of \(path) can't be used: \(reason)"
        case .closedEarly(let path): "the server closed the connection before its answer to \(path) was complete"
        }
    }
}
