/// The address of a schema resource: a URI without its fragment, resolved as far as documents in themselves need it.
enum SchemaAddress {
    /// A reference taken apart: the address of its resource, and the fragment with its percent signs decoded.
    ///
    /// `reference` is relative to `base`; dots in its path are taken as they are, but for a leading "./".
    static func resolve(_ reference: String, base: String) -> (address: String, fragment: String) {
        let cut = reference.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        let fragment = cut.count > 1 ? decoded(cut[1]) : ""
        var path = cut.first.map(String.init) ?? ""
        if path.hasPrefix("./") { path.removeFirst(2) }
        return (path.isEmpty ? base : absolute(path, base: base), fragment)
    }

    private static func absolute(_ path: String, base: String) -> String {
        if hasScheme(path) || base.isEmpty { return path }
        let bytes = Array(base.utf8)
        let authority = authorityEnd(bytes)
        if path.hasPrefix("/") { return String(decoding: bytes[..<authority], as: UTF8.self) + path }
        let slash = bytes.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0
        if slash < authority { return String(decoding: bytes[..<authority], as: UTF8.self) + "/" + path }
        return String(decoding: bytes[..<max(slash, schemeEnd(bytes))], as: UTF8.self) + path
    }

    private static func hasScheme(_ path: String) -> Bool { schemeEnd(Array(path.utf8)) > 0 }

    /// Offset behind "scheme:", 0 without one.
    private static func schemeEnd(_ bytes: [UInt8]) -> Int {
        for (offset, byte) in bytes.enumerated() {
            switch byte {
            case UInt8(ascii: ":"): return offset + 1
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
                continue
            default: return 0
            }
        }
        return 0
    }

    /// Offset behind "scheme://host", or behind the scheme where there is no host.
    private static func authorityEnd(_ bytes: [UInt8]) -> Int {
        let scheme = schemeEnd(bytes)
        guard bytes.dropFirst(scheme).starts(with: "//".utf8) else { return scheme }
        return bytes[(scheme + 2)...].firstIndex(of: UInt8(ascii: "/")) ?? bytes.count
    }

    /// A text with "%41" read as "A"; what isn't two hexadecimal digits stays.
    private static func decoded(_ text: Substring) -> String {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return String(text) }
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var offset = 0
        while offset < bytes.count {
            if bytes[offset] == UInt8(ascii: "%"), offset + 2 < bytes.count,
                let value = UInt8(String(decoding: bytes[offset + 1...offset + 2], as: UTF8.self), radix: 16)
            {
                result.append(value)
                offset += 3
            } else {
                result.append(bytes[offset])
                offset += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
