internal import Synchronization
internal import Tensors

/// A low-rank adapter (LoRA, https://arxiv.org/abs/2106.09685) in memory: what it adds to the products of a model's matrices.
///
/// It lives as long as somebody refers to it: whoever keeps it for later, the requests that use it, the batches in flight.
public final class Adapter: Sendable {
    /// Different for each adapter that this process ever loads, also where one replaces another of the same name.
    public let id: UInt64
    /// Bytes of its factors.
    public let byteCount: Int
    /// The largest rank of its factors.
    public let rank: Int
    /// What it adds, by `AdaptedOperation.site`.
    let sites: AdapterSites

    private static let count = Atomic<UInt64>(0)

    /// An adapter of factors that were packed.
    init(sites: AdapterSites, rank: Int, byteCount: Int) {
        id = Self.count.add(1, ordering: .relaxed).newValue
        self.sites = sites
        self.rank = rank
        self.byteCount = byteCount
    }

    /// An adapter that adds nothing.
    package convenience init() { self.init(sites: AdapterSites([], arrays: RawArrays()), rank: 1, byteCount: 0) }
}

extension Adapter: Hashable {
    /// Whether both are the same object.
    public static func == (left: Adapter, right: Adapter) -> Bool { left === right }

    /// Hashes the adapter's identity.
    public func hash(into hasher: inout Hasher) { hasher.combine(id) }
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
