internal import CPUKernels

extension StoredMatrix {
    /// The matrix in C.
    ///
    /// - Parameters:
    ///   - scaleBytes: Where the scales are; likewise the zero points and the groups of columns.
    func layout(
        scaleBytes: UnsafeRawPointer?,
        zeroBytes: UnsafeRawPointer?,
        columnGroups: UnsafePointer<Int32>?,
    ) -> StoredLayout {
        var layout = StoredLayout()
        layout.type = format.layoutType
        layout.column_stride = format.columnStride(rows: storedRows)
        layout.column_groups = columnGroups
        if let scales { layout.scales = scales.grid(rows: storedRows, columns: storedColumns, at: scaleBytes) }
        guard case .integers(let integers) = format else { return layout }
        layout.bits = Int32(integers.bits)
        layout.is_signed = integers.isSigned ? 1 : 0
        layout.words_hold_rows = integers.order == .awq ? 1 : 0
        let groups = scales?.blocks(rows: storedRows, columns: storedColumns).beside ?? 1
        let isByRow = integers.order == .rows
        layout.zeros = ZeroGrid(
            words: zeroBytes?.assumingMemoryBound(to: UInt8.self),
            row_stride: isByRow ? groups * 4 : 4,
            group_stride: isByRow ? 4 : storedRows / integers.perWord * 4,
            added: Int32(integers.zeroAddend)
        )
        return layout
    }

    /// Expands one row to floats, `[columns]`: the embedding of a token.
    ///
    /// `row` must be in `0..<rows`.
    public func dequantizeRow(_ row: Int, into output: UnsafeMutablePointer<Float>) {
        precondition(row >= 0 && row < rows, "row \(row) of \(rows)")
        guard let base = weights.bytes.baseAddress else { return }
        let stored = storedRow(row)
        if case .packed(let layout) = format { return unpack(layout, row: stored, from: base, into: output) }
        let start = base + format.offset(ofRow: stored, columns: storedColumns)
        let numbers = StoredRow(numbers: start.assumingMemoryBound(to: UInt8.self), index: stored)
        func expand(_ groups: UnsafePointer<Int32>?) {
            var layout = layout(
                scaleBytes: scales?.part.bytes.baseAddress,
                zeroBytes: zeros?.bytes.baseAddress,
                columnGroups: groups
            )
            expand_stored_row(&layout, numbers, Int32(firstColumn), Int32(columns), output)
        }
        guard let columnGroups else { return expand(nil) }
        columnGroups.withUnsafeBufferPointer { expand($0.baseAddress) }
    }

    /// Expands a row of a packed matrix, if its layout can be.
    private func unpack(
        _ layout: PackedLayout,
        row: Int,
        from base: UnsafeRawPointer,
        into output: UnsafeMutablePointer<Float>,
    ) {
        let (tile, feature) = row.quotientAndRemainder(dividingBy: Int(MATMUL_TILE))
        let start = base + tile * (layout.tileBytes(columns: storedColumns) ?? 0)
        let isExpanded = unpack_row(
            layout.form,
            start.assumingMemoryBound(to: UInt8.self),
            Int32(feature),
            Int32(columns),
            output
        )
        if isExpanded == 0 { output.update(repeating: 0, count: columns) }
    }
}
