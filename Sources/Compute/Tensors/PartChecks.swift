/// Checks the parts of a stored matrix against its shape.
struct PartChecks {
    let format: StoredFormat
    let rows: Int
    let columns: Int

    init(format: StoredFormat, rows: Int, columns: Int) {
        self.format = format
        self.rows = rows
        self.columns = columns
    }

    init(integers: IntegerFormat, rows: Int, columns: Int) {
        self.init(format: .integers(integers), rows: rows, columns: columns)
    }

    func badShape(_ reason: String) -> TensorError {
        .badShape(rows: rows, columns: columns, format: format, reason: reason)
    }

    func requirePositive() throws(TensorError) {
        guard rows > 0, columns > 0 else { throw badShape("dimensions must be positive") }
    }

    /// Columns are whole groups of 32, which every scale block contains whole.
    func requireGroups() throws(TensorError) {
        try requirePositive()
        guard columns % 32 == 0 else { throw badShape("columns must be a multiple of 32") }
        if case .integers(let integers) = format, ![4, 8].contains(integers.bits) {
            throw badShape("\(integers.bits) bits aren't supported, only 4 and 8")
        }
    }

    /// Columns are whole groups of a size.
    ///
    /// - Returns: how many.
    func requireGroups(of size: Int) throws(TensorError) -> Int {
        try requireGroups()
        guard size > 0, size % 32 == 0, columns % size == 0 else {
            throw badShape("its groups have \(size) columns, which must be a multiple of 32 that divides the columns")
        }
        return columns / size
    }

    /// The part has as many bytes as the product of its sizes.
    func require(_ part: StoredPart, _ name: String, _ sizes: Int...) throws(TensorError) {
        let needed = MemorySize.product(sizes)
        guard needed == part.count else {
            throw .wrongByteCount(
                rows: rows,
                columns: columns,
                format: format,
                part: name,
                needed: needed,
                given: part.count
            )
        }
    }

    func require(_ scales: StoredScales) throws(TensorError) {
        if let fault = scales.fault(rows: rows, columns: columns) { throw badShape(fault) }
        guard scales.columnsPerScale % 32 == 0 || scales.columnsPerScale >= columns else {
            throw badShape("\(scales.columnsPerScale) columns have a scale, which must be a multiple of 32")
        }
    }

    /// The group of each column; `nil` if they are in order.
    func columnGroups(_ part: StoredPart, groupSize: Int, groups: Int) throws(TensorError) -> [Int32]? {
        var indices = [Int32](repeating: 0, count: columns)
        guard indices.withUnsafeMutableBytes({ part.read(0..<part.count, into: $0) }) else {
            throw .unreadable(rows: rows, columns: columns, format: format)
        }
        for (column, group) in indices.enumerated() where group < 0 || group >= groups {
            throw badShape("column \(column) is of group \(group), but there are \(groups)")
        }
        return indices.enumerated().allSatisfy { Int($0.element) == $0.offset / groupSize } ? nil : indices
    }
}
