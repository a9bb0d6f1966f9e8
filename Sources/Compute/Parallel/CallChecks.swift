/// Checks of what ranks are asked to exchange: a mistake is an error that names it, and no memory is touched.
enum CallChecks {
    /// Checks the numbers of elements that ranks have.
    ///
    /// - Parameters:
    ///   - total: Elements of all ranks together.
    ///   - own: Elements of this rank.
    /// - Throws: `CommunicatorError.failed` unless there is a number for each rank and they agree with the buffers.
    static func check(counts: [Int], ranks: Int, total: Int, own: Int, rank: Int) throws(CommunicatorError) {
        guard counts.count == ranks else {
            throw .failed("there are \(counts.count) counts for \(ranks) ranks")
        }
        var sum = 0
        for count in counts {
            let (next, overflow) = sum.addingReportingOverflow(count)
            guard count >= 0, !overflow else { throw .failed("the count \(count) of a rank is out of range") }
            sum = next
        }
        guard sum == total, counts[rank] == own else {
            throw .failed("the counts \(counts) don't fit rank \(rank)'s \(own) of \(total) elements")
        }
    }

    /// - Throws: `CommunicatorError.failed` unless there is such a rank.
    static func check(rank: Int, ranks: Int) throws(CommunicatorError) {
        guard rank >= 0, rank < ranks else { throw .failed("there is no rank \(rank) among \(ranks)") }
    }

    /// - Throws: `CommunicatorError.failed` unless there is such a rank and it is another one.
    static func check(peer: Int, of rank: Int, ranks: Int) throws(CommunicatorError) {
        try check(rank: peer, ranks: ranks)
        guard peer != rank else { throw .failed("rank \(rank) would exchange messages with itself") }
    }
}
