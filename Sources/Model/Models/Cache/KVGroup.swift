/// Layers that keep keys and values equally long; each sequence has a table of blocks for each group.
///
/// All groups have equally many layers of the same size, so that a block of the cache can be any group's: one pool serves
/// contexts of all lengths, however the layers' needs relate. A model whose layers are all alike has one group.
public struct KVGroup: Sendable, Hashable {
    /// A token sees itself and the `window - 1` tokens before it; 0 for all.
    public let window: Int
    /// The group's layers in order; the first of all groups share a part of the memory, and so do the others.
    package let layers: [Int]

    /// A group of some layers.
    package init(window: Int, layers: [Int]) {
        self.window = window
        self.layers = layers
    }

    /// The only group of a model that keeps everything.
    package static func all(layers: Int) -> KVGroup { KVGroup(window: 0, layers: Array(0..<layers)) }

    /// The first position that a token at `position` sees.
    package func firstSeen(from position: Int) -> Int { window == 0 ? 0 : max(0, position - window + 1) }
}

extension DecoderShape {
    /// The groups of the layers, those first that keep most; `longestSequence` is as long as a sequence gets.
    ///
    /// Layers of different sizes are one group that keeps everything.
    package func kvGroups(_ type: KVCacheType, longestSequence: Int) -> [KVGroup] {
        let sizes = layers.map { [$0.attention.cachedHeadCount, KVStorage.tileBytes(type, $0.attention)] }
        let windows = layers.map { $0.attention.window < longestSequence ? $0.attention.window : 0 }
        guard Set(sizes).count == 1 else { return [.all(layers: layers.count)] }
        let members = Dictionary(grouping: layers.indices) { windows[$0] }
        let size = members.values.reduce(0) { Self.commonDivisor($0, $1.count) }
        let order = members.keys.sorted { ($0 == 0 ? .max : $0) > ($1 == 0 ? .max : $1) }
        return order.flatMap { window in
            let own = members[window] ?? []
            return stride(from: 0, to: own.count, by: size).map { start in
                KVGroup(window: window, layers: Array(own[start..<start + size]))
            }
        }
    }

    private static func commonDivisor(_ left: Int, _ right: Int) -> Int {
        right == 0 ? left : commonDivisor(right, left % right)
    }
}
