/// Many short byte runs in one block of memory, by index.
struct ByteRuns: Sendable {
    private(set) var bytes: [UInt8] = []
    private var starts: [UInt32] = [0]

    var count: Int { starts.count - 1 }

    init(reserving count: Int, bytes byteCount: Int) {
        starts.reserveCapacity(count + 1)
        bytes.reserveCapacity(byteCount)
    }

    /// Appends a run; the caller keeps the sum of lengths below 2^31.
    mutating func append(_ run: some Sequence<UInt8>) {
        bytes.append(contentsOf: run)
        starts.append(UInt32(bytes.count))
    }

    /// The place of a run in `bytes`; `index` is below `count`.
    @inline(__always)
    func range(_ index: Int) -> Range<Int> { Int(starts[index])..<Int(starts[index + 1]) }

    subscript(index: Int) -> ArraySlice<UInt8> { bytes[range(index)] }
}
