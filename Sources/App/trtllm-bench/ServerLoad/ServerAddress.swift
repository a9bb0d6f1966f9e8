internal import Foundation

/// Where an OpenAI-compatible server is.
package struct ServerAddress: Sendable, Hashable {
    /// Name or address to connect to.
    package let host: String
    /// Port to connect to.
    package let port: Int
    /// What precedes `/v1` in paths, usually nothing.
    package let prefix: String

    /// Reads `http://HOST[:PORT][/PREFIX]`, with or without `/v1` at its end.
    ///
    /// - Throws: `LoadTestError.badBaseURL`.
    package init(_ text: String) throws(LoadTestError) {
        guard let parts = URLComponents(string: text), let scheme = parts.scheme?.lowercased() else {
            throw .badBaseURL(value: text, reason: "must look like http://localhost:8000")
        }
        guard scheme != "https" else {
            throw .badBaseURL(value: text, reason: "https isn't supported; put a proxy that speaks http in between")
        }
        guard scheme == "http", let host = parts.host, !host.isEmpty, parts.query == nil, parts.fragment == nil else {
            throw .badBaseURL(value: text, reason: "must look like http://localhost:8000")
        }
        let port = parts.port ?? 80
        guard (1...65_535).contains(port) else {
            throw .badBaseURL(value: text, reason: "the port must be in [1, 65535]")
        }
        // An IPv6 address stands in brackets.
        self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        self.port = port
        var path = parts.path
        while path.hasSuffix("/") { path.removeLast() }
        if path.hasSuffix("/v1") { path.removeLast(3) }
        prefix = path
    }

    /// The `host` field of requests.
    package var authority: String { (host.contains(":") ? "[\(host)]" : host) + ":\(port)" }

    /// The address without `/v1`.
    package var text: String { "http://\(authority)\(prefix)" }
}
