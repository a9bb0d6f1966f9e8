/// What every body and chunk of one answer says about itself.
public struct ResponseIdentity: Sendable, Hashable {
    /// `chatcmpl-` or `cmpl-` and 32 hexadecimal digits or the client's own id; one for all chunks.
    public var id: String
    /// Seconds since 1970 when the request was accepted.
    public var created: Int
    /// The model as the request named it.
    public var model: String
    /// What the answers of servers that answer alike have in common.
    public var fingerprint: String

    /// An identity.
    public init(id: String, created: Int, model: String, fingerprint: String) {
        self.id = id
        self.created = created
        self.model = model
        self.fingerprint = fingerprint
    }

    /// A fresh identity with 128 random bits, or with a client's id instead of them.
    public init(prefix: String, requestID: String? = nil, created: Int, model: String, fingerprint: String) {
        let id = requestID.map { prefix + $0 } ?? Self.freshID(prefix: prefix)
        self.init(id: id, created: created, model: model, fingerprint: fingerprint)
    }

    /// A prefix and 128 random bits in hexadecimal digits.
    public static func freshID(prefix: String) -> String {
        let digits = (0..<2).map { _ in
            let half = String(UInt64.random(in: 0...UInt64.max), radix: 16)
            return String(repeating: "0", count: 16 - half.count) + half
        }
        return prefix + digits.joined()
    }

    /// The keys before the choices, from `{"id":` to `"choices":`.
    func appendHead(object: StaticString, to bytes: inout [UInt8]) {
        bytes.put("{\"id\":")
        bytes.put(string: id)
        bytes.put(",\"object\":\"")
        bytes.put(object)
        bytes.put("\",\"created\":")
        bytes.put(integer: created)
        bytes.put(",\"model\":")
        bytes.put(string: model)
        bytes.put(",\"system_fingerprint\":")
        bytes.put(string: fingerprint)
        bytes.put(",\"choices\":")
    }
}
