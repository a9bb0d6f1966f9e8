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

    /// Quantizes one row of `columns` floats (a multiple of 32) as row `row` of `count`.
    ///
    /// Workers may quantize different rows at the same time.
    public func quantize(row: Int, of count: Int, from x: UnsafePointer<Float>, columns: Int) {
        store(row: row, of: count, from: x, columns: columns) { _, _ in }
    }

    /// Quantizes like `quantize`, and leaves in `x` what the quantized row lacks, at most half a step per number.
    ///
    /// Quantized in turn as a row of its own, that remainder adds 7 bits: the two rows' products add up to the product
    /// of nearly exact activations.
    public func quantize(row: Int, of count: Int, leavingRemainderIn x: UnsafeMutablePointer<Float>, columns: Int) {
        store(row: row, of: count, from: x, columns: columns) { g, group in
            let numbers = x + g * Int(MATMUL_GROUP)
            withUnsafeBytes(of: group.values) { values in
                for (index, value) in values.enumerated() {
                    numbers[index] -= group.scale * Float(Int8(bitPattern: value))
                }
            }
        }
    }

    /// Quantizes a row group by group, and shows each group with its index to `visit`.
    @inline(__always)
    private func store(
        row: Int,
        of count: Int,
        from x: UnsafePointer<Float>,
        columns: Int,
        visit: (_ index: Int, _ group: borrowing ActivationGroup) -> Void,
    ) {
        precondition(row < count && count <= rowCapacity && columns <= columnCapacity)
        guard let quantize = kernels.pointee.quantize else { return }
        let groups = columns / Int(MATMUL_GROUP)
        let panel = row / Int(MATMUL_PANEL_ROWS)
        let panelRows = min(Int(MATMUL_PANEL_ROWS), count - panel * Int(MATMUL_PANEL_ROWS))
        let blocks = (panelRows + Int(MATMUL_ROW_BLOCK) - 1) / Int(MATMUL_ROW_BLOCK)
        if panelRows == 1 {
            let target = self.panel(panel, groups: groups).assumingMemoryBound(to: ActivationGroup.self)
            for g in 0..<groups {
                quantize(x + g * Int(MATMUL_GROUP), target + g)
                visit(g, target[g])
            }
            return
        }
        let inPanel = row % Int(MATMUL_PANEL_ROWS)
        let target = self.panel(panel, groups: groups).assumingMemoryBound(to: ActivationBlock.self)
        var group = ActivationGroup()
        for g in 0..<groups {
            quantize(x + g * Int(MATMUL_GROUP), &group)
            let block = target + (g * blocks + inPanel / Int(MATMUL_ROW_BLOCK))
            activation_block_set(block, Int32(inPanel % Int(MATMUL_ROW_BLOCK)), &group)
            visit(g, group)
        }
    }

    /// The rounded rows of `columns` columns from `row` on.
    func rounded(row: Int, columns: Int) -> UnsafeMutablePointer<UInt16> {
        roundedMemory.bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: UInt16.self) + row * columns
    }

    /// The quantized rows of a panel of 64.
    func panel(_ index: Int, groups: Int) -> UnsafeMutableRawPointer {
        let blocksBefore = index * Int(MATMUL_PANEL_ROWS) / Int(MATMUL_ROW_BLOCK) * groups
        return memory.bytes.baseAddress.unsafelyUnwrapped + blocksBefore * MemoryLayout<ActivationBlock>.stride
    }
}
