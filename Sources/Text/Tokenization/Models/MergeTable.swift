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
    /// The first of two equal merges counts. Merges that make a control token are left out: plain text must never become one.
    ///
    /// - Throws: `TokenizerError.malformedMerge`, `.mergeOfUnknownPiece`, `.tooLarge`.
    init(_ merges: [[UInt8]], _ table: PieceTable, _ attributes: [TokenAttributes]) throws(TokenizerError) {
        let limit = Int(Int32.max) / 4
        if merges.count > limit { throw .tooLarge(field: "merges", count: merges.count, limit: limit) }
        var capacity = 16
        while capacity < merges.count * 2 { capacity *= 2 }
        entries = [Entry](repeating: Entry(), count: capacity)
        var joined: [UInt8] = []
        for (rank, merge) in merges.enumerated() {
            // A space can be a part's first byte but not a part of its own end.
            guard let space = merge.dropFirst().firstIndex(of: 0x20), space + 1 < merge.count else {
                throw .malformedMerge(merge: Self.text(merge), rank: rank)
            }
            joined.removeAll(keepingCapacity: true)
            joined.append(contentsOf: merge[..<space])
            joined.append(contentsOf: merge[(space + 1)...])
            let (left, right, merged) = joined.withUnsafeBufferPointer { bytes in
                (
                    table.id(bytes, 0, space), table.id(bytes, space, bytes.count - space),
                    table.id(bytes, 0, bytes.count)
                )
            }
            if left < 0 || right < 0 || merged < 0 {
                let missing = left < 0 ? Array(merge[..<space]) : right < 0 ? Array(merge[(space + 1)...]) : joined
                throw .mergeOfUnknownPiece(merge: Self.text(merge), rank: rank, piece: Self.text(missing))
            }
            if attributes[Int(merged)].isDisjoint(with: .special) { insert(left, right, UInt32(rank), merged) }
        }
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
