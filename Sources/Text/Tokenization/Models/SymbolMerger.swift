/// Joins neighbouring symbols, best pair first and the leftmost of equals, until no pair can be joined.
///
/// A doubly linked list of symbols and a binary heap of pairs: n symbols take O(n log n), however long a word is.
/// A pair's priority and left symbol are packed into one number; an entry is stale when its symbol's current pair has
/// another priority. Short words are scanned instead, which is quicker.
struct SymbolMerger {
    /// A possible joining: smaller priorities go first, `UInt32.max` is "none".
    typealias Pair = (priority: UInt32, merged: TokenID)

    /// The id each symbol has now, -1 for a character that is no piece.
    private(set) var ids: [TokenID] = []
    /// Where each symbol begins in the text; the caller's business.
    private(set) var starts: [Int32] = []
    private var lengths: [Int32] = []
    private var previous: [Int32] = []
    private var next: [Int32] = []
    private var priorities: [UInt32] = []
    private var merged: [TokenID] = []
    private var heap = PairHeap()

    var count: Int { ids.count }

    mutating func reset() {
        ids.removeAll(keepingCapacity: true)
        starts.removeAll(keepingCapacity: true)
        lengths.removeAll(keepingCapacity: true)
    }

    @inline(__always)
    mutating func append(_ id: TokenID, start: Int, length: Int) {
        ids.append(id)
        starts.append(Int32(truncatingIfNeeded: start))
        lengths.append(Int32(truncatingIfNeeded: length))
    }

    /// Merges what was appended, some of it when it is to stop; `pair` gets two neighbouring symbols and says how they join.
    @inline(__always)
    mutating func merge(_ pair: (_ left: Symbol, _ right: Symbol) -> Pair, _ poll: inout CancellationPoll) {
        if ids.count < 2 { return }
        if ids.count <= 24 { mergeByScanning(pair) } else { mergeByHeap(pair, &poll) }
    }

    /// A symbol as `pair` sees it.
    struct Symbol {
        var id: TokenID
        var start: Int
        var length: Int
    }

    @inline(__always)
    private func symbol(_ index: Int) -> Symbol {
        Symbol(id: ids[index], start: Int(starts[index]), length: Int(lengths[index]))
    }

    private mutating func preparePairs(_ pair: (Symbol, Symbol) -> Pair) {
        priorities.removeAll(keepingCapacity: true)
        merged.removeAll(keepingCapacity: true)
        for index in 0..<ids.count - 1 {
            let found = pair(symbol(index), symbol(index + 1))
            priorities.append(found.priority)
            merged.append(found.merged)
        }
        priorities.append(.max)
        merged.append(-1)
    }

    @inline(__always)
    private mutating func mergeByScanning(_ pair: (Symbol, Symbol) -> Pair) {
        preparePairs(pair)
        var count = ids.count
        while true {
            var best = UInt32.max
            var left = 0
            for index in 0..<count where priorities[index] < best {
                best = priorities[index]
                left = index
            }
            if best == .max { break }
            ids[left] = merged[left]
            lengths[left] += lengths[left + 1]
            count -= 1
            for index in left + 1..<max(left + 1, count) { move(index + 1, to: index) }
            if left > 0 { update(left - 1, pair(symbol(left - 1), symbol(left))) }
            update(left, left + 1 < count ? pair(symbol(left), symbol(left + 1)) : (.max, -1))
        }
        truncate(count)
    }

    @inline(__always)
    private mutating func move(_ index: Int, to place: Int) {
        ids[place] = ids[index]
        starts[place] = starts[index]
        lengths[place] = lengths[index]
        priorities[place] = priorities[index]
        merged[place] = merged[index]
    }

    private mutating func truncate(_ count: Int) {
        ids.removeLast(ids.count - count)
        starts.removeLast(starts.count - count)
        lengths.removeLast(lengths.count - count)
    }

    @inline(__always)
    private mutating func update(_ index: Int, _ pair: Pair) {
        priorities[index] = pair.priority
        merged[index] = pair.merged
    }

    private mutating func mergeByHeap(_ pair: (Symbol, Symbol) -> Pair, _ poll: inout CancellationPoll) {
        let count = ids.count
        preparePairs(pair)
        previous = (0..<Int32(count)).map { $0 - 1 }
        next = (1...Int32(count)).map { $0 }
        heap.removeAll()
        for index in 0..<count where priorities[index] != .max { heap.push(priorities[index], index) }
        while let (priority, left) = heap.pop() {
            if poll.hasToStop(after: 1) { break }
            if priorities[left] != priority { continue }
            let right = Int(next[left])
            let after = Int(next[right])
            ids[left] = merged[left]
            lengths[left] += lengths[right]
            lengths[right] = 0
            priorities[right] = .max
            next[left] = Int32(after)
            if after < count { previous[after] = Int32(left) }
            if previous[left] >= 0 {
                let before = Int(previous[left])
                reconsider(before, pair(symbol(before), symbol(left)))
            }
            reconsider(left, after < count ? pair(symbol(left), symbol(after)) : (.max, -1))
        }
        compact()
    }

    @inline(__always)
    private mutating func reconsider(_ index: Int, _ pair: Pair) {
        update(index, pair)
        if pair.priority != .max { heap.push(pair.priority, index) }
    }

    /// Drops the symbols that were joined into others.
    private mutating func compact() {
        var kept = 0
        for index in 0..<ids.count where lengths[index] > 0 {
            ids[kept] = ids[index]
            starts[kept] = starts[index]
            lengths[kept] = lengths[index]
            kept += 1
        }
        truncate(kept)
    }

    /// The length of a symbol in the caller's measure.
    @inline(__always)
    func length(_ index: Int) -> Int { Int(lengths[index]) }
}

/// A binary heap of (priority, index), smallest first.
struct PairHeap {
    private var items: [UInt64] = []

    mutating func removeAll() { items.removeAll(keepingCapacity: true) }

    @inline(__always)
    mutating func push(_ priority: UInt32, _ index: Int) {
        let item = UInt64(priority) << 32 | UInt64(UInt32(truncatingIfNeeded: index))
        var child = items.count
        items.append(item)
        while child > 0 {
            let parent = (child - 1) / 2
            if items[parent] <= item { break }
            items[child] = items[parent]
            child = parent
        }
        items[child] = item
    }

    @inline(__always)
    mutating func pop() -> (priority: UInt32, index: Int)? {
        guard let first = items.first, let last = items.popLast() else { return nil }
        if !items.isEmpty {
            var parent = 0
            while true {
                var child = parent * 2 + 1
                if child >= items.count { break }
                if child + 1 < items.count, items[child + 1] < items[child] { child += 1 }
                if items[child] >= last { break }
                items[parent] = items[child]
                parent = child
            }
            items[parent] = last
        }
        return (UInt32(truncatingIfNeeded: first >> 32), Int(first & 0xFFFF_FFFF))
    }
}
