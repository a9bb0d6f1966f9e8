internal import OrderedJSON
public import Tensors

/// A low-rank adapter (LoRA) as PEFT writes it: a directory with `adapter_config.json` and `adapter_model.safetensors`.
public struct StoredAdapter: Sendable {
    /// What is added to one matrix of the model.
    public struct Addition: Sendable {
        /// The model's name of the matrix, without ".weight".
        public let matrix: String
        /// `[rank, inputs]`.
        public let down: StoredMatrix
        /// `[outputs, rank]`, the features in the order of the model's matrix.
        public let up: StoredMatrix
        /// What the product is multiplied with.
        public let scale: Float
    }

    /// The file with the factors.
    public let path: String
    /// One for each matrix that the adapter adds to.
    public let additions: [Addition]

    private let directory: String
    private let factors: MappedFile

    /// The name of the file with the factors.
    static let factorFile = "adapter_model.safetensors"
    /// What PEFT puts before the names of modules.
    private static let prefix = "base_model.model."
    /// Most bytes of the factors' header: some 40,000 tensors.
    private static let headerLimit = 8 << 20

    /// Bytes that are read for a checksum at a time.
    private static let bytesAtOnce = 1 << 20

    /// Opens a directory and finds out what its factors are to a model.
    ///
    /// - Parameters:
    ///   - configuration: The model that it is added to.
    ///   - rankLimit: The largest rank that is allowed.
    /// - Throws: `CheckpointError` naming the file and the key or tensor that is missing, broken, or can't be honoured.
    public init(
        directory: String,
        for configuration: ModelConfiguration,
        rankLimit: Int,
    ) throws(CheckpointError) {
        let settings = try AdapterConfiguration(directory: directory)
        path = "\(directory)/\(Self.factorFile)"
        if !DirectoryListing.exists(path), DirectoryListing.exists("\(directory)/adapter_model.bin") {
            throw .unsupported(
                file: "\(directory)/adapter_model.bin",
                reason: """
                    a pickle, which could run any program when it is read; load the adapter with PEFT and save it with \
                    save_pretrained(directory, safe_serialization=True), which writes \(Self.factorFile)
                    """
            )
        }
        let file = try SafetensorsFile(path: path, headerLimit: Self.headerLimit)
        self.directory = directory
        factors = file.file
        let modules = try Self.modules(file)
        let limit = MemorySize.product(configuration.blockCount, AdaptedModule.matrices.count)
        guard modules.count <= limit else {
            throw .unsupported(
                file: path,
                reason: "it has factors for \(modules.count) modules, but the model has \(limit) that can be adapted"
            )
        }
        var additions: [Addition] = []
        var names = Set<String>()
        for module in modules {
            guard settings.targets(module.name) else {
                throw module.down.malformed(
                    "target_modules of \(AdapterConfiguration.fileName) doesn't name its module"
                )
            }
            let rank = try settings.rank(of: module.name, limit: rankLimit)
            let scale = try settings.scale(of: module.name, rank: rank)
            for addition in try module.additions(configuration, rank: rank, scale: scale) {
                guard names.insert(addition.matrix).inserted else {
                    throw module.down.malformed("another one is for the same matrix, \(addition.matrix)")
                }
                additions.append(addition)
            }
        }
        guard !additions.isEmpty else { throw .unsupported(file: path, reason: "it has no factors") }
        self.additions = additions
    }

    /// A checksum of its two files, to tell whether a copy of them is the same.
    ///
    /// - Throws: `CheckpointError` if they can't be read any more.
    public func checksum() throws(CheckpointError) -> UInt64 {
        var sum = XXHash64.sum(try AdapterConfiguration.bytes(directory))
        for first in stride(from: 0, to: factors.count, by: Self.bytesAtOnce) {
            sum = XXHash64.sum(
                try factors.bytes(first..<min(first + Self.bytesAtOnce, factors.count)),
                seed: sum
            )
        }
        return sum
    }

    /// The pairs of factors, in the order of the file.
    private static func modules(_ file: SafetensorsFile) throws(CheckpointError) -> [AdaptedModule] {
        var downs: [String: StoredTensor] = [:]
        var ups: [String: StoredTensor] = [:]
        var order: [String] = []
        for tensor in file.tensors {
            let isDown = tensor.name.hasSuffix(".lora_A.weight")
            guard tensor.name.hasPrefix(prefix), isDown || tensor.name.hasSuffix(".lora_B.weight") else {
                throw tensor.malformed(
                    "only factors of linear layers can be added: PREFIX.lora_A.weight and lora_B.weight"
                )
            }
            let module = String(tensor.name.dropFirst(prefix.count).dropLast(".lora_A.weight".count))
            if downs[module] == nil, ups[module] == nil { order.append(module) }
            if isDown { downs[module] = tensor } else { ups[module] = tensor }
        }
        var modules: [AdaptedModule] = []
        for name in order {
            guard let down = downs[name], let up = ups[name] else {
                let other = downs[name] == nil ? "lora_A" : "lora_B"
                throw .missingTensor(file: file.file.path, tensor: "\(prefix)\(name).\(other).weight")
            }
            modules.append(AdaptedModule(name: name, down: down, up: up))
        }
        return modules
    }
}

