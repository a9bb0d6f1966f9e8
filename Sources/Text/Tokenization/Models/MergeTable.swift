/// BPE's merges by the ids of their two parts: rank and result.
struct MergeTable: Sendable {
    private struct Entry {
        /// Left id in the upper half, right id in the lower; all ones when free.
        var key: UInt64 = .max
        var rank: UInt32 = 0
        var merged: TokenID = 0
    }

    private var entries: [Entry]

    /// Resolves "left right" lines against a vocabulary.
    ///
    /// The first of two equal merges counts. Merges that make a control token are left out: plain text must never become
    /// one.
    ///
    /// - Throws: `TokenizerError.malformedMerge`, `.mergeOfUnknownPiece`, `.tooLarge`.
    init(_ merges: [[UInt8]], _ table: PieceTable, _ attributes: [TokenAttributes]) throws(TokenizerError) {
        let limit = Int(Int32.max) / 4
        if merges.count > limit { throw .tooLarge(field: "merges", count: merges.count, limit: limit) }
        var capacity = 16
        while capacity < merges.count * 2 { capacity *= 2 }
        entries = [Entry](repeating: Entry(), count: capacity)
        // Merges mostly stand in the order of their results' ids, which saves a search.
        var expected: TokenID = 0
        for (rank, merge) in merges.enumerated() {
            let parts = merge.withUnsafeBufferPointer { Self.resolve($0, table, expected) }
            if parts.space == 0 { throw .malformedMerge(merge: Self.text(merge), rank: rank) }
            if parts.left < 0 || parts.right < 0 || parts.merged < 0 {
                let first = Array(merge[..<parts.space])
                let second = Array(merge[(parts.space + 1)...])
                let missing = parts.left < 0 ? first : parts.right < 0 ? second : first + second
                throw .mergeOfUnknownPiece(merge: Self.text(merge), rank: rank, piece: Self.text(missing))
            }
            expected = parts.merged + 1
            if attributes[Int(parts.merged)].isDisjoint(with: .special) {
                insert(parts.left, parts.right, UInt32(rank), parts.merged)
            }
        }
    }

    /// The ids of a merge's parts and of both together, -1 for what is no piece, and where the space between them is.
    ///
    /// A space can be a part's first byte but not all of it. `space` is 0 when no two parts are found.
    private static func resolve(
        _ merge: UnsafeBufferPointer<UInt8>,
        _ table: PieceTable,
        _ expected: TokenID,
    ) -> (space: Int, left: TokenID, right: TokenID, merged: TokenID) {
        var space = 1
        while space < merge.count, merge[space] != 0x20 { space += 1 }
        if space + 1 >= merge.count { return (0, -1, -1, -1) }
        let left = table.id(merge, 0, space)
        let right = table.id(merge, space + 1, merge.count - space - 1)
        if table.piece(expected, is: merge, without: space) { return (space, left, right, expected) }
        let joined = Array(merge[..<space]) + merge[(space + 1)...]
        return (space, left, right, table.id(joined))
    }

    /// The merge of two neighbours; rank `UInt32.max` when there is none.
    @inline(__always)
    func merge(_ left: TokenID, _ right: TokenID) -> (rank: UInt32, merged: TokenID) {
        let key = Self.key(left, right)
        var slot = Int(truncatingIfNeeded: ByteHash.mix(key)) & (entries.count - 1)
        while true {
            let entry = entries[slot]
            if entry.key == key { return (entry.rank, entry.merged) }
            if entry.key == .max { return (.max, -1) }
            slot = (slot + 1) & (entries.count - 1)
        }
    }

    /// An empty table with room for so many merges.
    init(capacity count: Int) {
        var capacity = 16
        while capacity < count * 2 { capacity *= 2 }
        entries = [Entry](repeating: Entry(), count: capacity)
    }

    /// Adds a merge, in the place of an earlier one of the same parts; no more of them than there is room for.
    mutating func replace(_ left: TokenID, _ right: TokenID, rank: UInt32, merged: TokenID) {
        let key = Self.key(left, right)
        var slot = Int(truncatingIfNeeded: ByteHash.mix(key)) & (entries.count - 1)
        while entries[slot].key != .max, entries[slot].key != key { slot = (slot + 1) & (entries.count - 1) }
        entries[slot] = Entry(key: key, rank: rank, merged: merged)
    }

    private mutating func insert(_ left: TokenID, _ right: TokenID, _ rank: UInt32, _ merged: TokenID) {
        let key = Self.key(left, right)
        var slot = Int(truncatingIfNeeded: ByteHash.mix(key)) & (entries.count - 1)
        while entries[slot].key != .max {
            if entries[slot].key == key { return }
            slot = (slot + 1) & (entries.count - 1)
        }
        entries[slot] = Entry(key: key, rank: rank, merged: merged)
    }

    @inline(__always)
    private static func key(_ left: TokenID, _ right: TokenID) -> UInt64 {
        UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
    }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
