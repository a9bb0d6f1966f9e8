import Checkpoints
import Testing

@Suite struct PositionConfigurationTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func configuration(_ file: GGUFBuilder) throws -> ModelConfiguration {
        try Checkpoint.open(path: try directory.write(file.bytes)).configuration
    }

    private func gemma(layers: UInt32) -> GGUFBuilder {
        var file = GGUFBuilder.tiny("gemma3")
        file["gemma3.block_count"] = .uint32(layers)
        file["gemma3.attention.key_length"] = .uint32(16)
        file["gemma3.attention.value_length"] = .uint32(16)
        file["gemma3.attention.sliding_window"] = .uint32(512)
        file["gemma3.rope.freq_base"] = .float32(1e6)
        return file
    }

    @Test func everySixthLayerOfGemma3SeesEverything() throws {
        let c = try configuration(gemma(layers: 18))
        #expect(c.slidingWindow == 512)
        let full = c.windowedLayers.enumerated().filter { !$0.element }.map(\.offset)
        #expect(full == [5, 11, 17])
        #expect(c.ropeFrequencyBase == 1e6)
        #expect(c.windowedRopeFrequencyBase == 10_000)
        #expect(c.attentionScale == 0.25)
    }

    @Test func gemma3MayStateItsPatternAndLocalBase() throws {
        var file = gemma(layers: 5)
        file["gemma3.attention.sliding_window_pattern"] = .uint32(2)
        file["gemma3.rope.freq_base_swa"] = .float32(5000)
        var c = try configuration(file)
        #expect(c.windowedLayers == [true, false, true, false, true])
        #expect(c.windowedRopeFrequencyBase == 5000)
        let flags = [1, 1, 0, 0, 1] as [UInt8]
        file["gemma3.attention.sliding_window_pattern"] = .array(7, flags.map { .bool($0) })
        c = try configuration(file)
        #expect(c.windowedLayers == [true, true, false, false, true])
        file["gemma3.attention.sliding_window_pattern"] = .array(7, [.bool(1)])
        #expect(throws: CheckpointError.self) { try configuration(file) }
    }

    @Test func aWindowOfZeroIsNone() throws {
        var file = gemma(layers: 6)
        file["gemma3.attention.sliding_window"] = .uint32(0)
        let c = try configuration(file)
        #expect(c.slidingWindow == nil)
        #expect(c.windowedLayers == Array(repeating: false, count: 6))
    }

    @Test func theLargestGemma3ScalesByItsEmbedding() throws {
        var file = gemma(layers: 62)
        file["gemma3.embedding_length"] = .uint32(5376)
        file["gemma3.attention.head_count"] = .uint32(32)
        file["gemma3.attention.head_count_kv"] = .uint32(16)
        file["gemma3.attention.key_length"] = .uint32(128)
        #expect(try configuration(file).attentionScale == 1 / 168.0.squareRoot())
        file["gemma3.block_count"] = .uint32(48)
        #expect(try configuration(file).attentionScale == 1 / 128.0.squareRoot())
    }

    @Test(
        arguments: [
            (nil, nil, .none), (nil, 4, .linear(factor: 4)), ("none", 4, .none), ("linear", 1, .none),
            ("linear", 8, .linear(factor: 8)), ("linear", nil, .none), ("linear", 0, .none),
        ] as [(String?, Float?, RopeScaling)]
    )
    func readsScaling(type: String?, factor: Float?, expected: RopeScaling) throws {
        var file = GGUFBuilder.tiny()
        file["llama.rope.scaling.type"] = type.map { .string($0) }
        file["llama.rope.scaling.factor"] = factor.map { .float32($0) }
        #expect(try configuration(file).ropeScaling == expected)
    }

    @Test func readsTheOldNameOfTheFactor() throws {
        var file = GGUFBuilder.tiny()
        file["llama.rope.scale_linear"] = .float32(2)
        #expect(try configuration(file).ropeScaling == .linear(factor: 2))
    }

    @Test func readsYarn() throws {
        var file = GGUFBuilder.tiny("qwen2")
        file["qwen2.rope.scaling.type"] = .string("yarn")
        file["qwen2.rope.scaling.factor"] = .float32(4)
        file["qwen2.rope.scaling.original_context_length"] = .uint32(128)
        file["qwen2.rope.scaling.yarn_beta_fast"] = .float32(16)
        #expect(
            try configuration(file).ropeScaling
                == .yarn(
                    YarnScaling(
                        factor: 4,
                        originalContextLength: 128,
                        extrapolationFactor: 1,
                        attentionFactor: 1,
                        betaFast: 16,
                        betaSlow: 1
                    )
                )
        )
    }

    @Test(arguments: ["longrope", "dynamic", ""]) func refusesOtherScalings(type: String) throws {
        var file = GGUFBuilder.tiny()
        file["llama.rope.scaling.type"] = .string(type)
        let error = try #require(throws: CheckpointError.self) { try configuration(file) }
        #expect(error.description.contains("'llama.rope.scaling.type' is '\(type)', must be one of none, linear, yarn"))
    }
}
