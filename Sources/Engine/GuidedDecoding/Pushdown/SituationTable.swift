/// Where outputs can stand: lists of readings, each stored once.
///
/// The order of readings is part of it, because it says which ones are forgotten when there are too many.
struct SituationTable: Sendable {
    private var starts: [Int32] = [0]
    private var readings: [Reading] = []
    private var numbers = InternTable()

    /// Roughly how many bytes it takes.
    var byteCount: Int { readings.count * 8 + starts.count * 32 }

    /// The number of a list.
    mutating func number(of list: some Collection<Reading>) -> Int32 {
        let hash = Self.hash(list)
        if let known = numbers.find(hash, isSame: { self[$0].elementsEqual(list) }) { return known }
        let number = Int32(starts.count - 1)
        readings.append(contentsOf: list)
        starts.append(Int32(readings.count))
        numbers.insert(hash, number)
        return number
    }

    /// The readings of a situation.
    subscript(_ number: Int32) -> ArraySlice<Reading> {
        readings[Int(starts[Int(number)])..<Int(starts[Int(number) + 1])]
    }

    /// Whether an output is complete in a situation.
    func isComplete(_ number: Int32) -> Bool { self[number].contains { $0.state == 1 && $0.stack == 0 } }

    private static func hash(_ list: some Collection<Reading>) -> UInt64 {
        list.reduce(0) { InternTable.mix(InternTable.mix($0, $1.state), $1.stack) }
    }
}
