internal import Parallel

/// Brings together what ranks have of rows, as an operation of a program.
///
/// A product is cut by its outputs alone, and what it multiplies is whole on every rank: so each number is computed by one rank
/// as one process computes it, and how many ranks there are changes no bit.
///
/// Valid as long as the group lives; using it counts no reference.
struct RankGather {
    private unowned(unsafe) let group: RankGroup
    /// Whether only the ranks that have the same experts take part, rather than all of the stage.
    private let sharesExperts: Bool
    /// Which numbers of a row each rank has, one behind the other.
    private let parts: UnsafeBufferPointer<Range<Int>>
    /// All ranks' rows, rank after rank, each `[rows, part]`.
    private let memory: UnsafeMutablePointer<Float>
    /// How many numbers of a row this rank has.
    let ownCount: Int

    /// Rows of which the ranks that have the same experts, or all of the stage, have `parts`.
    ///
    /// - Parameters:
    ///   - own: Which part is this rank's.
    ///   - memory: Room for all ranks' rows.
    init(
        _ group: RankGroup,
        sharesExperts: Bool = false,
        parts: [Range<Int>],
        own: Int,
        memory: UnsafeMutablePointer<Float>,
        arrays: RawArrays,
    ) {
        self.group = group
        self.sharesExperts = sharesExperts
        self.parts = arrays.add(parts)
        self.memory = memory
        ownCount = parts[own].count
    }

    /// Exchanges this rank's part of some rows, `[rows, part]`, for all of them.
    func gather(_ part: UnsafePointer<Float>, rows: Int) {
        group.gather(part, counts: parts.map { $0.count * rows }, into: memory, sharesExperts: sharesExperts)
    }

    /// What a rank has of a row of `rows` that were exchanged.
    func part(of rank: Int, row: Int, rows: Int) -> UnsafePointer<Float> {
        UnsafePointer(memory + parts[rank].lowerBound * rows + row * parts[rank].count)
    }

    /// Writes a row of `rows` that were exchanged.
    func copy(_ row: Int, of rows: Int, to target: UnsafeMutablePointer<Float>) {
        for rank in parts.indices {
            let range = parts[rank]
            (target + range.lowerBound).update(from: part(of: rank, row: row, rows: rows), count: range.count)
        }
    }
}

extension RankGroup {
    /// Puts numbers of the ranks that have the same experts, or of all of the stage, one behind the other.
    ///
    /// Precondition: this rank's part has as many as `counts` says.
    func gather(
        _ part: UnsafePointer<Float>,
        counts: [Int],
        into whole: UnsafeMutablePointer<Float>,
        sharesExperts: Bool,
    ) {
        let ranks = sharesExperts ? experts : stage
        exchange { () throws(CommunicatorError) in
            try ranks.allGather(
                UnsafeBufferPointer(start: part, count: counts[ranks.rank]),
                counts: counts,
                into: UnsafeMutableBufferPointer(start: whole, count: counts.reduce(0, +))
            )
        }
    }
}
