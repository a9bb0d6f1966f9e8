public import Checkpoints
internal import Tensors

extension DecoderModel {
    /// Why the model can't have adapters; `nil` if it can.
    public var adapterRefusal: String? {
        if ranks != nil { return "a model that is dealt to several ranks can't have adapters" }
        return limits.isCausal ? nil : "encoders can't have adapters"
    }

    /// Bytes of an adapter of a rank that adds to every matrix that can be added to.
    public func adapterBytes(rank: Int) -> Int {
        let matrices = weights.layers.flatMap(AdapterBuilder.matrices)
        return MemorySize.sum(
            matrices.map { matrix in
                MemorySize.product(
                    MemoryLayout<UInt16>.size,
                    MemorySize.sum([
                        LowRankFactor.packedCount(rows: rank, columns: matrix.columns),
                        LowRankFactor.packedCount(rows: matrix.rows, columns: rank),
                    ])
                )
            }
        )
    }

    /// Loads an adapter from a directory of PEFT: nothing of its files is used afterwards.
    ///
    /// It may be called from any thread, while passes run. Factors are kept in bfloat16.
    ///
    /// - Parameters:
    ///   - directory: A directory with `adapter_config.json` and `adapter_model.safetensors`.
    ///   - configuration: That of the checkpoint which the model was loaded from.
    ///   - rankLimit: The largest rank, no more than what passes were prepared for.
    ///   - allowed: The matrices that may be added to ("attn_q"); `nil` for all.
    /// - Throws: `ModelError` naming the file and the key or tensor.
    public func loadAdapter(
        directory: String,
        configuration: ModelConfiguration,
        rankLimit: Int,
        allowed: Set<String>? = nil,
    ) throws(ModelError) -> Adapter {
        let stored: StoredAdapter
        do {
            stored = try StoredAdapter(directory: directory, for: configuration, rankLimit: rankLimit)
        } catch {
            throw .checkpoint(error)
        }
        var builder = AdapterBuilder(layers: weights.layers)
        for addition in stored.additions {
            if let allowed, let name = addition.matrix.split(separator: ".").last, !allowed.contains(String(name)) {
                let reason = "lora_target_modules doesn't allow it"
                throw .unusableTensor(name: "\(stored.path): \(addition.matrix)", reason: reason)
            }
            try builder.add(addition, file: stored.path)
        }
        return builder.adapter
    }
}

extension DecoderModel {
    /// An adapter of random numbers for every matrix that can be added to: what adapters cost, without one.
    package func randomAdapter(rank: Int, seed: UInt64) throws(ModelError) -> Adapter {
        var builder = AdapterBuilder(layers: weights.layers)
        var state = seed
        for layer in weights.layers.indices {
            for name in AdapterBuilder.names {
                try builder.addRandom("blk.\(layer).\(name)", rank: rank, state: &state)
            }
        }
        return builder.adapter
    }
}

/// Packs factors and puts them where the model's operations find them.
struct AdapterBuilder {
    /// What matrices are called that can be added to.
    static let names = ["attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"]

    private let layers: [LayerWeights]
    private let arrays = RawArrays()
    private let memory: FactorMemory
    private var sites: [AdapterSite]
    private var rank = 0
    private var byteCount = 0

    init(layers: [LayerWeights]) {
        self.layers = layers
        memory = FactorMemory(arrays)
        sites = Array(repeating: AdapterSite(), count: layers.count * AdaptedOperation.allCases.count)
    }

    /// The adapter of all that was added.
    var adapter: Adapter {
        Adapter(sites: AdapterSites(sites, arrays: arrays), rank: rank, byteCount: byteCount)
    }

    /// Adds the factors of a matrix.
    ///
    /// - Throws: `ModelError` if the model has no such matrix, it has another shape, or a number can't be used.
    mutating func add(_ addition: StoredAdapter.Addition, file: String) throws(ModelError) {
        let name = "\(file): factors of \(addition.matrix)"
        guard let place = place(of: addition.matrix) else {
            throw .unusableTensor(name: name, reason: "the model has no such matrix, or it can't be added to")
        }
        let (inputs, outputs) = (addition.down.columns, addition.up.rows)
        guard inputs == place.matrix.columns, outputs == place.matrix.rows else {
            let shape = "[\(place.matrix.rows), \(place.matrix.columns)]"
            throw .unusableTensor(
                name: name,
                reason: "their product is [\(outputs), \(inputs)], the matrix is \(shape)"
            )
        }
        sites[place.operation.site(layer: place.layer)][place.product] = AdapterProduct(
            down: try pack(addition.down, name),
            up: try pack(addition.up, name),
            scale: addition.scale
        )
        rank = max(rank, addition.down.rows)
    }

    /// Adds random factors of a matrix, if the model has it.
    mutating func addRandom(
        _ matrix: String,
        rank: Int,
        state: inout UInt64,
    ) throws(ModelError) {
        guard let place = place(of: matrix) else { return }
        let down = try packRandom(rows: rank, columns: place.matrix.columns, matrix, &state)
        let up = try packRandom(rows: place.matrix.rows, columns: rank, matrix, &state)
        let product = AdapterProduct(down: down, up: up, scale: 1)
        sites[place.operation.site(layer: place.layer)][place.product] = product
        self.rank = max(self.rank, rank)
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

    private mutating func pack(_ matrix: StoredMatrix, _ name: String) throws(ModelError) -> LowRankFactor {
        let copy: StoredMatrix
        do {
            copy = try matrix.copiedToMemory()
        } catch {
            throw .unusableTensor(name: name, reason: "\(error)")
        }
        return try pack(rows: matrix.rows, columns: matrix.columns, name) { copy.dequantizeRow($0, into: $1) }
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

    /// The matrices of a layer that can be added to.
    static func matrices(of layer: LayerWeights) -> [PackedMatrix] {
        var matrices = [layer.attention.output.matrix]
        if case .grouped(let own) = layer.attention.inputs { matrices += own.matrices }
        if case .dense(let own) = layer.feedForward { matrices += own.matrices }
        return matrices
    }

    private struct Place {
        var layer: Int
        var operation: AdaptedOperation
        var product: Int
        var matrix: PackedMatrix
    }

    /// Where a matrix is multiplied: "blk.3.attn_q".
    private func place(of matrix: String) -> Place? {
        let parts = matrix.split(separator: ".")
        guard parts.count == 3, let layer = Int(parts[1]), layers.indices.contains(layer) else { return nil }
        let (attention, feedForward) = (layers[layer].attention, layers[layer].feedForward)
        func place(_ operation: AdaptedOperation, _ product: Int, _ weights: LinearWeights?) -> Place? {
            weights.map { Place(layer: layer, operation: operation, product: product, matrix: $0.matrix) }
        }
        switch (parts[2], attention.inputs, feedForward) {
        case ("attn_q", .grouped(let own), _): return place(.attentionInputs, 0, own.query)
        case ("attn_k", .grouped(let own), _): return place(.attentionInputs, 1, own.key)
        case ("attn_v", .grouped(let own), _): return place(.attentionInputs, 2, own.value)
        case ("attn_output", _, _): return place(.attentionOutput, 0, attention.output)
        case ("ffn_gate", _, .dense(let own)): return place(.feedForwardInputs, 0, own.gate)
        case ("ffn_up", _, .dense(let own)): return place(.feedForwardInputs, own.gate == nil ? 0 : 1, own.up)
        case ("ffn_down", _, .dense(let own)): return place(.feedForwardOutput, 0, own.down)
        default: return nil
        }
    }
}
