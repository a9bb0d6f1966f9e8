internal import Glibc

/// How a rank comes to another one: it connects, both prove that they know the secret, and it says what the connection
/// is for.
///
///     joins   -> greeting(nonce)
///     admits  -> greeting(nonce)
///     joins   -> proof, opening
///     admits  -> proof
struct Introduction {
    let secret: RankSecret
    /// What the connection is for, once it is there.
    let opening: (Stream) -> RankMessage

    /// Connects to a rank that admits others (`Reception`), again and again while it has no time for this one.
    ///
    /// - Throws: `CommunicatorError.failed` when that can't be done by the deadline, or the other end isn't such a rank.
    func connect(to address: SocketAddress, _ deadline: Deadline) throws(CommunicatorError) -> FramedStream {
        repeat {
            let link = FramedStream(try Stream.connect(to: address, deadline))
            if try introduce(to: link, at: address, deadline) { return link }
            usleep(50_000)
        } while !deadline.isOver
        throw .failed("\(address) ends every connection")
    }

    /// - Returns: whether the connection has lasted.
    private func introduce(
        to link: FramedStream,
        at address: SocketAddress,
        _ deadline: Deadline,
    ) throws(CommunicatorError) -> Bool {
        func answer(_ messages: [[UInt8]]) -> [UInt8]? {
            guard messages.allSatisfy({ (try? link.send($0, deadline)) != nil }) else { return nil }
            return try? link.receive(deadline)
        }
        let (nonce, bytes) = (RankSecret.newNonce(), opening(link.stream).bytes)
        guard let greeting = answer([RankMessage.greeting(version: RankMessage.version, nonce: nonce).bytes]) else {
            return false
        }
        guard case .greeting(let version, let other)? = RankMessage(greeting) else {
            throw Self.stranger(greeting, address)
        }
        guard version == RankMessage.version, RankSecret.isNonce(other) else {
            throw .failed("the ranks at \(address) are another version's: all must run the same program")
        }
        let nonces = (nonce, other)
        guard let proof = answer([RankMessage.proof(secret.proof(.joins, nonces, bytes)).bytes, bytes]) else {
            return false
        }
        guard case .proof(let code)? = RankMessage(proof) else { throw Self.stranger(proof, address) }
        guard secret.accepts(code, .admits, nonces, bytes) else {
            throw .failed("what answers at \(address) doesn't know the secret of \(RankSecret.variable)")
        }
        return true
    }

    private static func stranger(_ answer: [UInt8], _ address: SocketAddress) -> CommunicatorError {
        if case .end(let reason)? = RankMessage(answer) { return .failed(reason) }
        return .failed("what answers at \(address) isn't a rank")
    }
}
