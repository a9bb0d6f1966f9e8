internal import CPUKernels

/// Memory for rows of activations as the matmul kernels take them.
public final class ActivationBuffer: @unchecked Sendable {  // workers write disjoint rows between barriers
    /// Where its rows are; valid as long as the buffer lives.
    public let activations: Activations
    private let memory: AlignedMemory
    private let roundedMemory: AlignedMemory

    /// A buffer for up to `rows` rows of `columns` columns.
    ///
    /// - Throws: `TensorError.outOfMemory`.
    public init(rows: Int, columns: Int, level: KernelLevel = .chosen) throws(TensorError) {
        let blocks = (rows + Int(MATMUL_ROW_BLOCK) - 1) / Int(MATMUL_ROW_BLOCK)
        let groups = (columns + Int(MATMUL_GROUP) - 1) / Int(MATMUL_GROUP)
        memory = try AlignedMemory(
            byteCount: MemorySize.product(blocks, groups, MemoryLayout<ActivationBlock>.stride)
        )
        // Pages that no matrix needs are never touched and so never there.
        roundedMemory = try AlignedMemory(
            byteCount: MemorySize.product(rows, columns, MemoryLayout<UInt16>.stride)
        )
        activations = Activations(
            rowCapacity: rows,
            columnCapacity: columns,
            quantized: memory.bytes.baseAddress.unsafelyUnwrapped,
            rounded: roundedMemory.bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: UInt16.self),
            kernels: level.matmul
        )
    }

    /// Rounds one row; see `Activations`.
    public func round(row: Int, from x: UnsafePointer<Float>, columns: Int) {
        activations.round(row: row, from: x, columns: columns)
    }

    /// Quantizes rows; see `Activations`.
    public func quantize(
        rows range: Range<Int>,
        of count: Int,
        from x: UnsafePointer<Float>,
        stride: Int,
        columns: Int,
        remainder: UnsafeMutablePointer<Float>? = nil,
    ) {
        activations.quantize(rows: range, of: count, from: x, stride: stride, columns: columns, remainder: remainder)
    }
}
