/// Those ranks that gave the same color to a split.
struct SplitGroup {
    /// Their ranks before the split, ascending.
    let members: [Int]
    /// This process's place among them.
    let rank: Int
    /// Whether what they exchange counts as that of all.
    let isCounted: Bool
    /// What ends their calls.
    let interruption: Interruption

    /// Learns the colors; all ranks of `communicator` call it.
    init(of communicator: some Communicator, color: Int, isCounted: Bool) throws(CommunicatorError) {
        self.isCounted = isCounted
        interruption = isCounted ? communicator.interruption : communicator.interruption.aside
        let colors = try Self.numbers(communicator, color)
        members = colors.indices.filter { colors[$0] == color }
        rank = members.firstIndex(of: communicator.rank) ?? 0
    }

    /// A number, 0 or above, that the first member makes and all of them get; all ranks of `communicator` call it.
    ///
    /// - Throws: what `make` throws, or `CommunicatorError.failed` when the first member couldn't make one.
    func agree(
        _ communicator: some Communicator,
        _ make: () throws(CommunicatorError) -> Int,
    ) throws(CommunicatorError) -> Int {
        let made: Result<Int, CommunicatorError>
        do throws(CommunicatorError) {
            made = .success(rank == 0 ? try make() : 0)
        } catch {
            made = .failure(error)
        }
        let numbers = try gather(communicator, (try? made.get()) ?? -1)
        let number = numbers[members[0]]
        _ = try made.get()
        guard number >= 0 else { throw .failed("rank \(members[0]) has nothing left for another group of ranks") }
        return number
    }

    /// A number of each rank of `communicator`, members or not; all of them call it.
    func gather(_ communicator: some Communicator, _ number: Int) throws(CommunicatorError) -> [Int] {
        try Self.numbers(communicator, number)
    }

    private static func numbers(_ communicator: some Communicator, _ number: Int) throws(CommunicatorError) -> [Int] {
        let size = communicator.size
        var numbers = [Int](repeating: 0, count: size)
        let failure = numbers.withUnsafeMutableBytes { numbers in
            withUnsafeBytes(of: number) { number in
                Self.error { () throws(CommunicatorError) in
                    try communicator.allGather(
                        number,
                        counts: [Int](repeating: MemoryLayout<Int>.size, count: size),
                        into: numbers
                    )
                }
            }
        }
        if let failure { throw failure }
        return numbers
    }

    private static func error(_ body: () throws(CommunicatorError) -> Void) -> CommunicatorError? {
        do throws(CommunicatorError) {
            try body()
            return nil
        } catch {
            return error
        }
    }
}
