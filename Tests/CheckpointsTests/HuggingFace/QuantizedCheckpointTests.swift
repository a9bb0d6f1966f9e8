import Checkpoints
import OrderedJSON
import Testing

/// Weights that other programs quantized: which tensors make one matrix, and in which order.
@Suite struct QuantizedCheckpointTests {
    private let module = "model.layers.0.self_attn.q_proj"

    /// A Llama of 32 columns and 8 rows whose first queries are given.
    private func tiny(_ config: JSONValue, _ tensors: [SafetensorsBuilder.Tensor]) throws -> TinyDirectory {
        var tiny = try TinyDirectory("LlamaForCausalLM", ["quantization_config": config, "hidden_size": 32])
        tiny.weights.tensors = tensors
        return tiny
    }

    private func numbers(_ config: JSONValue, _ tensors: [SafetensorsBuilder.Tensor]) throws -> [[Float]] {
        var catalog = try tiny(config, tensors).open().tensors
        #expect(catalog.names == ["blk.0.attn_q.weight"])
        return try catalog.matrix("blk.0.attn_q.weight", rows: 8, columns: 32).numbers
    }

    private func tensor(_ ending: String, _ type: String, _ shape: [Int], _ element: [UInt8])
        -> SafetensorsBuilder.Tensor
    {
        let count = shape.reduce(1, *)
        let data = (0..<count).flatMap { _ in element }
        return SafetensorsBuilder.Tensor(name: module + ending, type: type, shape: shape, data: data)
    }

    private func all(_ number: Float) -> [[Float]] { Array(repeating: Array(repeating: number, count: 32), count: 8) }

    @Test func awq() throws {
        let config: JSONValue = ["quant_method": "awq", "bits": 4, "group_size": 32, "version": "gemm"]
        let parts = [
            tensor(".qweight", "I32", [32, 1], [0x55, 0x55, 0x55, 0x55]),
            tensor(".qzeros", "I32", [1, 1], [0x22, 0x22, 0x22, 0x22]),
            tensor(".scales", "F16", [1, 8], [0x00, 0x38]),
        ]
        #expect(try numbers(config, parts) == all(1.5))
    }

    @Test(arguments: [("gptq", 1), ("gptq_v2", 1.5)] as [(String, Float)]) func gptq(form: String, number: Float) throws
    {
        let config: JSONValue = [
            "quant_method": "gptq", "bits": 4, "group_size": -1, "checkpoint_format": .string(form), "desc_act": true,
        ]
        let parts = [
            tensor(".qweight", "I32", [4, 8], [0x55, 0x55, 0x55, 0x55]),
            tensor(".qzeros", "I32", [1, 1], [0x22, 0x22, 0x22, 0x22]),
            tensor(".scales", "F16", [1, 8], [0x00, 0x38]),
            tensor(".g_idx", "I32", [32], [0, 0, 0, 0]),
        ]
        #expect(try numbers(config, parts) == all(number))
    }

    @Test func eightBitFloatsWithBlocks() throws {
        let config: JSONValue = ["quant_method": "fp8", "fmt": "e4m3", "weight_block_size": [128, 128]]
        let parts = [
            tensor(".weight", "F8_E4M3", [8, 32], [0x38]),
            tensor(".weight_scale_inv", "F32", [1, 1], Float(0.5).littleEndianBytes),
        ]
        #expect(try numbers(config, parts) == all(0.5))
    }

    private func compressed(_ format: String, _ type: String, bits: Int) -> JSONValue {
        let weights: JSONValue = ["num_bits": .integer(bits), "type": .string(type), "strategy": "group"]
        return [
            "quant_method": "compressed-tensors", "format": .string(format),
            "config_groups": ["group_0": ["weights": weights]],
        ]
    }

