internal import Glibc

/// A block of memory aligned to 64 bytes, zeroed, freed with its owner.
public final class AlignedMemory: @unchecked Sendable {  // who writes when is up to the owner
    /// The memory.
    public let bytes: UnsafeMutableRawBufferPointer

    /// Allocates `byteCount` bytes; large blocks come from the kernel directly, in huge pages where it can.
    ///
    /// - Throws: `TensorError.outOfMemory`.
    public init(byteCount: Int) throws(TensorError) {
        let size = max(byteCount, 64)
        guard
            let memory = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
            memory != MAP_FAILED
        else { throw .outOfMemory(bytes: byteCount) }
        if size >= 2 << 20 { madvise(memory, size, MADV_HUGEPAGE) }
        bytes = UnsafeMutableRawBufferPointer(start: memory, count: size)
    }

    deinit { munmap(bytes.baseAddress, bytes.count) }

    /// The memory as elements of a type.
    public func bound<Element>(to type: Element.Type) -> UnsafeMutableBufferPointer<Element> {
        bytes.bindMemory(to: type)
    }
}
