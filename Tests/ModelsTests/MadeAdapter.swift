import Checkpoints
import Foundation

/// A small adapter as PEFT writes it, made up for a test.
struct MadeAdapter {
    struct Module {
        var name: String
        var inputs: Int
        var outputs: Int
        /// `[rank][inputs]`.
        var down: [Float]
        /// `[outputs][rank]`.
        var up: [Float]
    }

    var rank: Int
    var alpha: Double
    var modules: [Module] = []
    /// Further members of the configuration.
    var members: [String: Any] = [:]

    private var random: SplitMix

    /// Factors of all linear layers of a Llama-like model, large enough to change every logit.
    init(_ c: ModelConfiguration, rank: Int, alpha: Double = 16, seed: UInt64 = 1, size: Float = 0.5) {
        self.rank = rank
        self.alpha = alpha
        random = SplitMix(state: seed)
        let (hidden, query, value) = (c.embeddingLength, c.headCount * c.keyLength, c.headCountKV * c.keyLength)
        for layer in 0..<c.blockCount {
            let width = c.feedForwardLengths[layer]
            for (name, inputs, outputs) in [
                ("self_attn.q_proj", hidden, query), ("self_attn.k_proj", hidden, value),
                ("self_attn.v_proj", hidden, value), ("self_attn.o_proj", query, hidden),
                ("mlp.gate_proj", hidden, width), ("mlp.up_proj", hidden, width), ("mlp.down_proj", width, hidden),
            ] {
                add("model.layers.\(layer).\(name)", inputs: inputs, outputs: outputs, size: size)
            }
        }
    }

    mutating func add(_ name: String, inputs: Int, outputs: Int, size: Float = 0.5) {
        func numbers(_ count: Int, _ size: Float) -> [Float] {
            // Of bfloat16, in which factors are kept.
            (0..<count).map { _ in Float(bitPattern: ((random.unit() * 2 - 1) * size).bitPattern & 0xFFFF_0000) }
        }
        let down = numbers(rank * inputs, size / Float(inputs).squareRoot())
        let up = numbers(outputs * rank, size / Float(rank).squareRoot())
        modules.append(Module(name: name, inputs: inputs, outputs: outputs, down: down, up: up))
    }

    var scale: Float { Float(alpha / Double(rank)) }

    /// Writes a directory and returns its path.
    func write(to folder: URL, _ name: String = "adapter") throws -> String {
        let directory = folder.appendingPathComponent(name)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        var configuration: [String: Any] = [
            "peft_type": "LORA", "r": rank, "lora_alpha": alpha, "bias": "none", "lora_dropout": 0.1,
            "target_modules": Array(Set(modules.compactMap { $0.name.split(separator: ".").last.map(String.init) })),
        ]
        configuration.merge(members) { $1 }
        try JSONSerialization.data(withJSONObject: configuration)
            .write(to: directory.appendingPathComponent("adapter_config.json"))
        var header: [String: Any] = [:]
        var data = Data()
        for module in modules {
            for (part, shape, numbers) in [
                ("lora_A", [rank, module.inputs], module.down), ("lora_B", [module.outputs, rank], module.up),
            ] {
                let start = data.count
                numbers.withUnsafeBytes { data.append(contentsOf: $0) }
                header["base_model.model.\(module.name).\(part).weight"] =
                    [
                        "dtype": "F32", "shape": shape, "data_offsets": [start, data.count],
                    ] as [String: Any]
            }
        }
        let text = try JSONSerialization.data(withJSONObject: header)
        var file = Data()
        withUnsafeBytes(of: UInt64(text.count).littleEndian) { file.append(contentsOf: $0) }
        try (file + text + data).write(to: directory.appendingPathComponent("adapter_model.safetensors"))
        return directory.path
    }
}
