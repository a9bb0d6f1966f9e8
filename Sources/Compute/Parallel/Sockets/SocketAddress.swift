internal import Glibc

/// A host and a port of TCP.
package struct SocketAddress: Sendable, Hashable, CustomStringConvertible {
    /// A name or a numeric address.
    package var host: String
    package var port: Int

    /// An address of known parts.
    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Reads `host:port`, with brackets around an address of version 6; `nil` when it isn't one.
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (1...65_535).contains(port)
        else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard !host.isEmpty, host.utf8.count < 256 else { return nil }
        self.init(host: String(host), port: port)
    }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// Whether only this host's own programs reach it.
    package var isLoopback: Bool {
        var address = in_addr()
        let isNumeric = inet_pton(AF_INET, host, &address) == 1
        return isNumeric && UInt32(bigEndian: address.s_addr) >> 24 == 127 || host == "::1" || host == "localhost"
    }

    /// Where this host listens for those that reach it at this address: what it is called elsewhere may not be its own name.
    package func toListen(port: Int) -> SocketAddress {
        SocketAddress(host: isLoopback ? host : host.contains(":") ? "::" : "", port: port)
    }

    /// Calls `body` with each of the addresses that the name has, until one gives a result.
    ///
    /// - Parameter isPassive: Whether it is to be listened on; an empty host is then any.
    func resolve<Value>(isPassive: Bool, _ body: (UnsafePointer<addrinfo>) -> Value?) -> Value? {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_NUMERICSERV | (isPassive ? AI_PASSIVE : 0)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host.isEmpty ? nil : host, "\(port)", &hints, &list) == 0 else { return nil }
        defer { freeaddrinfo(list) }
        var next = list
        while let entry = next {
            if let value = body(UnsafePointer(entry)) { return value }
            next = entry.pointee.ai_next
        }
        return nil
    }

    /// The numeric address of one end of a connection.
    init?(of descriptor: Int32, peer: Bool) {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        var host = [CChar](repeating: 0, count: 256)
        var port = [CChar](repeating: 0, count: 32)
        let code = withUnsafeMutablePointer(to: &storage) { storage in
            storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                let known = peer ? getpeername(descriptor, address, &length) : getsockname(descriptor, address, &length)
                guard known == 0 else { return known }
                let flags = NI_NUMERICHOST | NI_NUMERICSERV
                return getnameinfo(
                    address,
                    length,
                    &host,
                    socklen_t(host.count),
                    &port,
                    socklen_t(port.count),
                    flags
                )
            }
        }
        guard code == 0, let number = Int(Self.text(port)) else { return nil }
        self.init(host: Self.text(host), port: number)
    }

    private static func text(_ characters: [CChar]) -> String {
        String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
