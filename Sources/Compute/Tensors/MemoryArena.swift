/// Hands out parts of large blocks of memory, so that many small matrices lie in a few huge pages.
public final class MemoryArena {
    private static let blockBytes = 32 << 20

    private var block: AlignedMemory?
    private var used = 0

    /// An arena without memory.
    public init() {}

    /// Memory for `byteCount` bytes, zeroed, aligned to 64, and the block that has to live as long.
    ///
    /// - Throws: `TensorError.outOfMemory`.
    public func allocate(byteCount: Int) throws(TensorError) -> (
        bytes: UnsafeMutableRawBufferPointer, owner: AlignedMemory
    ) {
        guard byteCount <= Self.blockBytes / 4 else {
            let own = try AlignedMemory(byteCount: byteCount)
            return (own.bytes, own)
        }
        let rounded = (byteCount + 63) / 64 * 64
        if block == nil || used + rounded > Self.blockBytes {
            block = try AlignedMemory(byteCount: Self.blockBytes)
            used = 0
        }
        guard let block else { throw .outOfMemory(bytes: byteCount) }
        defer { used += rounded }
        return (UnsafeMutableRawBufferPointer(rebasing: block.bytes[used..<used + byteCount]), block)
    }
}
