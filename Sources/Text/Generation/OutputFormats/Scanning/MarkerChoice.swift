/// Reads one of some markers that has to come next, perhaps after white space.
package struct MarkerChoice: Sendable {
    /// What came of a byte.
    package enum Step: Sendable, Equatable {
        /// So far it may be a marker.
        case more
        /// The marker of this index is complete.
        case marker(Int)
        /// It is none of them; whether bytes before this one belonged to the beginning of one.
        case none(wasInside: Bool)
    }

    private let markers: [[UInt8]]
    private let skipsSpace: Bool
    private var candidates: [Int]
    private var position = 0

    /// A choice of markers as they stand in the stream; none may begin another.
    package init(_ markers: [[UInt8]], skipsSpace: Bool = true) {
        self.markers = markers
        self.skipsSpace = skipsSpace
        candidates = Array(markers.indices)
    }

    /// Takes the next byte.
    package mutating func take(_ byte: UInt8) -> Step {
        if position == 0, skipsSpace, byte.isSpace { return .more }
        candidates.removeAll { markers[$0].count <= position || markers[$0][position] != byte }
        if candidates.isEmpty { return .none(wasInside: position > 0) }
        position += 1
        return candidates.first { markers[$0].count == position }.map { .marker($0) } ?? .more
    }

    /// Takes the next byte where the markers end a section of calls and needn't be there.
    mutating func takeCloser(_ byte: UInt8) -> CallStep {
        switch take(byte) {
        case .more: .more
        case .marker: .end
        case .none(let wasInside): wasInside ? .fault : .endBefore
        }
    }
}

extension UInt8 {
    /// Whether it is JSON's white space.
    var isSpace: Bool { self == 0x20 || self == 0x0A || self == 0x0D || self == 0x09 }
}

extension [UInt8] {
    /// Without white space at either end.
    var trimmed: ArraySlice<UInt8> {
        guard let first = firstIndex(where: { !$0.isSpace }), let last = lastIndex(where: { !$0.isSpace }) else {
            return []
        }
        return self[first...last]
    }
}
