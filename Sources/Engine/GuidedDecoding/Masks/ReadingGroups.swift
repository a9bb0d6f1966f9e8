/// Readings by what is known of their states, so that what is known alike is looked at once.
struct ReadingGroups {
    struct Group {
        let reference: StateTokens
        var readings: [Reading]
        /// The tokens that have to be tried one by one.
        var exceptions: [Int32]
    }

    /// The groups, by their first readings.
    private(set) var groups: [Group] = []

    mutating func add(_ reading: Reading, _ known: StateKnowledge) {
        guard let index = groups.firstIndex(where: { $0.reference === known.reference }) else {
            groups.append(
                Group(reference: known.reference, readings: [reading], exceptions: known.exceptions)
            )
            return
        }
        groups[index].readings.append(reading)
        if groups[index].exceptions.isEmpty {
            groups[index].exceptions = known.exceptions
        } else if !known.exceptions.isEmpty {
            groups[index].exceptions = Array(Set(groups[index].exceptions).union(known.exceptions)).sorted()
        }
    }
}

/// The masks of the last situations whose masks took long to find.
struct MaskCache: Sendable {
    private static let capacity = 32
    private var masks: [Int32: TokenMask] = [:]
    private var order: [Int32] = []
    private var next = 0

    /// How many masks there are.
    var count: Int { masks.count }

    subscript(_ situation: Int32) -> TokenMask? { masks[situation] }

    mutating func remember(_ situation: Int32, _ mask: TokenMask) {
        if order.count < Self.capacity {
            order.append(situation)
        } else {
            masks[order[next]] = nil
            order[next] = situation
            next = (next + 1) % Self.capacity
        }
        masks[situation] = mask
    }
}
