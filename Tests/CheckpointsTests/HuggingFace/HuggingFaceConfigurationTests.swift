import Checkpoints
import Foundation
import OrderedJSON
import Testing

@Suite struct HuggingFaceConfigurationTests {
    /// The configuration of a class with some members besides those of a small Llama.
    private func configuration(_ className: String, _ members: JSONObject = [:]) throws -> ModelConfiguration {
        var tiny = try TinyDirectory(className, members)
        tiny.weights.add("x", [1])
        return try tiny.open().configuration
    }

    private func error(_ className: String, _ members: JSONObject) throws -> String {
        try #require(throws: CheckpointError.self) { try configuration(className, members) }.description
    }

    @Test(arguments: [
        "vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads",
        "max_position_embeddings", "rms_norm_eps",
    ])
    func aMissingKeyIsNamed(key: String) throws {
        #expect(try error("LlamaForCausalLM", [key: nil]).contains("config.json: key '\(key)' is missing"))
    }

    @Test(arguments: [
        "vocab_size", "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads",
        "num_key_value_heads", "max_position_embeddings", "head_dim",
    ])
    func absurdSizesAreNamedWithTheirLimit(key: String) throws {
        for value in [0, -1, .integer(.max), 1e300] as [JSONValue] {
            let message = try error("LlamaForCausalLM", [key: value])
            #expect(message.contains("key '\(key)' "), "\(message)")
        }
        #expect(try error("LlamaForCausalLM", [key: "8"]).contains("key '\(key)' holds a value of type string"))
    }

