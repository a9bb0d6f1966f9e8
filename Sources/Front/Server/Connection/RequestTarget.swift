/// What a request line names (RFC 9112, 3.2): usually a path, from clients of a proxy a whole URL.
struct RequestTarget: Equatable {
    /// Host and port of a whole URL.
    var authority: String?
    /// The path with its query.
    var path: String

    init(_ uri: String) {
        guard !uri.hasPrefix("/"), let scheme = uri.firstRange(of: "://") else {
            path = uri
            return
        }
        let rest = uri[scheme.upperBound...]
        let end = rest.firstIndex { $0 == "/" || $0 == "?" || $0 == "#" } ?? rest.endIndex
        authority = String(rest[..<end])
        path = end < rest.endIndex && rest[end] == "/" ? String(rest[end...]) : "/" + rest[end...]
    }
}
