import Glibc
import NIOCore

/// Which hosts and origins a request may name: those the server is reached by, and those that were allowed.
///
/// A page of a foreign site can have a browser send requests here, and by rebinding its own name to this address even
/// read the answers; such requests name the foreign site in `Host` or `Origin`.
struct HostRule: Sendable {
    private let names: Set<String>
    private let allowsEveryName: Bool
    /// On a wildcard address the server can't know its addresses (NAT, containers); one as `Host` can't be rebound.
    private let allowsEveryAddress: Bool
    private let origins: Set<String>

    init(listeningOn host: String, allowedHosts: [String], corsOrigins: [String]) {
        let address = Self.resolved(host)
        let isWildcard = address == "0.0.0.0" || address == "::"
        var names: Set<String> = [Self.canonical(host), address]
        if isWildcard || address.hasPrefix("127.") || address == "::1" {
            names.formUnion(["localhost", "127.0.0.1", "::1"])
        }
        if isWildcard { names.insert(Self.machineName) }
        names.formUnion(allowedHosts.map { Self.name(ofAuthority: $0) ?? Self.canonical($0) })
        self.names = names
        allowsEveryName = allowedHosts.contains("*")
        allowsEveryAddress = isWildcard
        origins = Set(corsOrigins.map { $0.lowercased() })
    }

    /// Whether a request may be addressed to this host, with or without a port.
    func allows(host authority: String) -> Bool {
        if allowsEveryName { return true }
        guard let name = Self.name(ofAuthority: authority) else { return false }
        return names.contains(name) || (allowsEveryAddress && Self.isAddress(name))
    }

    /// Whether a page of this origin may send requests: one that was allowed, one of the same host, or of a known name.
    func allows(origin: String, host authority: String?) -> Bool {
        if allowedOrigin(origin) != nil { return true }
        guard let scheme = origin.firstRange(of: "://"),
            let name = Self.name(ofAuthority: String(origin[scheme.upperBound...]))
        else { return false }
        return names.contains(name) || name == authority.flatMap { Self.name(ofAuthority: $0) }
    }

    /// The `access-control-allow-origin` for an origin that may read answers.
    func allowedOrigin(_ origin: String) -> String? {
        if origins.contains("*") { return "*" }
        return origins.contains(origin.lowercased()) ? origin : nil
    }

    /// Whether answers depend on the request's origin.
    var variesByOrigin: Bool { !origins.isEmpty && !origins.contains("*") }

    /// The host of `host`, `host:port` or `[address]:port`, in lower case; `nil` when it is none of these.
    static func name(ofAuthority authority: String) -> String? {
        let authority = authority.lowercased()
        let host: Substring
        let rest: Substring
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
            host = authority[authority.index(after: authority.startIndex)..<end]
            rest = authority[authority.index(after: end)...]
        } else {
            let end = authority.firstIndex(of: ":") ?? authority.endIndex
            host = authority[..<end]
            rest = authority[end...]
        }
        let isPort = rest.isEmpty || (rest.hasPrefix(":") && rest.dropFirst().allSatisfy { $0.isASCII && $0.isNumber })
        return isPort && !host.isEmpty ? canonical(String(host)) : nil
    }

    /// Addresses in their one spelling, names in lower case without the dot of the root.
    private static func canonical(_ name: String) -> String {
        if let address = try? SocketAddress(ipAddress: name, port: 0).ipAddress { return address }
        let name = name.lowercased()
        return name.hasSuffix(".") ? String(name.dropLast()) : name
    }

    private static func isAddress(_ name: String) -> Bool { (try? SocketAddress(ipAddress: name, port: 0)) != nil }

    private static func resolved(_ host: String) -> String {
        let host = host == "localhost" ? "127.0.0.1" : host
        let address = try? SocketAddress.makeAddressResolvingHost(host, port: 0)
        return address?.ipAddress ?? canonical(host)
    }

    private static var machineName: String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "localhost" }
        return canonical(String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
    }
}
