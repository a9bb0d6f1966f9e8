/// Checks that all ranks have found the same, before they compute with it.
package enum RankAgreement {
    /// Longest list of facts, in bytes.
    private static let limit = 1 << 16

    /// Compares what ranks have found; all ranks call it.
    ///
    /// - Parameter facts: One `name: value` each, for people.
    /// - Throws: `CommunicatorError.failed` on all ranks, naming the first rank that differs from rank 0 and what it has.
    package static func check(_ communicator: any Communicator, _ facts: [String]) throws(CommunicatorError) {
        guard communicator.size > 1 else { return }
        let all = try texts(communicator, facts.joined(separator: "\n"))
        for (rank, text) in all.enumerated() where text != all[0] {
            let (own, first) = (text.split(separator: "\n"), all[0].split(separator: "\n"))
            let different = zip(own, first).first { $0 != $1 } ?? (own.last ?? "nothing", first.last ?? "nothing")
            throw .failed("rank \(rank) has \(different.0), but rank 0 has \(different.1)")
        }
    }

    /// A text of each rank; all ranks call it.
    package static func texts(
        _ communicator: any Communicator,
        _ text: String,
    ) throws(CommunicatorError) -> [String] {
        let bytes = Array(text.utf8.prefix(limit))
        let lengths = try gather(
            communicator,
            withUnsafeBytes(of: Int64(bytes.count)) { Array($0) },
            [Int](repeating: 8, count: communicator.size)
        ).map { Int($0.withUnsafeBytes { $0.loadUnaligned(as: Int64.self) }) }
        guard lengths.allSatisfy({ (0...limit).contains($0) }) else { throw .failed("a rank's facts are too long") }
        return try gather(communicator, bytes, lengths).map { String(decoding: $0, as: UTF8.self) }
    }

    private static func gather(
        _ communicator: any Communicator,
        _ part: [UInt8],
        _ counts: [Int],
    ) throws(CommunicatorError) -> [ArraySlice<UInt8>] {
        let whole = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, counts.reduce(0, +)), alignment: 8)
        let own = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, part.count), alignment: 8)
        defer {
            whole.deallocate()
            own.deallocate()
        }
        own.copyBytes(from: part)
        try communicator.allGather(
            UnsafeRawBufferPointer(rebasing: own[..<part.count]),
            counts: counts,
            into: UnsafeMutableRawBufferPointer(rebasing: whole[..<counts.reduce(0, +)])
        )
        let bytes = Array(whole)[...]
        var first = 0
        return counts.map { count in
            defer { first += count }
            return bytes[first..<first + count]
        }
    }
}
