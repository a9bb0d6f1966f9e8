internal import Foundation

/// A hub's address: scheme, host, port, and a path where a mirror has one.
public struct HubEndpoint: Sendable, Hashable, CustomStringConvertible {
    /// The address without a slash at its end.
    public let description: String
    let origin: Origin

    /// What decides whether two addresses are one server.
    struct Origin: Sendable, Hashable {
        let scheme: String
        let host: String
        let port: Int

        /// `nil` for anything but HTTP with a host.
        init?(_ url: URL) {
            guard let scheme = url.scheme?.lowercased(), let host = url.host?.lowercased(), !host.isEmpty,
                scheme == "https" || scheme == "http"
            else { return nil }
            self.scheme = scheme
            self.host = host
            port = url.port ?? (scheme == "https" ? 443 : 80)
        }
    }

    /// Reads an address.
    ///
    /// - Throws: `HubError.invalidSetting`.
    init(_ text: String, variable: String) throws(HubError) {
        var text = text
        while text.hasSuffix("/") { text.removeLast() }
        guard let url = URL(string: text), let origin = Origin(url), url.query == nil, url.fragment == nil,
            url.user == nil
        else {
            throw .invalidSetting(variable: variable, reason: "an address like https://huggingface.co is wanted")
        }
        description = text
        self.origin = origin
    }

    /// The address of something on the hub: `path` begins with a slash and is escaped already.
    func url(_ path: String) -> String { description + path }
}

extension String {
    /// Percent-encoded, but for RFC 3986's unreserved characters and those given.
    func escaped(keeping kept: String = "") -> String {
        let plain = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8).union(kept.utf8)
        var bytes: [UInt8] = []
        let digits = Array("0123456789ABCDEF".utf8)
        for byte in utf8 {
            if plain.contains(byte) {
                bytes.append(byte)
            } else {
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
