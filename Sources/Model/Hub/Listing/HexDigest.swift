/// A hash of a file's content in hexadecimal, as hubs give it; it is the name of the content in the cache.
enum HexDigest: Sendable, Hashable {
    /// Of a large file: SHA-256 of its bytes.
    case sha256(String)
    /// Of a small file: Git's name of a blob, SHA-1 of `blob SIZE`, a zero byte and its bytes.
    case gitBlob(String)

    /// Reads an entity tag or a hash, told apart by its length; `nil` when it is neither.
    init?(_ text: String) {
        if Self.isHexadecimal(text, count: 64) {
            self = .sha256(text)
        } else if Self.isHexadecimal(text, count: 40) {
            self = .gitBlob(text)
        } else {
            return nil
        }
    }

    /// The digits.
    var text: String {
        switch self {
        case .sha256(let text), .gitBlob(let text): text
        }
    }

    /// Whether a text is exactly so many hexadecimal digits, in lower case.
    static func isHexadecimal(_ text: String, count: Int) -> Bool {
        text.utf8.count == count
            && text.utf8.allSatisfy { byte in
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
            }
    }
}
