/// A secret that says who asks; it is sent to the hub's own address only, and never shown.
public struct HubToken: Sendable, CustomStringConvertible {
    /// Where it comes from, for messages.
    let source: String
    let secret: String

    /// Longest token, and largest file of one.
    private static let limit = 4096

    /// Where it comes from.
    public var description: String { "token of \(source)" }

    /// The token of the environment, else that of a file, which needn't be there.
    ///
    /// - Throws: `HubError.invalidSetting` when it has characters that no token has: they could change the request.
    static func find(_ variables: HubVariables, file: String) throws(HubError) -> HubToken? {
        for name in ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"] {
            if let text = variables.text(name), let token = try HubToken(text, source: name) { return token }
        }
        guard let bytes = try? SmallFile.read(file, limit: limit) else { return nil }
        return try HubToken(String(decoding: bytes, as: UTF8.self), source: file)
    }

    /// `nil` when there are only blanks.
    private init?(_ text: String, source: String) throws(HubError) {
        let isBlank: (Character) -> Bool = { $0.isWhitespace }
        let secret = String(text.drop(while: isBlank).reversed().drop(while: isBlank).reversed())
        guard !secret.isEmpty else { return nil }
        guard secret.utf8.count <= Self.limit, secret.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw .invalidSetting(
                variable: source,
                reason: "a token has at most \(Self.limit) characters, none of them a blank or outside ASCII"
            )
        }
        self.secret = secret
        self.source = source
    }
}
