internal import CPUKernels

/// Rows of activations as the matmul kernels take them: quantized to 8 bits in groups of 32, or rounded to bfloat16.
///
/// What a row becomes depends on that row alone. Quantized rows lie in panels of 64 (the unit of a kernel call), in a
/// panel interleaved by four; a lone row has a layout of its own. Rounded rows follow each other.
public final class ActivationBuffer: @unchecked Sendable {  // workers write disjoint rows between barriers
    /// Most rows.
    public let rowCapacity: Int
    /// Most columns.
    public let columnCapacity: Int
    private let memory: AlignedMemory
    private let roundedMemory: AlignedMemory
    private let kernels: UnsafePointer<MatmulKernels>

    /// A buffer for up to `rows` rows of `columns` columns.
    ///
    /// - Throws: `TensorError.outOfMemory`.
    public init(rows: Int, columns: Int, level: KernelLevel = .chosen) throws(TensorError) {
        rowCapacity = rows
        columnCapacity = columns
        kernels = level.matmul
        let blocks = (rows + Int(MATMUL_ROW_BLOCK) - 1) / Int(MATMUL_ROW_BLOCK)
        let groups = (columns + Int(MATMUL_GROUP) - 1) / Int(MATMUL_GROUP)
        memory = try AlignedMemory(byteCount: blocks * groups * MemoryLayout<ActivationBlock>.stride)
        // Pages that no matrix needs are never touched and so never there.
        roundedMemory = try AlignedMemory(byteCount: rows * columns * MemoryLayout<UInt16>.stride)
    }

    /// Rounds one row of `columns` floats as row `row`.
    ///
    /// Workers may round different rows at the same time.
    public func round(row: Int, from x: UnsafePointer<Float>, columns: Int) {
        precondition(row < rowCapacity && columns <= columnCapacity)
        kernels.pointee.round(x, Int32(columns), rounded(row: row, columns: columns))
    }

    /// Quantizes rows of `columns` floats (a multiple of 32), `stride` apart, as rows `range` of `count`.
    ///
    /// Workers may quantize different rows at the same time; blocks of four rows are quickest.
    ///
    /// - Parameter remainder: Where to put what the quantized rows lack, at most half a step per number; laid out like `x`,
    ///   or `x` itself. Quantized in turn as rows of their own, remainders add 7 bits: the two products of a row add up
    ///   to the product of nearly exact activations.
    public func quantize(
        rows range: Range<Int>,
        of count: Int,
        from x: UnsafePointer<Float>,
        stride: Int,
        columns: Int,
        remainder: UnsafeMutablePointer<Float>? = nil,
    ) {
        precondition(range.lowerBound >= 0 && range.upperBound <= count)
        precondition(count <= rowCapacity && columns <= columnCapacity)
        let panelRows = Int(MATMUL_PANEL_ROWS)
        var row = range.lowerBound
        while row < range.upperBound {
            let panel = row / panelRows
            let inPanel = min(panelRows, count - panel * panelRows)
            let end = min(range.upperBound, (panel + 1) * panelRows)
            let target = ActivationRows(
                groups: self.panel(panel, groups: columns / Int(MATMUL_GROUP)),
                blocks: Int32(inPanel == 1 ? 0 : (inPanel + Int(MATMUL_ROW_BLOCK) - 1) / Int(MATMUL_ROW_BLOCK)),
                first: Int32(row % panelRows)
            )
            let offset = (row - range.lowerBound) * stride
            let rest = remainder.map { $0 + offset }
            kernels.pointee.quantize(x + offset, stride, Int32(end - row), Int32(columns), target, rest)
            row = end
        }
    }

    /// The rounded rows of `columns` columns from `row` on.
    private func rounded(row: Int, columns: Int) -> UnsafeMutablePointer<UInt16> {
        roundedMemory.bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: UInt16.self) + row * columns
    }

    /// The rows of a panel of 64 as a matrix wants them.
    func start(ofPanel index: Int, for matrix: PackedTiles) -> UnsafeRawPointer {
        if matrix.activationKind == .rounded {
            return UnsafeRawPointer(rounded(row: index * Int(MATMUL_PANEL_ROWS), columns: matrix.columns))
        }
        return UnsafeRawPointer(panel(index, groups: matrix.columns / Int(MATMUL_GROUP)))
    }

    /// The quantized rows of a panel of 64.
    private func panel(_ index: Int, groups: Int) -> UnsafeMutableRawPointer {
        let blocksBefore = index * Int(MATMUL_PANEL_ROWS) / Int(MATMUL_ROW_BLOCK) * groups
        return memory.bytes.baseAddress.unsafelyUnwrapped + blocksBefore * MemoryLayout<ActivationBlock>.stride
    }
}
