import HTTPTypes
import NIOHTTP1
import OpenAIProtocol

/// Which keys let a request in: `Authorization: Bearer KEY` as OpenAI's clients send it, or `x-api-key` as Anthropic's.
struct KeyRule: Sendable {
    private let keys: [[UInt8]]

    /// - Parameter keys: None: everybody is let in.
    init(_ keys: [String]) { self.keys = keys.map { Array($0.utf8) } }

    /// Whose a request is, `nil` when it has no key; takes as long for a wrong key as for one that is nearly right.
    func owner(of headers: HTTPHeaders) -> KeyOwner? {
        guard !keys.isEmpty else { return KeyOwner(key: nil) }
        var owner: KeyOwner?
        for presented in Self.presented(headers) {
            for (index, key) in keys.enumerated() where Self.areEqual(presented, key) {
                owner = owner ?? KeyOwner(key: index)
            }
        }
        return owner
    }

    /// What a request without one of the keys is answered.
    func refusal(_ headers: HTTPHeaders, _ errors: ErrorShape) -> Reply {
        let message =
            Self.presented(headers).isEmpty
            ? "this server wants a key: send 'Authorization: Bearer KEY'" : "the API key isn't one of this server's"
        let error = ErrorBody(status: 401, message: message, type: "AuthenticationError", code: "invalid_api_key")
        return Reply(error: error, as: errors).with(.wwwAuthenticate, "Bearer")
    }

    private static func presented(_ headers: HTTPHeaders) -> [[UInt8]] {
        let bearer = headers["authorization"].compactMap { field -> String? in
            let parts = field.split(separator: " ", maxSplits: 1)
            guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
            return String(parts[1].drop { $0 == " " })
        }
        return (bearer + headers["x-api-key"]).map { Array($0.utf8) }
    }

    /// Compares in a time that depends on the length of what a client sent, never on where it differs.
    private static func areEqual(_ presented: [UInt8], _ key: [UInt8]) -> Bool {
        guard !key.isEmpty else { return false }
        var difference = presented.count ^ key.count
        for (index, byte) in presented.enumerated() { difference |= Int(byte ^ key[index % key.count]) }
        return difference == 0
    }
}

/// Who sends requests, as far as it can be told: who has a certain key, or anybody where there are none.
package struct KeyOwner: Sendable, Hashable {
    /// The place of the key among the server's; `nil` where it has none.
    let key: Int?

    /// Who has a key.
    package init(key: Int?) { self.key = key }
}
