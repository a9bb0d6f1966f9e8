internal import Crypto

/// What all ranks of one start know and nobody else; it is never sent.
///
/// Both ends of a connection prove that they know it: each names a number that was never used before, and answers with a
/// code (HMAC, RFC 2104, with SHA-256) of both numbers, of what it is to the other, and of what the connection is for.
/// A proof is worth nothing on another connection, nor in the mouth of the other end.
struct RankSecret: Sendable {
    /// The variable that carries it.
    static let variable = "TRTLLM_RANK_SECRET"
    /// Fewest bytes: whoever listens may try to guess it.
    static let leastBytes = 16

    /// What an end of a connection is to the other.
    enum Role: String, Sendable {
        case joins, admits
    }

    private let key: SymmetricKey

    init(_ text: String) { key = SymmetricKey(data: SHA256.hash(data: Array("trtllm-ranks \(text)".utf8))) }

    /// A number that is used once, as text of always the same length.
    static func newNonce() -> String {
        var generator = SystemRandomNumberGenerator()
        return hexadecimal((0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) })
    }

    /// Whether a text may be what `newNonce` gives.
    static func isNonce(_ text: String) -> Bool {
        text.utf8.count == 64 && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    }

    /// What proves that this end of a connection knows the secret.
    ///
    /// - Parameters:
    ///   - nonces: Of the end that joins, and of the one that admits it.
    ///   - opening: What the connection is for, as it is sent.
    func proof(_ role: Role, _ nonces: (joining: String, admitting: String), _ opening: [UInt8]) -> String {
        Self.hexadecimal(Array(HMAC<SHA256>.authenticationCode(for: statement(role, nonces, opening), using: key)))
    }

    /// Whether the other end of a connection has proven that it knows the secret, in a time that tells nothing of it.
    func accepts(
        _ proof: String,
        _ role: Role,
        _ nonces: (joining: String, admitting: String),
        _ opening: [UInt8],
    ) -> Bool {
        let expected = Array(self.proof(role, nonces, opening).utf8)
        let given = Array(proof.utf8)
        guard given.count == expected.count else { return false }
        return zip(given, expected).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    private func statement(
        _ role: Role,
        _ nonces: (joining: String, admitting: String),
        _ opening: [UInt8],
    ) -> [UInt8] {
        let head = "trtllm-ranks \(RankMessage.version) \(role.rawValue)\n\(nonces.joining)\n\(nonces.admitting)\n"
        return Array(head.utf8) + opening
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        bytes.map { (($0 < 16 ? "0" : "") + String($0, radix: 16)) }.joined()
    }
}

extension RankIdentity {
    /// Refuses ranks that meet without a secret: to a host's own loop, too, any of its users may connect.
    ///
    /// - Throws: `CommunicatorError.failed` naming the variable, and how launchers hand it on.
    func checkSecret() throws(CommunicatorError) {
        guard size > 1, let address, secret.utf8.count < RankSecret.leastBytes else { return }
        throw Self.secretNeeded(rank: rank, secret: secret, meeting: "at \(address)")
    }

    /// Why ranks that meet where others may come need a secret.
    static func secretNeeded(rank: Int, secret: String, meeting: String) -> CommunicatorError {
        .failed(
            "rank \(rank): \(RankSecret.variable) has \(secret.utf8.count) bytes, but ranks that meet where others may come, here "
                + "\(meeting), need the same \(RankSecret.leastBytes) random bytes or more: mpirun hands it on with -x "
                + "\(RankSecret.variable), srun as it is, Kubernetes from a Secret"
        )
    }
}
