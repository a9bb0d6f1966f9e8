/// Who takes turns with others: all sequences of one client's request.
struct TurnGroup: Sendable, Hashable {
    private let client: UInt64?
    private let request: UInt64?

    /// The group a request names, or one of its own.
    init(_ request: EngineRequest, id: UInt64) {
        client = request.group
        self.request = request.group == nil ? id : nil
    }
}

/// The sequences that wait for a place, and whose turn it is.
///
/// The next place belongs to the group that holds the fewest places; of several with as few, to the one that has waited
/// longest since it came or last got a place. Within a group the oldest goes first. So nobody can take all places by
/// asking for much, and equals are served in the order of arrival. Every change costs a search in sorted arrays.
struct WaitingLine: Sendable {
    /// A group's place in the order of turns.
    private struct Turn: Sendable {
        var places: Int
        var since: UInt64
        var head: SequenceKey
        var rank: (Int, UInt64) { (places, since) }

        init?(_ group: Group) {
            guard let head = group.waiting.first else { return nil }
            self.head = head
            (places, since) = (group.places, group.since)
        }
    }

    private struct Group: Sendable {
        var places = 0
        /// When it began to wait, or last got a place.
        var since: UInt64 = 0
        /// Oldest first.
        var waiting: [SequenceKey] = []
    }

    private var groups: [TurnGroup: Group] = [:]
    /// The groups in which somebody waits, the next one first.
    private var turns: [Turn] = []
    private var sequences: [SequenceKey: TokenSequence] = [:]
    /// Counts the moments at which a group began to wait or got a place.
    private var now: UInt64 = 0
    /// How many of them have run and were stopped.
    private(set) var pausedCount = 0

    /// How many wait.
    var count: Int { sequences.count }

    /// All that wait, in no order.
    var all: some Collection<TokenSequence> { sequences.values }

    /// The sequence whose turn comes after `others` that are passed over.
    func head(after others: Int) -> TokenSequence? {
        others < turns.count ? sequences[turns[others].head] : nil
    }

    /// How many places a group holds.
    func places(of group: TurnGroup) -> Int { groups[group]?.places ?? 0 }

    mutating func insert(_ sequence: TokenSequence) {
        let key = sequence.key
        if sequence.isPaused { pausedCount += 1 }
        sequences[key] = sequence
        now += 1
        change(sequence.group) { [now] group in
            if group.waiting.isEmpty { group.since = now }
            group.waiting.insert(key, at: group.waiting.partitioningIndex { $0 >= key })
        }
    }

    mutating func remove(_ key: SequenceKey) {
        guard let sequence = sequences.removeValue(forKey: key) else { return }
        if sequence.isPaused { pausedCount -= 1 }
        change(sequence.group) { group in
            group.waiting.remove(at: group.waiting.partitioningIndex { $0 >= key })
        }
    }

    /// Removes all sequences of a request.
    mutating func removeAll(of request: UInt64, in group: TurnGroup) {
        let waiting = groups[group]?.waiting ?? []
        let first = waiting.partitioningIndex { $0.request >= request }
        for key in waiting[first...].prefix(while: { $0.request == request }) { remove(key) }
    }

    mutating func removeAll() {
        for key in Array(sequences.keys) { remove(key) }
    }

    /// Counts places that a group got, or gave back.
    mutating func addPlaces(_ count: Int, to group: TurnGroup) {
        now += 1
        change(group) { [now] group in
            group.places += count
            if count > 0 { group.since = now }
        }
    }

    /// Notes that somebody behind it was preferred to a sequence.
    mutating func notePassing(_ key: SequenceKey) { sequences[key]?.timesPassed += 1 }

    /// What is wrong with the line, for tests; empty when all is well.
    func problems(running: [TokenSequence]) -> [String] {
        var problems: [String] = []
        var places: [TurnGroup: Int] = [:]
        for sequence in running { places[sequence.group, default: 0] += 1 }
        for (name, group) in groups where group.places != places[name] ?? 0 {
            problems.append("a group is thought to hold \(group.places) places, not \(places[name] ?? 0)")
        }
        if groups.values.reduce(0, { $0 + $1.waiting.count }) != sequences.count {
            problems.append("sequences wait without a group, or the reverse")
        }
        for group in groups.values where group.waiting != group.waiting.sorted() {
            problems.append("a group's sequences are out of order")
        }
        if turns.count != groups.values.count(where: { !$0.waiting.isEmpty }) { problems.append("turns are missing") }
        for (turn, next) in zip(turns, turns.dropFirst()) where turn.rank >= next.rank {
            problems.append("turns are out of order")
        }
        if pausedCount != sequences.values.count(where: \.isPaused) {
            problems.append("paused sequences are miscounted")
        }
        return problems
    }

    /// Changes a group and puts it where it then belongs in the order of turns.
    private mutating func change(_ name: TurnGroup, _ change: (inout Group) -> Void) {
        var group = groups.removeValue(forKey: name) ?? Group()
        if let turn = Turn(group) { turns.remove(at: position(of: turn)) }
        change(&group)
        if let turn = Turn(group) { turns.insert(turn, at: position(of: turn)) }
        if group.places > 0 || !group.waiting.isEmpty { groups[name] = group }
    }

    private func position(of turn: Turn) -> Int { turns.partitioningIndex { $0.rank >= turn.rank } }
}

extension RandomAccessCollection where Index == Int {
    /// Where the elements begin that satisfy a predicate which all elements behind the first such satisfy, too.
    func partitioningIndex(where belongsBehind: (Element) -> Bool) -> Int {
        var (low, high) = (startIndex, endIndex)
        while low < high {
            let middle = low + (high - low) / 2
            if belongsBehind(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