    @Test func compressedTensors() throws {
        let scale = tensor(".weight_scale", "BF16", [8, 1], [0x00, 0x40])
        let bytes = [
            tensor(".weight", "I8", [8, 32], [0xFD]), scale, tensor(".input_scale", "F32", [1], [0, 0, 0, 0]),
        ]
        #expect(try numbers(compressed("int-quantized", "int", bits: 8), bytes) == all(-6))
        let words = [
            tensor(".weight_packed", "I32", [8, 4], [0x99, 0x99, 0x99, 0x99]), scale,
            tensor(".weight_shape", "I64", [2], [8, 0, 0, 0, 0, 0, 0, 0]),
        ]
        #expect(try numbers(compressed("pack-quantized", "int", bits: 4), words) == all(2))
        let floats = [
            tensor(".weight", "F8_E4M3", [8, 32], [0x38]), tensor(".weight_scale", "F32", [1], [0, 0, 0, 0x40]),
        ]
        #expect(try numbers(compressed("float-quantized", "float", bits: 8), floats) == all(2))
    }

    @Test func expertsOfGptOSSAreQuantizedWithOutputFeaturesFirst() throws {
        var tiny = try TinyDirectory(
            "GptOssForCausalLM",
            [
                "num_local_experts": 2, "num_experts_per_tok": 1, "hidden_size": 32, "intermediate_size": 2,
                "quantization_config": ["quant_method": "mxfp4"],
            ]
        )
        let name = "model.layers.0.mlp.experts.gate_up_proj"
        // Row r of expert e has the code of 0.5, 1, 1.5, 2 for r, and the scale 2^e.
        let blocks = (0..<2).flatMap { _ in (1...4).flatMap { [UInt8](repeating: UInt8($0 * 17), count: 16) } }
        let scales = (0..<2).flatMap { expert in [UInt8](repeating: UInt8(127 + expert), count: 4) }
        tiny.weights.tensors = [
            .init(name: name + "_blocks", type: "U8", shape: [2, 4, 1, 16], data: blocks),
            .init(name: name + "_scales", type: "U8", shape: [2, 4, 1], data: scales),
        ]
        var tensors = try tiny.open().tensors
        for expert in 0..<2 {
            let scale = Float(1 << expert)
            for (name, expected) in [("gate", [0.5, 1.5]), ("up", [1, 2])] as [(String, [Float])] {
                let matrix = try tensors.matrix(
                    "blk.0.ffn_\(name)_exps.weight",
                    index: expert,
                    of: 2,
                    rows: 2,
                    columns: 32
                )
                #expect(try matrix.numbers == expected.map { Array(repeating: $0 * scale, count: 32) })
            }
        }
        try tensors.requireAllTaken()
    }

    @Test func modulesThatWereLeftAloneAreFloats() throws {
        let config: JSONValue = ["quant_method": "awq", "bits": 4, "group_size": 32]
        let part = tensor(".weight", "BF16", [8, 32], [0x80, 0x3F])
        #expect(try numbers(config, [part]) == all(1))
    }

    @Test(
        arguments: [
            (["quant_method": "bitsandbytes"], "one of awq, gptq, fp8, compressed-tensors, mxfp4"),
            (["quant_method": "awq", "bits": 3], "'quantization_config.bits' is 3, must be 4"),
            (["quant_method": "awq", "bits": 4, "version": "gemv"], "'gemv', must be gemm"),
            (["quant_method": "gptq"], "'quantization_config.bits' is missing"),
            (["quant_method": "compressed-tensors", "config_groups": [:]], "of 0 groups"),
        ] as [(JSONValue, String)]
    )
    func whatIsNotSupportedIsNamed(config: JSONValue, reason: String) throws {
        let error = try #require(throws: CheckpointError.self) { try tiny(config, []).open() }
        #expect(error.description.contains(reason), "\(error)")
    }

    @Test func partsThatAreMissingOrDoNotFitAreErrors() throws {
        let config: JSONValue = ["quant_method": "fp8", "weight_block_size": [128, 128]]
        let weights = tensor(".weight", "F8_E4M3", [8, 32], [0x38])
        let lonely = try #require(throws: CheckpointError.self) { try tiny(config, [weights]).open() }
        #expect(lonely.description.contains("'\(module): scales' is missing"))
        let scales = tensor(".weight_scale_inv", "F32", [2, 1], Float(0.5).littleEndianBytes)
        var tensors = try tiny(config, [weights, scales]).open().tensors
        let error = try #require(throws: CheckpointError.self) {
            try tensors.matrix("blk.0.attn_q.weight", rows: 8, columns: 32)
        }
        #expect(error.description.contains("q_proj.weight' is [8, 32]"), "\(error)")
    }
}
