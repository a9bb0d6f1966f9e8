internal import Tensors

/// The memory of an adapter's factors: large blocks, so that they lie in huge pages.
final class FactorMemory {
    private let arena = MemoryArena()
    private let arrays: RawArrays

    /// Memory that lives as long as `arrays`.
    init(_ arrays: RawArrays) { self.arrays = arrays }

    /// Room for `count` numbers, all zero.
    func numbers(_ count: Int) throws(ModelError) -> UnsafeMutablePointer<UInt16> {
        let size = MemorySize.product(count, MemoryLayout<UInt16>.size)
        do {
            let (bytes, owner) = try arena.allocate(byteCount: size)
            arrays.keep(owner)
            return bytes.bindMemory(to: UInt16.self).baseAddress.unsafelyUnwrapped
        } catch {
            throw .outOfMemory(purpose: "factors of an adapter", bytes: size)
        }
    }
}
