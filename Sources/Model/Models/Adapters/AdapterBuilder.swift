internal import Checkpoints
internal import Tensors

/// Packs factors and puts them where the model's operations find them.
struct AdapterBuilder {
    private let partition: Partition
    private let arrays = RawArrays()
    private let memory: FactorMemory
    private var sites: [AdapterSite]
    private var rank = 0
    private var byteCount = 0

    /// An adapter that adds nothing yet to a rank's part of a model.
    init(_ partition: Partition) {
        self.partition = partition
        memory = FactorMemory(arrays)
        sites = Array(repeating: AdapterSite(), count: partition.layers.count * AdaptedOperation.allCases.count)
    }

    /// The adapter of all that was added.
    ///
    /// - Parameters:
    ///   - name: What requests call it.
    ///   - lease: What lives as long as the adapter, and has its id.
    func adapter(name: String = "", lease: AdapterLease? = nil) -> Adapter {
        Adapter(sites: AdapterSites(sites, arrays: arrays), rank: rank, byteCount: byteCount, name: name, lease: lease)
    }

    /// Adds what the rank has of the factors of a matrix.
    ///
    /// - Throws: `ModelError` if the model has no such matrix, it has another shape, or a number can't be used.
    mutating func add(_ addition: StoredAdapter.Addition, file: String) throws(ModelError) {
        let name = "\(file): factors of \(addition.matrix)"
        guard let place = place(of: addition.matrix) else {
            throw .unusableTensor(name: name, reason: "the model has no such matrix, or it can't be added to")
        }
        let (matrix, rows) = (place.matrix, place.matrix.rows)
        let (inputs, outputs) = (addition.down.columns, addition.up.rows)
        guard inputs == matrix.columns, outputs == rows.whole else {
            let shape = "[\(rows.whole), \(matrix.columns)]"
            throw .unusableTensor(
                name: name,
                reason: "their product is [\(outputs), \(inputs)], the matrix is \(shape)"
            )
        }
        rank = max(rank, addition.down.rows)
        guard let site = place.site else { return }
        sites[site][matrix.product] = AdapterProduct(
            down: try pack(addition.down, .all(addition.down.rows), name),
            up: try pack(addition.up, rows, name),
            scale: addition.scale
        )
    }

    /// Adds random factors of a matrix, if the model has it.
    mutating func addRandom(
        _ name: String,
        rank: Int,
        state: inout UInt64,
    ) throws(ModelError) {
        guard let place = place(of: name), let site = place.site else { return }
        let matrix = place.matrix
        let down = try packRandom(rows: rank, columns: matrix.columns, name, &state)
        let up = try packRandom(rows: matrix.rows.count, columns: rank, name, &state)
        sites[site][matrix.product] = AdapterProduct(down: down, up: up, scale: 1)
        self.rank = max(self.rank, rank)
    }

    /// Where a matrix is multiplied ("blk.3.attn_q"), and what the rank has of it; no site if that is nothing.
    private func place(of name: String) -> (matrix: AdaptedMatrix, site: Int?)? {
        let parts = name.split(separator: ".")
        guard parts.count == 3, let layer = Int(parts[1]), partition.whole.layers.indices.contains(layer),
            let matrix = partition.adaptedMatrix(String(parts[2]), layer: layer)
        else { return nil }
        let isHere = partition.layers.contains(layer)
        return (matrix, isHere ? matrix.operation.site(layer: layer - partition.layers.lowerBound) : nil)
    }

    private mutating func packRandom(
        rows: Int,
        columns: Int,
        _ name: String,
        _ state: inout UInt64,
    ) throws(ModelError) -> LowRankFactor {
        try pack(rows: rows, columns: columns, name) { _, row in
            for column in 0..<columns {
                // Knuth's linear congruential generator, whose upper bits are random enough.
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                row[column] = Float(Int32(truncatingIfNeeded: state >> 32)) / 0x1p31 / Float(columns).squareRoot()
            }
        }
    }

    /// Packs some rows of a factor.
    private mutating func pack(
        _ matrix: StoredMatrix,
        _ rows: Extent,
        _ name: String,
    ) throws(ModelError) -> LowRankFactor {
        let copy: StoredMatrix
        do {
            copy = try (rows.isWhole ? matrix : matrix.selecting(rows: rows.part)).copiedToMemory()
        } catch {
            throw .unusableTensor(name: name, reason: "\(error)")
        }
        return try pack(rows: copy.rows, columns: copy.columns, name) { copy.dequantizeRow($0, into: $1) }
    }

    /// Packs the rows that `fill` writes.
    private mutating func pack(
        rows: Int,
        columns: Int,
        _ name: String,
        fill: (_ row: Int, _ numbers: UnsafeMutablePointer<Float>) -> Void,
    ) throws(ModelError) -> LowRankFactor {
        let count = LowRankFactor.packedCount(rows: rows, columns: columns)
        let tiles = try memory.numbers(count)
        byteCount += count * MemoryLayout<UInt16>.size
        var row = [Float](repeating: 0, count: columns)
        for index in 0..<rows {
            let fits = row.withUnsafeMutableBufferPointer { row in
                fill(index, row.baseAddress.unsafelyUnwrapped)
                return LowRankFactor.pack(row: index, UnsafeBufferPointer(row), to: tiles)
            }
            guard fits else {
                throw .unusableTensor(
                    name: name,
                    reason: "a number in row \(index) isn't finite or is 65,520 or more"
                )
            }
        }
        return LowRankFactor(rows: rows, columns: columns, tiles: tiles)
    }
}
