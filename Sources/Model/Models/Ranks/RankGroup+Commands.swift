internal import Parallel

extension RankGroup {
    /// Bytes of a rank's reply, in which the reason of a failure is cut short.
    private static let replyBytes = 512

    /// Tells some ranks what to do.
    func command(_ command: RankCommand, _ ranks: some Sequence<Int>) {
        clock.see()
        let encoded = EncodedCommand(command)
        exchange { () throws(CommunicatorError) in
            for rank in ranks {
                try world.send(encoded.head, to: rank)
                if !encoded.body.isEmpty { try world.send(encoded.body, to: rank) }
            }
        }
    }

    /// Waits for what rank 0 wants.
    func nextCommand() throws(CommunicatorError) -> RankCommand {
        let head: [Int64] = try receive(EncodedCommand.headCount, from: 0)
        guard let count = EncodedCommand.bodyCount(head) else { throw .failed("rank 0 sent what isn't a command") }
        let body: [Int32] = count == 0 ? [] : try receive(count, from: 0)
        guard let command = EncodedCommand(head: head, body: body).command else {
            throw .failed("rank 0 sent a command that can't be read")
        }
        return command
    }

    /// Tells rank 0 that a command has succeeded, or why not.
    func reply(_ failure: String?) throws(CommunicatorError) {
        var bytes = Array((failure ?? "").utf8.prefix(Self.replyBytes))
        bytes += Array(repeating: 0, count: Self.replyBytes - bytes.count)
        try world.send(bytes, to: 0)
    }

    /// What the other ranks reply: the first failure, if there is one.
    ///
    /// - Throws: `ModelError.onRank` with a rank's failure, or `CommunicatorError`.
    func checkReplies() throws {
        try check()
        var failure: ModelError?
        for rank in 1..<world.size {
            let bytes: [UInt8] = try receive(Self.replyBytes, from: rank)
            let text = String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            if !text.isEmpty, failure == nil { failure = .onRank(rank, text) }
        }
        if let failure { throw failure }
    }

    /// Receives numbers as an exchange, in which the thread that waits looks up again and again.
    private func receive<Number: BitwiseCopyable & ExpressibleByIntegerLiteral>(
        _ count: Int,
        from rank: Int,
    ) throws(CommunicatorError) -> [Number] {
        var numbers: [Number] = []
        try clock.busy(.exchange) { () throws(CommunicatorError) in numbers = try world.receive(count, from: rank) }
        return numbers
    }
}
