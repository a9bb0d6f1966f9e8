internal import CPUKernels

/// A stored matrix while it is packed: what every row needs is in memory, rows are read a few at a time.
struct PackingSource: @unchecked Sendable {  // its memory is never written after it is made
    let matrix: StoredMatrix
    /// The form to pack to.
    let form: PackedForm
    /// How numbers are rounded to the form; `nil` if it has them as they are.
    let rounding: MatrixRounding?
    /// Bytes of a stored row, of matrices that are read row by row.
    let bytesPerRow: Int?
    private let layout: StoredLayout
    private let weights: StoredPart?
    private let scales: StoredPart?
    private let zeros: StoredPart?
    private let columnGroups: AlignedMemory?

    /// Reads scales, zero points and, where rows can't be read one by one, the numbers.
    ///
    /// - Throws: `TensorError` when memory is short, something can't be read, or scales aren't finite.
    init(_ matrix: StoredMatrix, rounding: MatrixRounding?) throws(TensorError) {
        func resident(_ part: StoredPart?) throws(TensorError) -> StoredPart? {
            guard let part else { return nil }
            guard let copy = try part.copiedToMemory() else { throw matrix.unreadable }
            return copy
        }
        self.matrix = matrix
        bytesPerRow = matrix.format.bytesPerRow(columns: matrix.storedColumns)
        weights = bytesPerRow == nil ? try resident(matrix.weights) : nil
        scales = try resident(matrix.scales?.part)
        zeros = try resident(matrix.zeros)
        columnGroups = try matrix.columnGroups.map { groups throws(TensorError) in
            let memory = try AlignedMemory(byteCount: groups.count * MemoryLayout<Int32>.stride)
            groups.withUnsafeBytes { memory.bytes.copyMemory(from: $0) }
            return memory
        }
        layout = matrix.layout(
            scaleBytes: scales?.bytes.baseAddress,
            zeroBytes: zeros?.bytes.baseAddress,
            columnGroups: columnGroups.flatMap { UnsafePointer($0.bound(to: Int32.self).baseAddress) }
        )
        var layout = layout
        guard scales_fit(&layout.scales, matrix.storedRows, matrix.storedColumns) != 0 else {
            throw matrix.unusableNumbers
        }
        let own = packed_form_of_layout(&layout, matrix.storedRows, matrix.storedColumns)
        if let rounding {
            (form, self.rounding) = (rounding.form, rounding)
        } else if own == PACKED_FORM_COUNT {
            // Columns of different groups side by side: eight bits are fine enough to hold four with any scale.
            (form, self.rounding) = (PACKED_S8_32, .nearestBytes)
        } else {
            let isExpanded = own == PACKED_F16 && !matrix.format.isFloat
            (form, self.rounding) = (own, isExpanded ? .halves : nil)
        }
    }

    /// Packs consecutive tiles.
    ///
    /// - Throws: `TensorError.unreadable` or `.unusableNumbers`.
    func pack(_ tiles: Range<Int>, to packed: UnsafeMutableRawPointer, tileBytes: Int) throws(TensorError) {
        let height = Int(MATMUL_TILE)
        let together = max(1, Self.bytesAtOnce / (height * max(1, bytesPerRow ?? Self.bytesAtOnce)))
        let buffer = UnsafeMutableRawBufferPointer.allocate(
            byteCount: together * height * (bytesPerRow ?? 1),
            alignment: 64
        )
        defer { buffer.deallocate() }
        for first in stride(from: tiles.lowerBound, to: tiles.upperBound, by: together) {
            let end = min(first + together, tiles.upperBound)
            let rows = first * height..<min(end * height, matrix.rows)
            if let bytesPerRow, !matrix.read(rows, bytesPerRow: bytesPerRow, into: buffer) { throw matrix.unreadable }
            for tile in first..<end {
                let target = packed.advanced(by: tile * tileBytes).assumingMemoryBound(to: UInt8.self)
                try pack(tile, buffer: buffer, firstInBuffer: rows.lowerBound, to: target)
            }
        }
    }

    /// About as many bytes as are read and then packed while they are in the cache.
    private static let bytesAtOnce = 1 << 18

    private func pack(
        _ tile: Int,
        buffer: UnsafeMutableRawBufferPointer,
        firstInBuffer: Int,
        to target: UnsafeMutablePointer<UInt8>,
    ) throws(TensorError) {
        let height = Int(MATMUL_TILE)
        let rows = tile * height..<min((tile + 1) * height, matrix.rows)
        let stored = rows.map { row in
            let index = matrix.storedRow(row)
            let start =
                bytesPerRow.map { UnsafeRawPointer(buffer.baseAddress)?.advanced(by: (row - firstInBuffer) * $0) }
                ?? weights?.bytes.baseAddress?
                .advanced(by: matrix.format.offset(ofRow: index, columns: matrix.storedColumns))
            return StoredRow(numbers: start?.assumingMemoryBound(to: UInt8.self), index: index)
        }
        let isPacked = stored.withUnsafeBufferPointer { stored in
            withUnsafePointer(to: layout) { layout in
                MatrixRounding.withLayout(of: rounding) { rounding in
                    var task = PackTask(
                        layout: layout,
                        rows: stored.baseAddress,
                        features: Int32(rows.count),
                        first_column: Int32(matrix.firstColumn),
                        columns: Int32(matrix.columns),
                        form: form,
                        rounding: rounding
                    )
                    return pack_tile(&task, target) != 0
                }
            }
        }
        guard isPacked else { throw matrix.unusableNumbers }
    }
}
