internal import Glibc

/// A block of memory aligned to 64 bytes, zeroed, freed with its owner.
///
/// From a megabyte on it is made of huge pages where the kernel has them: with small ones, whose places in memory are a
/// matter of luck, the same program was a quarter slower in some runs than in others.
public final class AlignedMemory: @unchecked Sendable {  // who writes when is up to the owner
    /// The memory.
    public let bytes: UnsafeMutableRawBufferPointer

    private let mapping: UnsafeMutableRawBufferPointer
    private static let hugePage = 2 << 20

    /// Allocates `byteCount` bytes; large blocks come from the kernel directly, in huge pages where it can.
    ///
    /// - Throws: `TensorError.outOfMemory`.
    public init(byteCount: Int) throws(TensorError) {
        let size = max(byteCount, 64)
        let isLarge = size >= 1 << 20
        // Room to start at a huge page; pages that are never touched cost nothing.
        let (room, overflow) = size.addingReportingOverflow(isLarge ? 2 * Self.hugePage : 0)
        guard
            !overflow,
            let memory = mmap(nil, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
            memory != MAP_FAILED
        else { throw .outOfMemory(bytes: byteCount) }
        mapping = UnsafeMutableRawBufferPointer(start: memory, count: room)
        guard isLarge else {
            bytes = mapping
            return
        }
        let start = memory.alignedUp(toMultipleOf: Self.hugePage)
        madvise(start, (size + Self.hugePage - 1) / Self.hugePage * Self.hugePage, MADV_HUGEPAGE)
        bytes = UnsafeMutableRawBufferPointer(start: start, count: size)
    }

    deinit { munmap(mapping.baseAddress, mapping.count) }

    /// The memory as elements of a type.
    public func bound<Element>(to type: Element.Type) -> UnsafeMutableBufferPointer<Element> {
        bytes.bindMemory(to: type)
    }
}
