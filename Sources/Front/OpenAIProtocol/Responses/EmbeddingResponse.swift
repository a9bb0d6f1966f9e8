/// The body of the answer to a request for embeddings.
public struct EmbeddingResponse: Sendable {
    /// `embd-` and 32 hexadecimal digits.
    public var id: String
    /// Seconds since 1970.
    public var created: Int
    /// The model as the request named it.
    public var model: String
    /// The vectors, `[inputs][dimensions]`.
    public var vectors: [[Float]]
    /// Whether they are written as base64 of their little-endian bytes.
    public var isBase64: Bool
    /// Tokens of all inputs.
    public var promptTokens: Int

    /// An answer.
    public init(id: String, created: Int, model: String, vectors: [[Float]], isBase64: Bool, promptTokens: Int) {
        self.id = id
        self.created = created
        self.model = model
        self.vectors = vectors
        self.isBase64 = isBase64
        self.promptTokens = promptTokens
    }

    /// The body as JSON.
    public var serialized: [UInt8] {
        var bytes: [UInt8] = []
        bytes.put("{\"id\":")
        bytes.put(string: id)
        bytes.put(",\"object\":\"list\",\"created\":")
        bytes.put(integer: created)
        bytes.put(",\"model\":")
        bytes.put(string: model)
        bytes.put(",\"data\":")
        bytes.put(list: vectors.enumerated()) { bytes, entry in
            bytes.put("{\"object\":\"embedding\",\"index\":")
            bytes.put(integer: entry.offset)
            bytes.put(",\"embedding\":")
            if isBase64 {
                bytes.put("\"")
                bytes += Base64.text(of: entry.element.flatMap { Self.littleEndian($0) })
                bytes.put("\"")
            } else {
                bytes.put(list: entry.element) { $0.append(contentsOf: $1.description.utf8) }
            }
            bytes.put("}")
        }
        bytes.put(",\"usage\":{\"prompt_tokens\":")
        bytes.put(integer: promptTokens)
        bytes.put(",\"total_tokens\":")
        bytes.put(integer: promptTokens)
        bytes.put("}}")
        return bytes
    }

    private static func littleEndian(_ number: Float) -> [UInt8] {
        withUnsafeBytes(of: number.bitPattern.littleEndian) { Array($0) }
    }
}

/// Bytes as text (RFC 4648, with padding).
enum Base64 {
    private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func text(of bytes: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        var start = 0
        while start < bytes.count {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for place in 0..<4 {
                text.append(place <= group.count ? digits[bits >> (18 - 6 * place) & 63] : UInt8(ascii: "="))
            }
            start += 3
        }
        return text
    }
}