    @Test func headsMustDivideWhatTheyShare() throws {
        #expect(try error("LlamaForCausalLM", ["num_key_value_heads": 3]).contains("is 3, must be a divisor"))
        #expect(
            try error("LlamaForCausalLM", ["hidden_size": 9]).contains("'hidden_size' is 9, must be a multiple of 4")
        )
        #expect(try configuration("LlamaForCausalLM", ["hidden_size": 9, "head_dim": 16]).keyLength == 16)
    }

    // MARK: Positions

    @Test(arguments: ["rope_scaling", "rope_parameters"]) func scalingHasTwoSpellings(key: String) throws {
        let llama3: JSONValue = [
            "rope_type": "llama3", "rope_theta": 5e5, "factor": 8, "low_freq_factor": 1, "high_freq_factor": 4,
            "original_max_position_embeddings": 64,
        ]
        let c = try configuration("LlamaForCausalLM", [key: llama3])
        #expect(c.ropeScaling == .llama3(factor: 8, low: 1, high: 4, originalContextLength: 64))
        #expect(c.ropeFrequencyBase == 5e5)
    }

    @Test(
        arguments: [
            (["type": "linear", "factor": 4], .linear(factor: 4)), (["rope_type": "default"], .none),
            (["type": "dynamic", "factor": 2], .dynamic(factor: 2, originalContextLength: 512)),
            (["type": "linear", "factor": 1], .none),
        ] as [(JSONValue, RopeScaling)]
    )
    func readsScaling(value: JSONValue, expected: RopeScaling) throws {
        #expect(try configuration("LlamaForCausalLM", ["rope_scaling": value]).ropeScaling == expected)
    }

    @Test func yarnsTemperatureIsThePapersUnlessTheFileSaysOtherwise() throws {
        func yarn(_ className: String, _ members: JSONObject) throws -> YarnScaling {
            var members = members
            members["rope_type"] = "yarn"
            let c = try configuration(className, ["rope_scaling": .object(members)])
            guard case .yarn(let yarn) = c.ropeScaling else { throw CocoaError(.fileReadCorruptFile) }
            return yarn
        }
        let plain = try yarn("Qwen2ForCausalLM", ["factor": 4, "original_max_position_embeddings": 128])
        #expect(plain.attentionFactor == 1 && plain.originalContextLength == 128 && plain.roundsBorders)
        let stated = try yarn("Qwen2ForCausalLM", ["factor": 4, "attention_factor": 1, "truncate": false])
        #expect(abs(stated.attentionFactor * (1 + 0.1 * log(4)) - 1) < 1e-15 && !stated.roundsBorders)
        let implied = try yarn("Qwen2ForCausalLM", ["original_max_position_embeddings": 64])
        #expect(implied.factor == 8)
        let both = try yarn("Qwen2ForCausalLM", ["factor": 4, "mscale": 0.707, "mscale_all_dim": 0.707])
        #expect(abs(both.attentionFactor * (1 + 0.1 * log(4)) - 1) < 1e-15)
    }

    @Test func longRopesMagnitudeFollowsFromTheContexts() throws {
        let scaling: JSONValue = ["type": "longrope", "short_factor": [1], "long_factor": [2]]
        let c = try configuration(
            "Phi3ForCausalLM",
            ["rope_scaling": scaling, "original_max_position_embeddings": 64, "hidden_size": 8]
        )
        guard case .longRope([1], [2], 64, let magnitude) = c.ropeScaling else {
            Issue.record("\(c.ropeScaling)")
            return
        }
        #expect(magnitude == (1 + log(8) / log(64.0)).squareRoot())
        let wrong: JSONValue = ["type": "longrope", "short_factor": [1, 1], "long_factor": [2]]
        #expect(try error("Phi3ForCausalLM", ["rope_scaling": wrong]).contains("short_factor' is a list of 2"))
    }

    @Test(
        arguments: [
            (["type": "mrope"], "must be one of default"), (["type": "linear"], "factor' is missing"),
            (["type": "yarn", "factor": 0.5], "factor' is 0.5, must be at least 1"),
            (["type": "llama3", "factor": 8, "low_freq_factor": 4], "must be less than 4"), ("linear", "holds a value"),
        ] as [(JSONValue, String)]
    )
    func scalingThatCannotBeUsedIsNamed(value: JSONValue, reason: String) throws {
        #expect(try error("LlamaForCausalLM", ["rope_scaling": value]).contains(reason))
    }

    @Test func partOfAHeadMayRotate() throws {
        let wide: JSONObject = ["hidden_size": 64, "layer_norm_eps": 1e-5]
        #expect(try configuration("GPTNeoXForCausalLM", wide).ropeDimensionCount == 4)
        #expect(
            try configuration("Phi3ForCausalLM", ["hidden_size": 64, "partial_rotary_factor": 0.75]).ropeDimensionCount
                == 12
        )
        #expect(try error("LlamaForCausalLM", ["partial_rotary_factor": 0.3]).contains("an even number"))
        #expect(try error("LlamaForCausalLM", ["partial_rotary_factor": 2]).contains("at most 1"))
    }

    @Test(
        arguments: [
            ("MistralForCausalLM", [:], [0, 1, 2, 3]), ("LlamaForCausalLM", ["sliding_window": nil], []),
            ("Qwen2ForCausalLM", ["use_sliding_window": true, "max_window_layers": 3], [3]),
            ("Qwen2ForCausalLM", ["use_sliding_window": false], []), ("Gemma2ForCausalLM", [:], [0, 2]),
            ("Gemma3ForCausalLM", ["sliding_window_pattern": 3], [0, 1, 3]), ("Cohere2ForCausalLM", [:], [0, 1, 2]),
            ("GptOssForCausalLM", [:], [0, 2]), ("Phi3ForCausalLM", [:], [0, 1, 2, 3]),
            (
                "Gemma3ForCausalLM",
                ["layer_types": ["full_attention", "sliding_attention", "full_attention", "full_attention"]], [1]
            ),
        ] as [(String, JSONObject, [Int])]
    )
    func windowsAreWhereTheFamilyHasThem(className: String, members: JSONObject, layers: [Int]) throws {
        var all: JSONObject = [
            "num_hidden_layers": 4, "sliding_window": 100, "layer_norm_eps": 1e-5, "query_pre_attn_scalar": 4,
        ]
        for (key, value) in members { all[key] = value }
        let c = try configuration(className, all)
        #expect(c.windowedLayers.indices.filter { c.windowedLayers[$0] } == layers)
        #expect(c.slidingWindow == (layers.isEmpty ? nil : 100))
    }

    @Test func someLayersDoNotRotate() throws {
        let four: JSONObject = ["num_hidden_layers": 4, "layer_norm_eps": 1e-5]
        #expect(try configuration("SmolLM3ForCausalLM", four).ropeLayers == [true, true, true, false])
        #expect(try configuration("Cohere2ForCausalLM", four).ropeLayers == [true, true, true, false])
        #expect(try configuration("GPT2LMHeadModel", four).ropeLayers == [false, false, false, false])
        #expect(
            try configuration("SmolLM3ForCausalLM", ["no_rope_layers": [0, 1]]).ropeLayers == [false, true]
        )
        #expect(try error("SmolLM3ForCausalLM", ["no_rope_layers": [0]]).contains("is a list of 1"))
    }

    @Test func gemma3sWindowedLayersRotateByAnotherBaseAndAreNotStretched() throws {
        let old = try configuration("Gemma3ForCausalLM", ["rope_scaling": ["rope_type": "linear", "factor": 8]])
        let new = try configuration(
            "Gemma3ForCausalLM",
            [
                "rope_parameters": [
                    "full_attention": ["rope_type": "linear", "factor": 8, "rope_theta": 1e6],
                    "sliding_attention": ["rope_type": "default", "rope_theta": 1e4],
                ]
            ]
        )
        for c in [old, new] {
            #expect(c.ropeFrequencyBase == 1e6 && c.ropeScaling == .linear(factor: 8))
            #expect(c.windowedRopeFrequencyBase == 1e4 && c.windowedRopeScaling == .none)
        }
        let oss = try configuration("GptOssForCausalLM", ["rope_scaling": ["rope_type": "linear", "factor": 8]])
        #expect(oss.windowedRopeScaling == .linear(factor: 8) && oss.windowedRopeFrequencyBase == 150_000)
    }

    // MARK: Scales, norms, residual

    @Test func multipliersAreReadWithTheirMeaning() throws {
        let granite = try configuration(
            "GraniteForCausalLM",
            [
                "embedding_multiplier": 12, "residual_multiplier": 0.22, "attention_multiplier": 0.25,
                "logits_scaling": 8,
            ]
        )
        #expect(granite.embeddingScale == 12 && granite.residualScale == 0.22)
        #expect(granite.attentionScale == 0.25 && granite.logitScale == 0.125)
        let cohere = try configuration("CohereForCausalLM", ["logit_scale": 0.0625, "layer_norm_eps": 1e-5])
        #expect(cohere.logitScale == 0.0625 && cohere.parallelResidual && cohere.rotaryLayout == .pairs)
        let gemma = try configuration("Gemma2ForCausalLM", ["query_pre_attn_scalar": 16, "attn_logit_softcapping": 50])
        #expect(gemma.embeddingScale == 8.0.squareRoot() && gemma.attentionScale == 0.25)
        #expect(gemma.attentionLogitSoftcapping == 50 && gemma.finalLogitSoftcapping == nil)
        #expect(gemma.activation == .geluTanh)
        let olmoe = try configuration(
            "OlmoeForCausalLM",
            ["clip_qkv": 1.5, "num_experts": 4, "num_experts_per_tok": 1]
        )
        #expect(olmoe.queryKeyValueClamp == 1.5)
    }

    @Test func normsAreByTheMeanOrNot() throws {
        let llama = try configuration("LlamaForCausalLM")
        #expect(llama.rmsNormEpsilon == 1e-5 && llama.layerNormEpsilon == nil)
        for (name, key) in [
            ("GPTNeoXForCausalLM", "layer_norm_eps"), ("Starcoder2ForCausalLM", "norm_epsilon"),
            ("FalconForCausalLM", "layer_norm_epsilon"),
        ] {
            let c = try configuration(name, [key: 0.25, "rms_norm_eps": nil, "rotary_pct": 1])
            #expect(c.layerNormEpsilon == 0.25)
        }
    }

    @Test(
        arguments: [
            ("GPTNeoXForCausalLM", [:], true), ("GPTNeoXForCausalLM", ["use_parallel_residual": false], false),
            ("FalconForCausalLM", [:], true), ("StableLmForCausalLM", [:], false),
            ("StableLmForCausalLM", ["use_parallel_residual": true], true), ("LlamaForCausalLM", [:], false),
        ] as [(String, JSONObject, Bool)]
    )
    func theResidualIsParallelWhereTheFamilyHasItSo(className: String, members: JSONObject, expected: Bool) throws {
        var members = members
        for (key, value) in [("rotary_pct", 1), ("partial_rotary_factor", 1)] as [(String, JSONValue)] {
            members[key] = value
        }
        #expect(try configuration(className, members).parallelResidual == expected)
    }

    @Test(
        arguments: [
            ("FalconForCausalLM", "alibi", true), ("GPT2LMHeadModel", "scale_attn_by_inverse_layer_idx", true),
            ("BertModel", "position_embedding_type", "relative_key"), ("LlamaForCausalLM", "hidden_act", "mish"),
            ("DeepseekV3ForCausalLM", "moe_layer_freq", 2),
            ("LlamaForCausalLM", "quantization_config", ["quant_method": "x"]),
        ] as [(String, String, JSONValue)]
    )
    func variantsThatComputeSomethingElseAreRefused(className: String, key: String, value: JSONValue) throws {
        #expect(try error(className, [key: value]).contains("key '\(key)"))
    }

    // MARK: Experts, latents, encoders

    @Test func expertsAreReadWithTheFamilysRouting() throws {
        func experts(_ className: String, _ members: JSONObject) throws -> ExpertConfiguration? {
            var all: JSONObject = ["num_experts_per_tok": 2, "moe_intermediate_size": 6]
            for (key, value) in members { all[key] = value }
            return try configuration(className, all).experts
        }
        var expected = ExpertConfiguration(count: 8, perToken: 2, feedForwardLength: 6)
        expected.normalizesWeights = true
        #expect(try experts("MixtralForCausalLM", ["num_local_experts": 8]) == expected)
        #expect(try experts("Qwen3MoeForCausalLM", ["num_experts": 8, "norm_topk_prob": true]) == expected)
        expected.normalizesWeights = false
        expected.sharedCount = 1
        expected.sharedFeedForwardLength = 10
        expected.layerStep = 2
        expected.denseLayerCount = 1
        let qwen = try experts(
            "Qwen2MoeForCausalLM",
            [
                "num_experts": 8, "shared_expert_intermediate_size": 10, "decoder_sparse_step": 2,
                "mlp_only_layers": [0],
            ]
        )
        #expect(qwen == expected)
        #expect((0..<6).filter(expected.isUsed(inLayer:)) == [1, 3, 5])
        #expect(try experts("LlamaForCausalLM", [:]) == nil)
        #expect(try experts("GptOssForCausalLM", ["num_local_experts": 8])?.gating == .softmaxOfChosen)
        #expect(
            try error("MixtralForCausalLM", ["num_local_experts": 4, "num_experts_per_tok": 5])
                .contains("'num_experts_per_tok' is 5, must be at most 4")
        )
    }

    @Test func deepSeekHasLatentAttentionAndGroupsOfExperts() throws {
        let members: JSONObject = [
            "q_lora_rank": 4, "kv_lora_rank": 6, "qk_nope_head_dim": 8, "qk_rope_head_dim": 4, "v_head_dim": 10,
            "n_routed_experts": 8, "n_shared_experts": 2, "num_experts_per_tok": 3, "moe_intermediate_size": 5,
            "n_group": 4, "topk_group": 2, "first_k_dense_replace": 1, "routed_scaling_factor": 2.5,
            "rope_scaling": ["type": "yarn", "factor": 4, "mscale": 1, "mscale_all_dim": 1],
        ]
        let c = try configuration("DeepseekV3ForCausalLM", members)
        let latent = try #require(c.latent)
        #expect(latent.queryRank == 4 && latent.keyValueRank == 6 && latent.plainLength == 8)
        #expect(latent.rotaryLength == 4 && latent.valueLength == 10)
        #expect(c.keyLength == 12 && c.valueLength == 10 && c.headCountsKV == [4, 4] && c.ropeDimensionCount == 4)
        let temperature = 1 + 0.1 * log(4)
        #expect(abs(c.attentionScale - temperature * temperature / 12.0.squareRoot()) < 1e-15)
        let experts = try #require(c.experts)
        #expect(experts.hasSelectionBias && experts.gating == .sigmoid && experts.normalizesWeights)
        #expect(experts.groupCount == 4 && experts.groupsUsed == 2 && experts.weightScale == 2.5)
        #expect(experts.sharedFeedForwardLength == 10 && experts.denseLayerCount == 1)
        let second = try #require(try configuration("DeepseekV2ForCausalLM", members).experts)
        #expect(!second.hasSelectionBias && second.gating == .softmax && second.groupCount == 1)
    }

    @Test func encodersSeeBothWaysAndSayHowTheyArePooled() throws {
        var tiny = try TinyDirectory("BertModel", ["layer_norm_eps": 1e-12, "type_vocab_size": 2])
        tiny.weights.add("x", [1])
        let c = try tiny.open().configuration
        #expect(!c.isCausal && c.tokenTypeCount == 2 && c.positionEmbeddingCount == 512 && c.pooling == .mean)
        #expect(c.activation == .gelu && c.layerNormEpsilon == 1e-12)
        let folder = "\(tiny.directory.path)/1_Pooling"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let pooling: JSONValue = ["pooling_mode_cls_token": true, "pooling_mode_mean_tokens": false]
        try tiny.directory.write(pooling.serialized, to: "1_Pooling/config.json")
        #expect(try tiny.open().configuration.pooling == .cls)
    }

    @Test(arguments: [
        (["Transformer", "Pooling", "Normalize"], nil),
        (["Transformer", "Pooling", "Dense"], "'sentence_transformers.models.Dense'"),
    ])
    func stepsThatWouldMakeAnotherEmbeddingAreRefused(steps: [String], refused: String?) throws {
        var tiny = try TinyDirectory("BertModel", ["layer_norm_eps": 1e-12])
        tiny.weights.add("x", [1])
        let modules = JSONValue.array(steps.map { ["type": .string("sentence_transformers.models.\($0)")] })
        try tiny.directory.write(modules.serialized, to: "modules.json")
        do {
            _ = try tiny.open()
            #expect(refused == nil)
        } catch {
            #expect(refused.map { "\(error)".contains($0) } == true)
        }
    }
}
