import Checkpoints
import OrderedJSON
import Testing

/// Tensors that files have in one, in pieces, turned around or as differences from 1.
@Suite struct FusedTensorTests {
    /// Rows of a matrix whose numbers count up.
    private func rows(_ rows: some Sequence<Int>, width: Int) -> [[Float]] {
        rows.map { row in (0..<width).map { Float(row * width + $0) } }
    }

    /// Numbers by row and column.
    private func grid(_ rows: Int, _ columns: Int, _ number: (Int, Int) -> Int) -> [[Float]] {
        (0..<rows).map { row in (0..<columns).map { Float(number(row, $0)) } }
    }

    @Test func phi3HasQueriesKeysAndValuesInOneAndGateAndUpInOne() throws {
        var tiny = try TinyDirectory("Phi3ForCausalLM", [:])
        tiny.weights.add("model.layers.1.self_attn.qkv_proj.weight", [16, 8])
        tiny.weights.add("model.layers.1.mlp.gate_up_proj.weight", [24, 8])
        var tensors = try tiny.open().tensors
        #expect(try tensors.matrix("blk.1.attn_q.weight", rows: 8, columns: 8).numbers == rows(0..<8, width: 8))
        #expect(try tensors.matrix("blk.1.attn_k.weight", rows: 4, columns: 8).numbers == rows(8..<12, width: 8))
        #expect(try tensors.matrix("blk.1.attn_v.weight", rows: 4, columns: 8).numbers == rows(12..<16, width: 8))
        #expect(try tensors.matrix("blk.1.ffn_gate.weight", rows: 12, columns: 8).numbers == rows(0..<12, width: 8))
        #expect(try tensors.matrix("blk.1.ffn_up.weight", rows: 12, columns: 8).numbers == rows(12..<24, width: 8))
        try tensors.requireAllTaken()
        #expect(tensors.byteCount == 4 * 40 * 8)
    }

    @Test func aFusedTensorWithTooFewRowsIsAnError() throws {
        var tiny = try TinyDirectory("Phi3ForCausalLM", [:])
        tiny.weights.add("model.layers.1.self_attn.qkv_proj.weight", [15, 8])
        let error = try #require(throws: CheckpointError.self) { try tiny.open() }
        #expect(error.description.contains("qkv_proj.weight' is F32 [15, 8]: 16 or more rows are needed"))
    }

    @Test func gptNeoXHasTheThreeOfEachHeadTogether() throws {
        var tiny = try TinyDirectory("GPTNeoXForCausalLM", ["layer_norm_eps": 1e-5, "rotary_pct": 1])
        tiny.config["num_key_value_heads"] = nil
        tiny.weights.add("gpt_neox.layers.0.attention.query_key_value.weight", [24, 8])
        tiny.weights.add("gpt_neox.layers.0.attention.query_key_value.bias", [24])
        var tensors = try tiny.open().tensors
        let key = [2, 3, 8, 9, 14, 15, 20, 21]
        for (name, shift) in [("q", -2), ("k", 0), ("v", 2)] {
            let expected = key.map { $0 + shift }
            let weight = try tensors.matrix("blk.0.attn_\(name).weight", rows: 8, columns: 8)
            #expect(try weight.numbers == rows(expected, width: 8))
            #expect(try tensors.vector("blk.0.attn_\(name).bias", count: 8).numbers == [expected.map(Float.init)])
        }
        try tensors.requireAllTaken()
    }

