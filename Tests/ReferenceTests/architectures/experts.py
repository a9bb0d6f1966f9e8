"""Mixtures of experts."""

from .architecture import WINDOW, Architecture, decoder

#: Latent attention with the widths of DeepSeek's models.
LATENT = {
    "kv_lora_rank": 512, "qk_nope_head_dim": 128, "qk_rope_head_dim": 64, "v_head_dim": 128, "hidden_act": "silu",
    "num_key_value_heads": 4, "rms_norm_eps": 1e-6, "attention_bias": False, "rope_theta": 10000.0, "num_hidden_layers": 3,
    "moe_layer_freq": 1, "first_k_dense_replace": 1, "moe_intermediate_size": 256,
}


def deepseek_yarn(scale: float) -> dict:
    return {
        "type": "yarn", "factor": 8, "beta_fast": 32, "beta_slow": 1, "mscale": scale, "mscale_all_dim": scale,
        "original_max_position_embeddings": 128,
    }


EXPERTS = {
    "mixtral": Architecture(
        decoder(
            "mixtral", "MixtralForCausalLM", hidden_act="silu", rms_norm_eps=1e-5, intermediate_size=256,
            rope_theta=1000000.0, sliding_window=None, num_local_experts=8, num_experts_per_tok=2,
        ),
    ),
    "qwen2-moe": Architecture(
        decoder(
            "qwen2_moe", "Qwen2MoeForCausalLM", hidden_act="silu", rms_norm_eps=1e-6, rope_theta=1000000.0,
            moe_intermediate_size=256, shared_expert_intermediate_size=512, num_experts=8, num_experts_per_tok=4,
            norm_topk_prob=False, decoder_sparse_step=1, mlp_only_layers=[], use_sliding_window=False,
            sliding_window=32768, max_window_layers=21,
        ),
        without={"weights as they are": {"norm_topk_prob": True}},
    ),
    "qwen3-moe": Architecture(
        decoder(
            "qwen3_moe", "Qwen3MoeForCausalLM", hidden_act="silu", rms_norm_eps=1e-6, num_attention_heads=6, head_dim=128,
            rope_theta=1000000.0, moe_intermediate_size=256, num_experts=16, num_experts_per_tok=4, norm_topk_prob=True,
            decoder_sparse_step=1, mlp_only_layers=[], use_sliding_window=False, sliding_window=None,
            attention_bias=False,
        ),
        without={"normalized weights": {"norm_topk_prob": False}},
    ),
    "olmoe": Architecture(
        decoder(
            "olmoe", "OlmoeForCausalLM", hidden_act="silu", rms_norm_eps=1e-5, num_key_value_heads=4,
            intermediate_size=256, rope_theta=10000.0, num_experts=16, num_experts_per_tok=4, norm_topk_prob=False,
            clip_qkv=None, attention_bias=False,
        ),
    ),
    "olmoe-clipped": Architecture(
        decoder(
            "olmoe", "OlmoeForCausalLM", hidden_act="silu", rms_norm_eps=1e-5, num_key_value_heads=4,
            intermediate_size=256, rope_theta=10000.0, num_experts=8, num_experts_per_tok=2, norm_topk_prob=True,
            clip_qkv=1.0, attention_bias=False,
        ),
        without={"clipping": {"clip_qkv": None}},
    ),
    "granite-moe": Architecture(
        decoder(
            "granitemoe", "GraniteMoeForCausalLM", hidden_act="silu", rms_norm_eps=1e-6, num_attention_heads=8,
            intermediate_size=256, rope_theta=10000.0, embedding_multiplier=12.0, logits_scaling=6.0,
            residual_multiplier=0.22, attention_multiplier=0.25, num_local_experts=8, num_experts_per_tok=4,
            tie_word_embeddings=True, attention_bias=False,
        ),
        gains={"embed_tokens": 0.05, "model.norm": 20.0},
    ),
    "deepseek2-lite": Architecture(
        decoder(
            "deepseek_v2", "DeepseekV2ForCausalLM", **LATENT, q_lora_rank=None, n_routed_experts=8, n_shared_experts=2,
            num_experts_per_tok=3, topk_method="greedy", n_group=1, topk_group=1, norm_topk_prob=False,
            routed_scaling_factor=1.0, scoring_func="softmax", rope_scaling=deepseek_yarn(0.707),
        ),
        without={"scaling": {"rope_scaling": None}},
    ),
    "deepseek2": Architecture(
        decoder(
            "deepseek_v2", "DeepseekV2ForCausalLM", **LATENT, q_lora_rank=384, n_routed_experts=16, n_shared_experts=2,
            num_experts_per_tok=4, topk_method="group_limited_greedy", n_group=4, topk_group=2, norm_topk_prob=False,
            routed_scaling_factor=4.0, scoring_func="softmax", rope_scaling=deepseek_yarn(0.707),
        ),
        without={"groups": {"topk_group": 4}, "the experts' multiplier": {"routed_scaling_factor": 1.0}},
    ),
    "deepseek3": Architecture(
        decoder(
            "deepseek_v3", "DeepseekV3ForCausalLM", **LATENT, q_lora_rank=384, n_routed_experts=16, n_shared_experts=1,
            num_experts_per_tok=4, topk_method="noaux_tc", n_group=4, topk_group=2, norm_topk_prob=True,
            routed_scaling_factor=2.5, scoring_func="sigmoid", rope_scaling=deepseek_yarn(1.0), num_nextn_predict_layers=0,
        ),
        without={
            "groups": {"topk_group": 4}, "the experts' multiplier": {"routed_scaling_factor": 1.0},
            "scaling": {"rope_scaling": None},
        },
    ),
    # gate and up large enough to reach the limit of 7.
    "gpt-oss": Architecture(
        decoder(
            "gpt_oss", "GptOssForCausalLM", hidden_act="silu", rms_norm_eps=1e-5, num_attention_heads=8, head_dim=64,
            intermediate_size=256, rope_theta=150000, sliding_window=WINDOW,
            layer_types=["sliding_attention", "full_attention"], attention_bias=True, num_local_experts=8,
            num_experts_per_tok=4, experts_per_token=4, swiglu_limit=7.0, initial_context_length=128,
            rope_scaling={
                "beta_fast": 32.0, "beta_slow": 1.0, "factor": 8.0, "original_max_position_embeddings": 128,
                "rope_type": "yarn", "truncate": False,
            },
        ),
        without={"the window": {"sliding_window": 4096}, "the limit": {"swiglu_limit": 1000.0},
                 "scaling": {"rope_scaling": {"rope_type": "default"}}},
        gains={"gate_up_proj": 4.0},
    ),
}
