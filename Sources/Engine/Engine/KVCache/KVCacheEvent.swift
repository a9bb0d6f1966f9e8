/// What happened to the KV cache, for whoever keeps track of the prefixes that it holds.
public enum KVCacheEvent: Sendable, Hashable {
    /// The cache was made, of so many blocks.
    case created(blockCount: Int)
    /// A block of tokens can be found from now on.
    ///
    /// - Parameters:
    ///   - hash: Its name, below 2^53: it depends on its tokens and on the block that it continues.
    ///   - parent: The hash of the block that it continues; `nil` at the beginning.
    case stored(hash: UInt64, parent: UInt64?, tokens: [Int32])
    /// Blocks can't be found any more.
    case removed(hashes: [UInt64])
}

/// Notes what happens to full blocks that can be found, until it is taken.
///
/// Blocks of a namespace of its own have hashes that nobody can compute who doesn't have its tokens and the server's events.
struct KVCacheEventNotes: Sendable {
    private var events: [KVCacheEvent]
    /// Blocks that were removed behind the last event.
    private var removed: [UInt64] = []
    /// The hashes of known blocks, by the prefixes that they lead to.
    private var hashes: [UInt64: UInt64] = [:]

    /// Notes that begin with the cache.
    init(blockCount: Int) { events = [.created(blockCount: blockCount)] }

    /// Notes a block that leads from one prefix to another, unless it was known before.
    mutating func store(_ tokens: ArraySlice<Int32>, from parent: UInt64, to prefix: UInt64) {
        guard hashes[prefix] == nil else { return }
        let hash = Self.hash(tokens, behind: hashes[parent] ?? parent)
        hashes[prefix] = hash
        noteRemoved()
        events.append(.stored(hash: hash, parent: hashes[parent], tokens: Array(tokens)))
    }

    /// Notes that the block isn't known any more that leads to a prefix.
    mutating func remove(_ prefix: UInt64) {
        guard let hash = hashes.removeValue(forKey: prefix) else { return }
        removed.append(hash)
    }

    private mutating func noteRemoved() {
        if !removed.isEmpty { events.append(.removed(hashes: removed)) }
        removed = []
    }

    /// Notes that nothing is known any more.
    mutating func removeAll() {
        removed += hashes.values.sorted()
        hashes = [:]
    }

    /// What was noted since the last time.
    mutating func take() -> [KVCacheEvent] {
        noteRemoved()
        defer { events = [] }
        return events
    }

    /// Mixes with the finalizer of SplitMix64 (Steele, Lea & Flood 2014).
    private static func hash(_ tokens: ArraySlice<Int32>, behind parent: UInt64) -> UInt64 {
        var hash = parent
        for token in tokens {
            hash = (hash ^ UInt64(UInt32(bitPattern: token))) &+ 0x9E37_79B9_7F4A_7C15
            hash = (hash ^ (hash >> 30)) &* 0xBF58_476D_1CE4_E5B9
            hash = (hash ^ (hash >> 27)) &* 0x94D0_49BB_1331_11EB
            hash ^= hash >> 31
        }
        return hash >> 11
    }
}

/// An event with its number, which tells whether some were dropped.
public struct NumberedKVCacheEvent: Sendable, Hashable {
    /// Its place among all events since the start, from 0.
    public var id: Int
    /// What happened.
    public var event: KVCacheEvent

    /// An event.
    public init(id: Int, event: KVCacheEvent) {
        self.id = id
        self.event = event
    }
}