/// The factors of one module.
private struct AdaptedModule {
    /// Its name in the model.
    let name: String
    /// "lora_A", `[rank, inputs]`.
    let down: StoredTensor
    /// "lora_B", `[outputs, rank]`.
    let up: StoredTensor

    /// Matrices that have a product of their own with all tokens.
    static let matrices = [
        "attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down",
    ]

    /// What the factors add to the matrices that the module is to the model.
    func additions(
        _ configuration: ModelConfiguration,
        rank: Int,
        scale: Float,
    ) throws(CheckpointError) -> [StoredAdapter.Addition] {
        for tensor in [down, up] where tensor.shape.count != 2 || ![.f32, .f16, .bf16].contains(tensor.dataType) {
            throw tensor.malformed("factors are matrices of F32, F16 or BF16")
        }
        guard down.shape[0] == rank, up.shape[1] == rank else {
            let tensor = down.shape[0] == rank ? up : down
            throw tensor.malformed("\(AdapterConfiguration.fileName) says that its rank is \(rank)")
        }
        let names = HuggingFaceTensorNames(configuration: configuration, firstPosition: 0)
        let weight = StoredTensor(
            name: name + ".weight",
            shape: [up.shape[0], down.shape[1]],
            dataType: up.dataType,
            typeName: up.typeName,
            byteCount: up.byteCount,
            file: up.file,
            offset: up.offset
        )
        var additions: [StoredAdapter.Addition] = []
        for target in names.targets(of: weight) {
            guard let (layer, matrix) = Self.matrix(target) else {
                throw down.malformed(
                    """
                    adapters of '\(name)' can't be added to this model, only those of its layers' attention and dense \
                    feed-forward matrices: not those of embeddings, outputs, experts, routers or latents
                    """
                )
            }
            let whole = try up.matrix(rows: up.shape[0], columns: rank)
            let order = try order(of: target, matrix, configuration, layer)
            do {
                additions.append(
                    StoredAdapter.Addition(
                        matrix: "blk.\(layer).\(matrix)",
                        down: try down.matrix(rows: rank, columns: down.shape[1]),
                        up: try order.map { order throws(TensorError) in try whole.selecting(rows: order) } ?? whole,
                        scale: scale
                    )
                )
            } catch let error as CheckpointError {
                throw error
            } catch {
                throw up.malformed("\(error)")
            }
        }
        guard !additions.isEmpty else { throw down.malformed("the model has nothing that its module is") }
        return additions
    }

    /// A layer's matrix that a target is; `nil` if it is something else.
    private static func matrix(_ target: TensorTarget) -> (layer: Int, matrix: String)? {
        guard target.index == nil, target.name.hasSuffix(".weight"),
            let place = LayerName(target.name.dropLast(".weight".count), prefix: "blk."),
            matrices.contains(String(place.rest))
        else { return nil }
        return (place.layer, String(place.rest))
    }

    /// The module's features in the order of the model's matrix; `nil` if they are all of them as they are.
    private func order(
        of target: TensorTarget,
        _ matrix: String,
        _ configuration: ModelConfiguration,
        _ layer: Int,
    ) throws(CheckpointError) -> [Int]? {
        let count = up.shape[0]
        var order: [Int]?
        if let selection = target.selection {
            guard selection.fits(count) else {
                throw up.malformed("the model's matrix has \(selection.length) features")
            }
            order = selection.runs.flatMap { Array($0) }
        }
        guard ["attn_q", "attn_k"].contains(matrix), configuration.hasInterleavedHeads else { return order }
        let (width, features) = (configuration.keyLength, order ?? Array(0..<count))
        guard width > 0, width % 2 == 0, features.count % width == 0 else {
            throw up.malformed("its features aren't whole heads of \(width)")
        }
        return features.indices.map { place in
            let (head, dimension) = place.quotientAndRemainder(dividingBy: width)
            return features[head * width + dimension % 2 * (width / 2) + dimension / 2]
        }
    }
}

extension ModelConfiguration {
    /// Whether the file has the two dimensions that are rotated together side by side, where Hugging Face's has them half a
    /// head apart: llama.cpp's converter puts them so for some families.
    fileprivate var hasInterleavedHeads: Bool {
        rotaryLayout == .pairs && rotaryLayout != Self.huggingFaceLayout(architecture)
    }
}
