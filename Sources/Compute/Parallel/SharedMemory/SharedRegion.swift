internal import CRanks
internal import Glibc

/// Memory that several ranks see, from which groups of ranks take what they need; it is never given back.
///
/// Pages cost nothing until they are touched. The kernel forgets a region with the last process that maps it, however
/// that ends: it has no name in any file system.
package final class SharedRegion: @unchecked Sendable {  // an address that doesn't change
    /// Where this process sees it; addresses differ between processes.
    let base: UnsafeMutableRawPointer
    /// Bytes of it.
    let byteCount: Int
    /// Bytes at the beginning that count what is taken.
    private static let headerBytes = 4096

    /// Bytes behind them that the first group has.
    private let firstBytes: Int
    /// Where the first group's memory begins.
    var placeOfFirst: Int { Self.headerBytes }

    private init(mapping descriptor: Int32, ranks: Int) throws(CommunicatorError) {
        let layout = SharedLayout(size: ranks)
        let flags = MAP_SHARED | MAP_NORESERVE | (descriptor < 0 ? MAP_ANONYMOUS : 0)
        byteCount = Self.headerBytes + layout.regionBytes
        let address = mmap(nil, byteCount, PROT_READ | PROT_WRITE, flags, descriptor, 0)
        guard let address, address != MAP_FAILED else { throw Self.unavailable(byteCount) }
        base = address
        firstBytes = Self.pages(layout.byteCount)
    }

    /// A region for the threads of this process and what it forks.
    ///
    /// - Parameter ranks: Ranks of the first group in it.
    /// - Throws: `CommunicatorError.failed` when there is no such address space.
    package convenience init(ranks: Int) throws(CommunicatorError) { try self.init(mapping: -1, ranks: ranks) }

    /// A region behind a descriptor that all ranks have, and which may be closed afterwards.
    ///
    /// - Throws: `CommunicatorError.failed` when it can't be mapped or isn't for as many ranks.
    package convenience init(descriptor: Int32, ranks: Int) throws(CommunicatorError) {
        var status = stat()
        guard fstat(descriptor, &status) == 0,
            status.st_size == Self.headerBytes + SharedLayout(size: ranks).regionBytes
        else { throw .failed("the shared memory that a rank was given isn't for \(ranks) ranks") }
        try self.init(mapping: descriptor, ranks: ranks)
    }

    deinit { munmap(base, byteCount) }

    /// A descriptor of new shared memory for a region.
    ///
    /// - Throws: `CommunicatorError.failed` when the system gives none.
    package static func descriptor(ranks: Int) throws(CommunicatorError) -> Int32 {
        let byteCount = headerBytes + SharedLayout(size: ranks).regionBytes
        let descriptor = rank_shared_memory(UInt64(byteCount))
        guard descriptor >= 0 else { throw unavailable(byteCount) }
        return descriptor
    }

    /// Takes zeroed bytes; returns their place from the beginning.
    ///
    /// - Throws: `CommunicatorError.failed` when too little is left.
    func take(_ count: Int) throws(CommunicatorError) -> Int {
        let pages = Self.pages(count)
        let taken = rank_take_bytes(base.assumingMemoryBound(to: UInt64.self), UInt64(pages))
        let left = byteCount - Self.headerBytes - firstBytes - pages
        guard left >= 0, taken <= UInt64(left) else {
            throw .failed("ranks were split into too many groups: \(byteCount) bytes of shared memory are used up")
        }
        return Self.headerBytes + firstBytes + Int(taken)
    }

    private static func pages(_ count: Int) -> Int { (count + headerBytes - 1) / headerBytes * headerBytes }

    private static func unavailable(_ byteCount: Int) -> CommunicatorError {
        .failed("\(byteCount) bytes of shared memory can't be had: \(String(cString: strerror(errno)))")
    }
}
