import Checkpoints
import Testing

@Suite struct ModelConfigurationTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func configuration(_ file: GGUFBuilder) throws -> ModelConfiguration {
        try Checkpoint.open(path: try directory.write(file.bytes)).configuration
    }

    private func error(_ file: GGUFBuilder) throws -> String {
        try #require(throws: CheckpointError.self) { try configuration(file) }.description
    }

    @Test func readsAPlainModelWithDefaults() throws {
        let c = try configuration(.tiny())
        #expect(c.architecture == .llama)
        #expect(c.vocabularySize == 4)
        #expect(c.contextLength == 512)
        #expect(c.embeddingLength == 32)
        #expect(c.blockCount == 2)
        #expect(c.feedForwardLengths == [64, 64])
        #expect(c.headCounts == [4, 4])
        #expect(c.headCountsKV == [2, 2])
        #expect(c.keyLength == 8)
        #expect(c.valueLength == 8)
        #expect(c.rmsNormEpsilon == Double(Float(1e-5)))
        #expect(c.attentionScale == 1 / 8.0.squareRoot())
        #expect(c.ropeDimensionCount == 8)
        #expect(c.ropeFrequencyBase == 10_000)
        #expect(c.ropeScaling == .none)
        #expect(!c.hasRopeFrequencyFactors)
        #expect(c.slidingWindow == nil)
        #expect(c.windowedLayers == [false, false])
        #expect(c.finalLogitSoftcapping == nil)
        #expect(c.attentionLogitSoftcapping == nil)
        #expect(c.hasTiedEmbeddings)
        #expect(c.isUniform)
    }

    @Test func readsWhatTheFileStates() throws {
        var file = GGUFBuilder.tiny("qwen3")
        file["qwen3.attention.key_length"] = .uint64(16)
        file["qwen3.attention.value_length"] = .uint16(24)
        file["qwen3.attention.scale"] = .float32(0.5)
        file["qwen3.rope.dimension_count"] = .int32(10)
        file["qwen3.rope.freq_base"] = .float32(1e6)
        file["qwen3.attention.head_count_kv"] = nil
        file["qwen3.final_logit_softcapping"] = .float32(30)
        file["qwen3.attn_logit_softcapping"] = .float32(0)
        file.add("output.weight", [4, 32])
        file.add("rope_freqs.weight", [5])
        let c = try configuration(file)
        #expect(c.architecture == .qwen3)
        #expect(c.keyLength == 16)
        #expect(c.valueLength == 24)
        #expect(c.attentionScale == 0.5)
        #expect(c.ropeDimensionCount == 10)
        #expect(c.ropeFrequencyBase == 1e6)
        #expect(c.headCountsKV == [4, 4])
        #expect(c.finalLogitSoftcapping == 30)
        #expect(c.attentionLogitSoftcapping == nil)
        #expect(!c.hasTiedEmbeddings)
        #expect(c.hasRopeFrequencyFactors)
    }

    @Test func takesOneNumberPerLayer() throws {
        var file = GGUFBuilder.tiny()
        file["llama.attention.head_count"] = .array(4, [.uint32(4), .uint32(2)])
        file["llama.attention.head_count_kv"] = .array(5, [.int32(4), .int32(1)])
        file["llama.feed_forward_length"] = .array(4, [.uint32(64), .uint32(96)])
        let c = try configuration(file)
        #expect(c.headCounts == [4, 2])
        #expect(c.headCountsKV == [4, 1])
        #expect(c.feedForwardLengths == [64, 96])
        #expect(!c.isUniform)
        file["llama.feed_forward_length"] = .array(4, [.uint32(64)])
        #expect(try error(file).contains("'llama.feed_forward_length' is an array of 1"))
        file["llama.feed_forward_length"] = .array(4, [.uint32(64), .uint32(0)])
        #expect(try error(file).contains("'llama.feed_forward_length[1]' is 0"))
    }

    @Test func aFileWithoutTokensStatesItsVocabulary() throws {
        var file = GGUFBuilder.tiny()
        file["tokenizer.ggml.tokens"] = nil
        #expect(try error(file).contains("'llama.vocab_size' is missing"))
        file["llama.vocab_size"] = .uint32(77)
        #expect(try configuration(file).vocabularySize == 77)
        file["tokenizer.ggml.tokens"] = .array(8, [])
        #expect(try error(file).contains("'tokenizer.ggml.tokens' is an array of 0"))
    }

    @Test(arguments: [
        "context_length", "embedding_length", "block_count", "feed_forward_length", "attention.head_count",
        "attention.layer_norm_rms_epsilon",
    ])
    func aMissingKeyIsNamed(name: String) throws {
        var file = GGUFBuilder.tiny()
        file["llama.\(name)"] = nil
        #expect(try error(file).contains("key 'llama.\(name)' is missing"))
    }

    @Test(arguments: [
        "context_length", "embedding_length", "block_count", "feed_forward_length", "attention.head_count",
        "attention.head_count_kv", "attention.key_length", "attention.value_length", "rope.dimension_count",
    ])
    func absurdSizesAreNamedWithTheirLimit(name: String) throws {
        for value in [.uint32(0), .uint32(.max), .int32(-1), .uint64(.max)] as [GGUFBuilder.Value] {
            var file = GGUFBuilder.tiny()
            file["llama.\(name)"] = value
            let message = try error(file)
            #expect(message.contains("'llama.\(name)' is ") && message.contains("must be from 1 to "), "\(message)")
        }
        var file = GGUFBuilder.tiny()
        file["llama.\(name)"] = .string("8")
        #expect(try error(file).contains("'llama.\(name)' holds a string"))
    }

    @Test(
        arguments: [
            ("rope.freq_base", 0), ("rope.freq_base", -1), ("rope.freq_base", .nan), ("rope.freq_base", .infinity),
            ("attention.scale", -0.5), ("attention.layer_norm_rms_epsilon", -1e-9), ("final_logit_softcapping", -30),
            ("attention.layer_norm_rms_epsilon", .nan), ("attention.layer_norm_rms_epsilon", 1),
            ("attn_logit_softcapping", .nan), ("rope.scaling.factor", .nan), ("rope.scaling.factor", -2),
        ] as [(String, Float)]
    )
    func absurdNumbersAreNamed(name: String, value: Float) throws {
        var file = GGUFBuilder.tiny()
        file["llama.\(name)"] = .float32(value)
        #expect(try error(file).contains("key 'llama.\(name)' is "))
    }

    @Test func headsMustDivideWhatTheyShare() throws {
        var file = GGUFBuilder.tiny()
        file["llama.attention.head_count_kv"] = .uint32(3)
        #expect(try error(file).contains("'llama.attention.head_count_kv' is 3, must be a divisor"))
        file["llama.attention.head_count_kv"] = .uint32(8)
        #expect(try error(file).contains("'llama.attention.head_count_kv' is 8, must be a divisor"))
        file = .tiny()
        file["llama.attention.head_count"] = .uint32(6)
        #expect(try error(file).contains("'llama.embedding_length' is 32, must be a multiple"))
        file = .tiny()
        file["llama.rope.dimension_count"] = .uint32(7)
        #expect(try error(file).contains("'llama.rope.dimension_count' is 7, must be even"))
        file["llama.rope.dimension_count"] = .uint32(10)
        #expect(try error(file).contains("'llama.rope.dimension_count' is 10, must be from 1 to 8"))
    }

    @Test func otherArchitecturesAreRefusedWithTheListOfOurs() throws {
        let message = try error(.tiny("mamba"))
        #expect(message.contains("architecture 'mamba' is not supported; supported are llama, qwen2, qwen3, gemma2"))
        #expect(try error(.tiny("Qwen-2")).contains("'Qwen-2' is not supported (did you mean 'qwen2'?)"))
        #expect(try error(.tiny("gpt_osx")).contains("did you mean 'gpt-oss'?"))
        var file = GGUFBuilder.tiny()
        file["general.architecture"] = nil
        #expect(try error(file).contains("'general.architecture' is missing"))
    }

    @Test func variantsThatComputeSomethingElseAreRefused() throws {
        var file = GGUFBuilder.tiny()
        file["llama.attention.causal"] = .bool(0)
        #expect(try error(file).contains("'llama.attention.causal' is false"))
    }
}