    @Test func falconsNewKindHasTheQueriesOfAKeyTogetherWithIt() throws {
        var tiny = try TinyDirectory("FalconForCausalLM", ["new_decoder_architecture": true, "num_kv_heads": 2])
        tiny.config["num_key_value_heads"] = nil
        tiny.weights.add("transformer.h.0.self_attention.query_key_value.weight", [16, 8])
        var tensors = try tiny.open().tensors
        let query = try tensors.matrix("blk.0.attn_q.weight", rows: 8, columns: 8)
        #expect(try query.numbers == rows([0, 1, 2, 3, 8, 9, 10, 11], width: 8))
        #expect(
            try tensors.matrix("blk.0.attn_k.weight", rows: 4, columns: 8).numbers == rows([4, 5, 12, 13], width: 8)
        )
        #expect(
            try tensors.matrix("blk.0.attn_v.weight", rows: 4, columns: 8).numbers == rows([6, 7, 14, 15], width: 8)
        )
    }

    @Test func falconsFirstKindHasOneKeyForAllQueries() throws {
        var tiny = try TinyDirectory("FalconForCausalLM", ["multi_query": true])
        tiny.weights.add("transformer.h.0.self_attention.query_key_value.weight", [12, 8])
        let checkpoint = try tiny.open()
        #expect(checkpoint.configuration.headCountsKV == [1, 1])
        var tensors = checkpoint.tensors
        #expect(try tensors.matrix("blk.0.attn_q.weight", rows: 8, columns: 8).numbers == rows(0..<8, width: 8))
        #expect(try tensors.matrix("blk.0.attn_v.weight", rows: 2, columns: 8).numbers == rows(10..<12, width: 8))
    }

    @Test(arguments: ["F32", "BF16"]) func gpt2HasInputFeaturesFirst(type: String) throws {
        var tiny = try TinyDirectory("GPT2LMHeadModel", ["n_positions": 512])
        tiny.weights.add("transformer.h.0.attn.c_attn.weight", [8, 24])
        tiny.weights.add("transformer.h.0.attn.c_attn.bias", [24])
        tiny.weights.add("transformer.h.0.mlp.c_proj.weight", [12, 8])
        if type == "BF16" {
            // Whole numbers of up to 8 bits keep their values.
            for index in tiny.weights.tensors.indices {
                let data = tiny.weights.tensors[index].data
                tiny.weights.tensors[index].type = type
                tiny.weights.tensors[index].data = stride(from: 0, to: data.count, by: 4).flatMap {
                    data[$0 + 2...$0 + 3]
                }
            }
        }
        tiny.config["num_key_value_heads"] = nil
        var tensors = try tiny.open().tensors
        for (index, name) in ["q", "k", "v"].enumerated() {
            let expected = grid(8, 8) { $1 * 24 + 8 * index + $0 }
            #expect(try tensors.matrix("blk.0.attn_\(name).weight", rows: 8, columns: 8).numbers == expected)
            let bias = try tensors.vector("blk.0.attn_\(name).bias", count: 8).numbers
            #expect(bias == [(0..<8).map { Float(8 * index + $0) }])
        }
        let down = try tensors.matrix("blk.0.ffn_down.weight", rows: 8, columns: 12).numbers
        #expect(down == grid(8, 12) { $1 * 8 + $0 })
    }

    @Test func gptOSSHasGatesAndUpsInTurnAndInputFeaturesFirst() throws {
        var tiny = try TinyDirectory("GptOssForCausalLM", ["num_local_experts": 3, "num_experts_per_tok": 2])
        tiny.config["intermediate_size"] = 4
        tiny.weights.add("model.layers.0.mlp.experts.gate_up_proj", [3, 8, 8])
        tiny.weights.add("model.layers.0.mlp.experts.gate_up_proj_bias", [3, 8])
        tiny.weights.add("model.layers.0.mlp.experts.down_proj", [3, 4, 8])
        tiny.weights.add("model.layers.0.mlp.experts.down_proj_bias", [3, 8])
        var tensors = try tiny.open().tensors
        for expert in 0..<3 {
            for (start, name) in ["gate", "up"].enumerated() {
                let weight = try tensors.matrix(
                    "blk.0.ffn_\(name)_exps.weight",
                    index: expert,
                    of: 3,
                    rows: 4,
                    columns: 8
                )
                let expected = grid(4, 8) { expert * 64 + $1 * 8 + 2 * $0 + start }
                #expect(try weight.numbers == expected)
            }
            let down = try tensors.matrix("blk.0.ffn_down_exps.weight", index: expert, of: 3, rows: 8, columns: 4)
            #expect(try down.numbers == grid(8, 4) { expert * 32 + $1 * 8 + $0 })
        }
        for (start, name) in ["gate", "up"].enumerated() {
            let bias = try tensors.matrix("blk.0.ffn_\(name)_exps.bias", rows: 3, columns: 4).numbers
            #expect(bias == grid(3, 4) { $0 * 8 + 2 * $1 + start })
        }
        #expect(try tensors.matrix("blk.0.ffn_down_exps.bias", rows: 3, columns: 8).numbers == rows(0..<3, width: 8))
        try tensors.requireAllTaken()
    }

    @Test func granitesExpertsAreOneTensor() throws {
        var tiny = try TinyDirectory("GraniteMoeForCausalLM", ["num_local_experts": 2, "num_experts_per_tok": 1])
        tiny.weights.add("model.layers.0.block_sparse_moe.input_linear.weight", [2, 24, 8])
        tiny.weights.add("model.layers.0.block_sparse_moe.output_linear.weight", [2, 8, 12])
        var tensors = try tiny.open().tensors
        let up = try tensors.matrix("blk.0.ffn_up_exps.weight", index: 1, of: 2, rows: 12, columns: 8)
        #expect(try up.numbers == rows(36..<48, width: 8))
        let down = try tensors.matrix("blk.0.ffn_down_exps.weight", index: 1, of: 2, rows: 8, columns: 12)
        #expect(try down.numbers == rows(8..<16, width: 12))
    }

    @Test func expertsInTensorsOfTheirOwnAreOneTensor() throws {
        var tiny = try TinyDirectory("MixtralForCausalLM", ["num_local_experts": 12, "num_experts_per_tok": 2])
        // In an order that isn't theirs.
        for expert in (0..<12).reversed() {
            tiny.weights.add("model.layers.0.block_sparse_moe.experts.\(expert).w2.weight", [8, 12], first: expert)
        }
        var tensors = try tiny.open().tensors
        #expect(tensors.shape(of: "blk.0.ffn_down_exps.weight") == [12, 8, 12])
        for expert in 0..<12 {
            let down = try tensors.matrix("blk.0.ffn_down_exps.weight", index: expert, of: 12, rows: 8, columns: 12)
            #expect(try down.numbers[0][0] == Float(expert))
        }
        try tensors.requireAllTaken()
        #expect(throws: CheckpointError.self) {
            try tensors.matrix("blk.0.ffn_down_exps.weight", index: 0, of: 8, rows: 8, columns: 12)
        }
    }

    @Test func anExpertThatIsMissingIsNamed() throws {
        var tiny = try TinyDirectory("MixtralForCausalLM", ["num_local_experts": 3, "num_experts_per_tok": 2])
        for expert in [0, 2] {
            tiny.weights.add("model.layers.0.block_sparse_moe.experts.\(expert).w2.weight", [8, 12])
        }
        let error = try #require(throws: CheckpointError.self) { try tiny.open() }
        #expect(error.description.contains("tensor 'blk.0.ffn_down_exps.weight[1]' is missing"))
    }

    @Test func latentHeadsAreCutOutAndThoseOfKeysTurnedAround() throws {
        var tiny = try TinyDirectory(
            "DeepseekV2ForCausalLM",
            ["kv_lora_rank": 5, "qk_nope_head_dim": 2, "qk_rope_head_dim": 2, "v_head_dim": 3]
        )
        tiny.weights.add("model.layers.0.self_attn.kv_b_proj.weight", [20, 5])
        var tensors = try tiny.open().tensors
        for head in 0..<4 {
            let key = try tensors.matrix("blk.0.attn_k_b.weight", index: head, of: 4, rows: 5, columns: 2)
            #expect(try key.numbers == grid(5, 2) { (head * 5 + $1) * 5 + $0 })
            let value = try tensors.matrix("blk.0.attn_v_b.weight", index: head, of: 4, rows: 3, columns: 5)
            #expect(try value.numbers == rows(head * 5 + 2..<head * 5 + 5, width: 5))
        }
        try tensors.requireAllTaken()
    }

    @Test func stableLMsHeadNormsAreOneTensor() throws {
        var tiny = try TinyDirectory("StableLmForCausalLM", ["layer_norm_eps": 1e-5, "partial_rotary_factor": 1])
        for head in 0..<4 {
            tiny.weights.add("model.layers.0.self_attn.q_layernorm.norms.\(head).weight", [2], first: 2 * head)
        }
        var tensors = try tiny.open().tensors
        #expect(try tensors.matrix("blk.0.attn_q_norm.weight", rows: 4, columns: 2).numbers == rows(0..<4, width: 2))
    }

    @Test func gemmasNormsAreStoredAsDifferencesFrom1() throws {
        var tiny = try TinyDirectory("Gemma3ForCausalLM", [:])
        tiny.weights.add("model.norm.weight", [8])
        tiny.weights.add("model.layers.0.self_attn.q_norm.weight", [256])
        tiny.weights.add("model.layers.0.self_attn.q_proj.weight", [1, 8])
        var tensors = try tiny.open().tensors
        #expect(try tensors.vector("output_norm.weight", count: 8).numbers == [(1...8).map(Float.init)])
        #expect(try tensors.vector("blk.0.attn_q_norm.weight", count: 256).numbers == [(1...256).map(Float.init)])
        #expect(try tensors.matrix("blk.0.attn_q.weight", rows: 1, columns: 8).numbers == rows(0..<1, width: 8))
    }

    @Test func oldNamesOfNormsAndWhatGuessesMaskedWordsAreKnown() throws {
        var tiny = try TinyDirectory("RobertaForMaskedLM", ["layer_norm_eps": 1e-5])
        tiny.weights.add("roberta.embeddings.LayerNorm.gamma", [8])
        tiny.weights.add("roberta.embeddings.LayerNorm.beta", [8])
        for name in ["lm_head.dense.weight", "lm_head.bias", "roberta.pooler.dense.bias"] {
            tiny.weights.add(name, [8])
        }
        #expect(try tiny.open().tensors.names.sorted() == ["token_embd_norm.bias", "token_embd_norm.weight"])
    }

    @Test func robertasFirstPositionsAreNone() throws {
        var tiny = try TinyDirectory("RobertaModel", ["layer_norm_eps": 1e-5, "pad_token_id": 1])
        tiny.config["max_position_embeddings"] = 6
        tiny.weights.add("embeddings.position_embeddings.weight", [6, 8])
        let checkpoint = try tiny.open()
        #expect(checkpoint.configuration.positionEmbeddingCount == 4)
        var tensors = checkpoint.tensors
        #expect(try tensors.matrix("position_embd.weight", rows: 4, columns: 8).numbers == rows(2..<6, width: 8))
    }
}
