/// Which rank a process is, and how it finds the others; whoever starts it says so in its environment.
package struct RankIdentity: Sendable, Hashable {
    /// This process's place, `0..<size`.
    package var rank: Int
    /// Number of ranks.
    package var size: Int
    /// Where rank 0 waits for the others; `nil` when they are to find out by MPI.
    package var address: SocketAddress?
    /// What all ranks of one start know and nobody else.
    package var secret: String

    /// Most ranks of one server.
    package static let limit = 4096

    /// A known identity.
    package init(rank: Int, size: Int, address: SocketAddress?, secret: String) {
        self.rank = rank
        self.size = size
        self.address = address
        self.secret = secret
    }

    /// What the environment says: `TRTLLM_RANK`, `TRTLLM_WORLD_SIZE`, `TRTLLM_RANK_ADDRESS` and `TRTLLM_RANK_SECRET`.
    ///
    /// - Returns: `nil` when it says nothing of ranks.
    /// - Throws: `CommunicatorError.failed` naming the variable that isn't what it must be.
    package init?(environment: [String: String]) throws(CommunicatorError) {
        guard let rank = environment["TRTLLM_RANK"] else { return nil }
        let sizeText = environment["TRTLLM_WORLD_SIZE"] ?? ""
        guard let size = Int(sizeText), (1...Self.limit).contains(size) else {
            throw .failed("TRTLLM_WORLD_SIZE is '\(sizeText)', but must be from 1 to \(Self.limit)")
        }
        guard let number = Int(rank), (0..<size).contains(number) else {
            throw .failed("TRTLLM_RANK is '\(rank)', but must be from 0 to \(size - 1)")
        }
        var address: SocketAddress?
        if let text = environment["TRTLLM_RANK_ADDRESS"], !text.isEmpty {
            guard let read = SocketAddress(text) else {
                throw .failed("TRTLLM_RANK_ADDRESS is '\(text)', but must be HOST:PORT")
            }
            address = read
        }
        self.init(rank: number, size: size, address: address, secret: environment[RankSecret.variable] ?? "")
        try checkSecret()
    }

    /// A secret that nobody guesses.
    package static func newSecret() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<4).map { _ in String(generator.next() as UInt64, radix: 16) }.joined(separator: "-")
    }

    /// The environment that says so.
    package var environment: [String: String] {
        [
            "TRTLLM_RANK": "\(rank)", "TRTLLM_WORLD_SIZE": "\(size)",
            "TRTLLM_RANK_ADDRESS": address.map { "\($0)" } ?? "", RankSecret.variable: secret,
        ]
    }
}
