internal import Synchronization
internal import Tensors

/// A low-rank adapter (LoRA, https://arxiv.org/abs/2106.09685) in memory: what it adds to the products of a model's matrices.
///
/// It lives as long as somebody refers to it: whoever keeps it for later, the requests that use it, the batches in flight.
public final class Adapter: Sendable {
    /// Different for each adapter that this process ever loads, also where one replaces another of the same name.
    public let id: UInt64
    /// What requests call it; empty where nobody gave it a name.
    public let name: String
    /// Bytes of its factors.
    public let byteCount: Int
    /// The largest rank of its factors.
    public let rank: Int
    /// What it adds, by `AdaptedOperation.site`.
    let sites: AdapterSites
    private let lease: AdapterLease?

    private static let count = Atomic<UInt64>(0)

    /// An id that no adapter has yet.
    static func newID() -> UInt64 { count.add(1, ordering: .relaxed).newValue }

    /// An adapter of factors that were packed; it has the id of its lease, if there is one.
    init(sites: AdapterSites, rank: Int, byteCount: Int, name: String, lease: AdapterLease? = nil) {
        id = lease?.id ?? Self.newID()
        self.name = name
        self.lease = lease
        self.sites = sites
        self.rank = rank
        self.byteCount = byteCount
    }

    /// An adapter that adds nothing.
    package convenience init(name: String = "") {
        self.init(sites: AdapterSites([], arrays: RawArrays()), rank: 1, byteCount: 0, name: name)
    }
}

extension Adapter: Hashable {
    /// Whether both are the same object.
    public static func == (left: Adapter, right: Adapter) -> Bool { left === right }

    /// Hashes the adapter's identity.
    public func hash(into hasher: inout Hasher) { hasher.combine(id) }
}

/// What lives as long as an adapter of an id: whoever made it learns so that nobody uses the adapter any more.
final class AdapterLease: Sendable {
    /// The adapter's id.
    let id = Adapter.newID()
    private let didEnd: @Sendable (_ id: UInt64) -> Void

    /// - Parameter didEnd: Called when the adapter has gone, on whatever thread that happens.
    init(didEnd: @escaping @Sendable (_ id: UInt64) -> Void) { self.didEnd = didEnd }

    deinit { didEnd(id) }
}

/// The factors of an adapter and what points to them.
struct AdapterSites: @unchecked Sendable {  // never written after they are made
    let all: UnsafeBufferPointer<AdapterSite>
    /// They own what the pointers point to.
    private let arrays: RawArrays

    init(_ sites: [AdapterSite], arrays: RawArrays) {
        all = arrays.add(sites)
        self.arrays = arrays
    }
}
