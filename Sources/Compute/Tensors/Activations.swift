internal import CPUKernels

/// Rows of activations as the matmul kernels take them: quantized to 8 bits in groups of 32, or rounded to bfloat16.
///
/// What a row becomes depends on that row alone. Quantized rows lie in panels of 64 (the unit of a kernel call), in a
/// panel interleaved by four; a lone row has a layout of its own. Rounded rows follow each other.
public struct Activations: BitwiseCopyable, @unchecked Sendable {  // workers write disjoint rows between barriers
    /// Most rows.
    public let rowCapacity: Int
    /// Most columns.
    public let columnCapacity: Int
    let quantized: UnsafeMutableRawPointer
    let rounded: UnsafeMutablePointer<UInt16>
    let kernels: UnsafePointer<MatmulKernels>

    /// The rows of `columns` columns from `row` on, a multiple of 4, as if they were all.
    public func part(fromRow row: Int, columns: Int) -> Activations {
        precondition(row >= 0 && row % Int(MATMUL_ROW_BLOCK) == 0 && row <= rowCapacity && columns <= columnCapacity)
        let blocks = row / Int(MATMUL_ROW_BLOCK) * (columns / Int(MATMUL_GROUP))
        return Activations(
            rowCapacity: rowCapacity - row,
            columnCapacity: columns,
            quantized: quantized + blocks * MemoryLayout<ActivationBlock>.stride,
            rounded: rounded + row * columns,
            kernels: kernels
        )
    }

    /// Rounds one row of `columns` floats as row `row`.
    ///
    /// Workers may round different rows at the same time.
    public func round(row: Int, from x: UnsafePointer<Float>, columns: Int) {
        precondition(row < rowCapacity && columns <= columnCapacity)
        kernels.pointee.round(x, Int32(columns), rounded + row * columns)
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

    /// The rows of a panel of 64 as a matrix wants them.
    func start(ofPanel index: Int, for matrix: PackedTiles) -> UnsafeRawPointer {
        if matrix.activationKind == .rounded {
            return UnsafeRawPointer(rounded + index * Int(MATMUL_PANEL_ROWS) * matrix.columns)
        }
        return UnsafeRawPointer(panel(index, groups: matrix.columns / Int(MATMUL_GROUP)))
    }

    /// The quantized rows of a panel of 64.
    private func panel(_ index: Int, groups: Int) -> UnsafeMutableRawPointer {
        let blocksBefore = index * Int(MATMUL_PANEL_ROWS) / Int(MATMUL_ROW_BLOCK) * groups
        return quantized + blocksBefore * MemoryLayout<ActivationBlock>.stride
    }
}
