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
                try Self.withBytes(encoded.head) { bytes throws(CommunicatorError) in try world.send(bytes, to: rank) }
                guard !encoded.body.isEmpty else { continue }
                try Self.withBytes(encoded.body) { bytes throws(CommunicatorError) in try world.send(bytes, to: rank) }
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
        try Self.withBytes(bytes) { bytes throws(CommunicatorError) in try world.send(bytes, to: 0) }
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

    private func receive<Number: BitwiseCopyable & ExpressibleByIntegerLiteral>(
        _ count: Int,
        from rank: Int,
    ) throws(CommunicatorError) -> [Number] {
        var numbers = [Number](repeating: 0, count: count)
        var failure: CommunicatorError?
        numbers.withUnsafeMutableBytes { bytes in
            do throws(CommunicatorError) {
                try clock.busy(.exchange) { () throws(CommunicatorError) in try world.receive(bytes, from: rank) }
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return numbers
    }

    private static func withBytes<Number: BitwiseCopyable>(
        _ numbers: [Number],
        _ body: (UnsafeRawBufferPointer) throws(CommunicatorError) -> Void,
    ) throws(CommunicatorError) {
        let result = numbers.withUnsafeBytes { bytes in
            do throws(CommunicatorError) {
                try body(bytes)
                return Result<Void, CommunicatorError>.success(())
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }
}
