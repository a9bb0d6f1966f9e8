public import Checkpoints
internal import Tensors

/// What adapters have to be like.
public struct AdapterRules: Sendable {
    /// The configuration of the checkpoint which the model was loaded from.
    public var configuration: ModelConfiguration
    /// The largest rank, no more than what passes were prepared for.
    public var rankLimit: Int
    /// The matrices that may be added to ("attn_q"); `nil` for all.
    public var allowed: Set<String>?

    /// Adapters of a model of this configuration.
    public init(configuration: ModelConfiguration, rankLimit: Int, allowed: Set<String>? = nil) {
        self.configuration = configuration
        self.rankLimit = rankLimit
        self.allowed = allowed
    }
}

extension DecoderModel {
    /// Why the model can't have adapters; `nil` if it can.
    public var adapterRefusal: String? { limits.isCausal ? nil : "encoders can't have adapters" }

    /// Bytes that an adapter of a rank, which adds to every matrix that can be added to, takes of this process.
    public func adapterBytes(rank: Int) -> Int {
        MemorySize.sum(
            partition.layers.flatMap { partition.adaptedMatrices(of: $0) }.map { matrix in
                MemorySize.product(
                    MemoryLayout<UInt16>.size,
                    MemorySize.sum([
                        LowRankFactor.packedCount(rows: rank, columns: matrix.columns),
                        LowRankFactor.packedCount(rows: matrix.rows.count, columns: rank),
                    ])
                )
            }
        )
    }

    /// Loads an adapter from a directory of PEFT: nothing of its files is used afterwards.
    ///
    /// It may be called from any thread, while passes run. Factors are kept in bfloat16. Of a model that ranks compute
    /// together, `DistributedModel` loads adapters.
    ///
    /// - Parameters:
    ///   - directory: A directory with `adapter_config.json` and `adapter_model.safetensors`.
    ///   - rules: What the adapter has to be like.
    ///   - name: What requests call it.
    /// - Throws: `ModelError` naming the file and the key or tensor.
    public func loadAdapter(
        directory: String,
        _ rules: AdapterRules,
        name: String = "",
    ) throws(ModelError) -> Adapter {
        try build(StoredAdapter(directory, rules), rules).adapter(name: name)
    }

    /// Packs the part of an adapter that the rank has.
    func build(_ stored: StoredAdapter, _ rules: AdapterRules) throws(ModelError) -> AdapterBuilder {
        var builder = AdapterBuilder(partition)
        for addition in stored.additions {
            if let allowed = rules.allowed, let name = addition.matrix.split(separator: ".").last,
                !allowed.contains(String(name))
            {
                let reason = "lora_target_modules doesn't allow it"
                throw .unusableTensor(name: "\(stored.path): \(addition.matrix)", reason: reason)
            }
            try builder.add(addition, file: stored.path)
        }
        return builder
    }
}

extension StoredAdapter {
    /// Opens a directory.
    init(_ directory: String, _ rules: AdapterRules) throws(ModelError) {
        do {
            try self.init(directory: directory, for: rules.configuration, rankLimit: rules.rankLimit)
        } catch {
            throw .checkpoint(error)
        }
    }
}

extension DecoderModel {
    /// An adapter of random numbers for every matrix that can be added to: what adapters cost, without one.
    package func randomAdapter(rank: Int, seed: UInt64) throws(ModelError) -> Adapter {
        var builder = AdapterBuilder(partition)
        var state = seed
        for layer in partition.layers {
            for name in AdaptedMatrix.names {
                try builder.addRandom("blk.\(layer).\(name)", rank: rank, state: &state)
            }
        }
        return builder.adapter()
    }
}
