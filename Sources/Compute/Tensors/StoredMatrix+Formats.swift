extension StoredMatrix {
    /// A matrix in a GGUF type, row by row, in memory that `owner` keeps alive.
    ///
    /// - Parameters:
    ///   - file: What is read instead of the memory, from `offset` on, where there is one.
    /// - Throws: `TensorError` if the shape isn't positive whole blocks or doesn't match the bytes.
    public init(
        dataType: DataType,
        rows: Int,
        columns: Int,
        bytes: UnsafeRawBufferPointer,
        owner: (any AnyObject & Sendable)?,
        file: (any StoredBytes)? = nil,
        offset: Int = 0,
    ) throws(TensorError) {
        let part = StoredPart(bytes: bytes, owner: owner, file: file, offset: offset)
        try self.init(dataType, rows: rows, columns: columns, weights: part)
    }

    /// A matrix in a GGUF type, row by row.
    ///
    /// - Throws: `TensorError` if the shape isn't positive whole blocks or doesn't match the bytes.
    public init(_ type: DataType, rows: Int, columns: Int, weights: StoredPart) throws(TensorError) {
        let parts = PartChecks(format: .blocks(type), rows: rows, columns: columns)
        try parts.requirePositive()
        guard let rowBytes = type.byteCount(elements: columns) else {
            throw parts.badShape("columns must be a multiple of \(type.blockSize)")
        }
        try parts.require(weights, "numbers", rows, rowBytes)
        self.init(checked: parts.format, rows: rows, columns: columns, weights: weights)
    }

    /// A matrix that is packed already.
    ///
    /// - Throws: `TensorError` if the shape isn't positive whole groups or doesn't match the bytes.
    public init(packed layout: PackedLayout, rows: Int, columns: Int, weights: StoredPart) throws(TensorError) {
        let parts = PartChecks(format: .packed(layout), rows: rows, columns: columns)
        try parts.requireGroups()
        try parts.require(weights, "packed numbers", layout.byteCount(rows: rows, columns: columns) ?? .max)
        self.init(checked: parts.format, rows: rows, columns: columns, weights: weights)
    }

    /// Floats column by column: `[columns, rows]`.
    ///
    /// - Parameter type: F32, F16 or BF16.
    /// - Throws: `TensorError` if the type is another one or the shape doesn't match the bytes.
    public init(transposed type: DataType, rows: Int, columns: Int, weights: StoredPart) throws(TensorError) {
        let parts = PartChecks(format: .transposed(type), rows: rows, columns: columns)
        try parts.requirePositive()
        guard type.blockSize == 1 else { throw parts.badShape("only floats can be transposed") }
        try parts.require(weights, "numbers", rows, columns, type.bytesPerBlock)
        self.init(checked: parts.format, rows: rows, columns: columns, weights: weights)
    }

    /// 8-bit floats (E4M3), `[rows, columns]`, times scales.
    ///
    /// - Throws: `TensorError` if the columns aren't groups of 32, parts don't match the shape, or a group has several scales.
    public init(e4m3 weights: StoredPart, scales: StoredScales, rows: Int, columns: Int) throws(TensorError) {
        let parts = PartChecks(format: .e4m3, rows: rows, columns: columns)
        try parts.requireGroups()
        try parts.require(weights, "numbers", rows, columns)
        try parts.require(scales)
        self.init(checked: .e4m3, rows: rows, columns: columns, weights: weights, scales: scales)
    }

    /// 4-bit floats (E2M1), two in a byte, times powers of two for 32 columns: `[rows, columns / 32, 16]` and
    /// `[rows, columns / 32]`.
    ///
    /// - Throws: `TensorError` if the columns aren't groups of 32 or parts don't match the shape.
    public init(mxfp4 weights: StoredPart, scales: StoredPart, rows: Int, columns: Int) throws(TensorError) {
        let parts = PartChecks(format: .e2m1, rows: rows, columns: columns)
        try parts.requireGroups()
        try parts.require(weights, "numbers", rows, columns / 2)
        let grid = StoredScales(scales, type: .e8m0, columnsPerScale: 32)
        try parts.require(grid)
        self.init(checked: .e2m1, rows: rows, columns: columns, weights: weights, scales: grid)
    }

    /// AWQ's `qweight` `[columns, rows / 8]`, `qzeros` `[groups, rows / 8]` and `scales` `[groups, rows]` in half precision.
    ///
    /// - Throws: `TensorError` if the rows aren't whole words, the columns not groups, or parts don't match the shape.
    public init(
        awq weights: StoredPart,
        zeros: StoredPart,
        scales: StoredPart,
        rows: Int,
        columns: Int,
        groupSize: Int,
    ) throws(TensorError) {
        let parts = PartChecks(integers: IntegerFormat(bits: 4, order: .awq), rows: rows, columns: columns)
        let groups = try parts.requireGroups(of: groupSize)
        guard rows % 8 == 0 else { throw parts.badShape("rows must be a multiple of 8") }
        try parts.require(weights, "qweight", columns, rows / 2)
        try parts.require(zeros, "qzeros", groups, rows / 2)
        let grid = StoredScales(scales, type: .f16, columnsPerScale: groupSize, areByColumn: true)
        try parts.require(grid)
        self.init(checked: parts.format, rows: rows, columns: columns, weights: weights, scales: grid, zeros: zeros)
    }

    /// GPTQ's `qweight` `[columns * bits / 32, rows]`, `qzeros` `[groups, rows * bits / 32]`, `scales` `[groups, rows]` in
    /// half precision and `g_idx` `[columns]`, the group of each column.
    ///
    /// - Parameters:
    ///   - zeros: Missing in symmetric checkpoints of newer kinds.
    ///   - zerosLackOne: Whether stored zero points are one less than they mean: in all checkpoints but those that say
    ///     `checkpoint_format: gptq_v2`.
    /// - Throws: `TensorError` if bits aren't 4 or 8, parts don't match the shape, or a group isn't one.
    public init(
        gptq weights: StoredPart,
        zeros: StoredPart?,
        scales: StoredPart,
        groupIndex: StoredPart? = nil,
        rows: Int,
        columns: Int,
        bits: Int,
        groupSize: Int,
        zerosLackOne: Bool = true,
    ) throws(TensorError) {
        let integers = IntegerFormat(bits: bits, order: .columns, zeroAddend: zerosLackOne ? 1 : 0)
        let parts = PartChecks(integers: integers, rows: rows, columns: columns)
        let groups = try parts.requireGroups(of: groupSize)
        guard rows % integers.perWord == 0 else {
            throw parts.badShape("rows must be a multiple of \(integers.perWord)")
        }
        try parts.require(weights, "qweight", columns / integers.perWord, rows, 4)
        if let zeros { try parts.require(zeros, "qzeros", groups, rows / integers.perWord, 4) }
        let grid = StoredScales(scales, type: .f16, columnsPerScale: groupSize, areByColumn: true)
        try parts.require(grid)
        var columnGroups: [Int32]?
        if let groupIndex {
            try parts.require(groupIndex, "g_idx", columns, 4)
            columnGroups = try parts.columnGroups(groupIndex, groupSize: groupSize, groups: groups)
        }
        self.init(
            checked: parts.format,
            rows: rows,
            columns: columns,
            weights: weights,
            scales: grid,
            zeros: zeros,
            columnGroups: columnGroups
        )
    }

    /// Signed bytes `[rows, columns]`, times scales: compressed tensors' `int-quantized`.
    ///
    /// - Throws: `TensorError` if the columns aren't groups of 32, parts don't match the shape, or a group has several scales.
    public init(int8 weights: StoredPart, scales: StoredScales, rows: Int, columns: Int) throws(TensorError) {
        let integers = IntegerFormat(bits: 8, order: .rows, isSigned: true)
        let parts = PartChecks(integers: integers, rows: rows, columns: columns)
        try parts.requireGroups()
        try parts.require(weights, "numbers", rows, columns)
        try parts.require(scales)
        self.init(checked: parts.format, rows: rows, columns: columns, weights: weights, scales: scales)
    }

    /// Compressed tensors' `pack-quantized`: `weight_packed` `[rows, columns * bits / 32]`, integers counted from 0, and, of
    /// asymmetric ones, `weight_zero_point` `[rows * bits / 32, groups]`.
    ///
    /// - Parameter groupIndex: `weight_g_idx` `[columns]`, the group of each column, where columns were put in order of
    ///   their importance.
    /// - Throws: `TensorError` if bits aren't 4 or 8, parts don't match the shape, or a group of 32 has several scales.
    public init(
        packed weights: StoredPart,
        zeros: StoredPart? = nil,
        scales: StoredScales,
        groupIndex: StoredPart? = nil,
        rows: Int,
        columns: Int,
        bits: Int,
    ) throws(TensorError) {
        let integers = IntegerFormat(bits: bits, order: .rows)
        let parts = PartChecks(integers: integers, rows: rows, columns: columns)
        try parts.requireGroups()
        try parts.require(weights, "weight_packed", rows, columns / integers.perWord, 4)
        try parts.require(scales)
        let groups = scales.blocks(rows: rows, columns: columns).beside
        if let zeros {
            try parts.require(zeros, "weight_zero_point", (rows - 1) / integers.perWord + 1, groups, 4)
        }
        var columnGroups: [Int32]?
        if let groupIndex {
            try parts.require(groupIndex, "weight_g_idx", columns, 4)
            columnGroups = try parts.columnGroups(groupIndex, groupSize: scales.columnsPerScale, groups: groups)
        }
        self.init(
            checked: parts.format,
            rows: rows,
            columns: columns,
            weights: weights,
            scales: scales,
            zeros: zeros,
            columnGroups: columnGroups
        )
    }
}
