"""Decoders of gated feed-forward parts and RMS norms."""

from .architecture import WINDOW, Architecture, decoder

#: Where embeddings are multiplied before the first layer: small, or each token would just be followed by itself.
ENLARGED_EMBEDDINGS = {"embed_tokens": 0.05, "model.norm": 20.0}
GEMMA = ENLARGED_EMBEDDINGS | {"post_attention_layernorm": 2.0}

LLAMA_LIKE = {
    "llama2": Architecture(
        decoder(
            "llama", "LlamaForCausalLM", hidden_act="silu", rms_norm_eps=1e-5, num_key_value_heads=4, rope_theta=10000.0,
            rope_scaling=None, attention_bias=False, pretraining_tp=1,
        ),
    ),
    # Llama-3.2-1B: tied, Llama 3's scaling, wide enough for the kernels of wide models.
    "llama3": Architecture(
        decoder(
            "llama", "LlamaForCausalLM", hidden_act="silu", rms_norm_eps=1e-5, hidden_size=768, num_attention_heads=6,
            head_dim=128, intermediate_size=1280, rope_theta=10000.0, tie_word_embeddings=True,
            rope_scaling={
                "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
                "original_max_position_embeddings": 64, "rope_type": "llama3",
            },
            attention_bias=False, mlp_bias=False, eos_token_id=[3, 4, 5],
        ),
        without={"Llama 3's scaling": {"rope_scaling": None}},
    ),
    "llama-biases": Architecture(
        decoder(
            "llama", "LlamaForCausalLM", hidden_act="silu", rms_norm_eps=1e-5, rope_theta=10000.0, attention_bias=True,
            mlp_bias=True,
        ),
    ),
    # Mistral-Nemo: all heads are narrower than the stream. The window of Mistral-7B-v0.1.
    "mistral": Architecture(
        decoder(
            "mistral", "MistralForCausalLM", hidden_act="silu", rms_norm_eps=1e-5, hidden_size=640, head_dim=128,
            rope_theta=10000.0, sliding_window=WINDOW,
        ),
        without={"the window": {"sliding_window": None}},
    ),
    # Qwen2.5-0.5B: heads of 64, biases, tied.
    "qwen2": Architecture(
        decoder(
            "qwen2", "Qwen2ForCausalLM", hidden_act="silu", rms_norm_eps=1e-6, hidden_size=896, num_attention_heads=14,
            rope_theta=1000000.0, tie_word_embeddings=True, use_sliding_window=False, sliding_window=32768,
            max_window_layers=21,
        ),
    ),
    "qwen2-window": Architecture(
        decoder(
            "qwen2", "Qwen2ForCausalLM", hidden_act="silu", rms_norm_eps=1e-6, rope_theta=10000.0,
            use_sliding_window=True, sliding_window=WINDOW, max_window_layers=1, num_hidden_layers=3,
        ),
        without={"the window": {"use_sliding_window": False}},
    ),
    "qwen3": Architecture(
        decoder(
            "qwen3", "Qwen3ForCausalLM", hidden_act="silu", rms_norm_eps=1e-6, num_attention_heads=6, head_dim=128,
            rope_theta=1000000.0, attention_bias=False, use_sliding_window=False, sliding_window=None,
            max_window_layers=2,
        ),
    ),
    "gemma2": Architecture(
        decoder(
            "gemma2", "Gemma2ForCausalLM", hidden_act="gelu_pytorch_tanh", hidden_activation="gelu_pytorch_tanh",
            rms_norm_eps=1e-6, hidden_size=576, head_dim=256, query_pre_attn_scalar=224, rope_theta=10000.0,
            sliding_window=WINDOW, attn_logit_softcapping=50.0, final_logit_softcapping=5.0, tie_word_embeddings=True,
            cache_implementation="hybrid",
        ),
        without={
            "the window": {"sliding_window": 4096},
            "the cap on attention": {"attn_logit_softcapping": 1e6},
            "the cap on logits": {"final_logit_softcapping": 1e6},
        },
        gains=GEMMA | {"embed_tokens": 0.3, "q_proj": 3.0, "k_proj": 3.0},
    ),
    # Gemma-3-1B and larger: two rotary embeddings, the global one scaled.
    "gemma3": Architecture(
        decoder(
            "gemma3_text", "Gemma3ForCausalLM", hidden_activation="gelu_pytorch_tanh", rms_norm_eps=1e-6,
            num_hidden_layers=4, head_dim=256, query_pre_attn_scalar=256, rope_theta=1000000.0,
            rope_local_base_freq=10000.0, rope_scaling={"factor": 8.0, "rope_type": "linear"}, sliding_window=WINDOW,
            sliding_window_pattern=2, attn_logit_softcapping=None, final_logit_softcapping=None, attention_bias=False,
            tie_word_embeddings=True, cache_implementation="hybrid", eos_token_id=[1, 106],
        ),
        without={
            "the window": {"sliding_window": 4096},
            "the local base": {"rope_local_base_freq": 1000000.0},
            "linear scaling": {"rope_scaling": None},
        },
        gains=GEMMA | {"q_norm": 3.0, "k_norm": 3.0},
    ),
    "smollm3": Architecture(
        decoder(
            "smollm3", "SmolLM3ForCausalLM", hidden_act="silu", rms_norm_eps=1e-6, num_key_value_heads=1,
            num_hidden_layers=4, rope_theta=5000000.0, no_rope_layers=[1, 1, 1, 0], no_rope_layer_interval=4,
            layer_types=["full_attention"] * 4, use_sliding_window=False, sliding_window=None, attention_bias=False,
            mlp_bias=False, tie_word_embeddings=True,
        ),
        without={"layers without rotary": {"no_rope_layers": [1, 1, 1, 1]}},
    ),
    "granite": Architecture(
        decoder(
            "granite", "GraniteForCausalLM", hidden_act="silu", rms_norm_eps=1e-5, num_attention_heads=8,
            rope_theta=10000.0, embedding_multiplier=12.0, logits_scaling=8.0, residual_multiplier=0.22,
            attention_multiplier=0.25, attention_bias=False, mlp_bias=False, tie_word_embeddings=True,
        ),
        without={
            "the embeddings' multiplier": {"embedding_multiplier": 1.0},
            "the residuals' multiplier": {"residual_multiplier": 1.0},
            "the attention's multiplier": {"attention_multiplier": 0.125},
            "the logits' divisor": {"logits_scaling": 1.0},
        },
        gains=ENLARGED_EMBEDDINGS,
    ),
    # OLMo-2-32B: grouped heads; norms only behind, and over all heads' width.
    "olmo2": Architecture(
        decoder(
            "olmo2", "Olmo2ForCausalLM", hidden_act="silu", rms_norm_eps=1e-6, rope_theta=500000.0, rope_scaling=None,
            attention_bias=False,
        ),
    ),
    # Command-R+: norms of the heads. Command-R, Aya: none.
    "cohere": Architecture(
        decoder(
            "cohere", "CohereForCausalLM", hidden_act="silu", layer_norm_eps=1e-5, rope_theta=10000.0, logit_scale=0.25,
            use_qk_norm=True, attention_bias=False, tie_word_embeddings=True,
        ),
        without={"the logits' multiplier": {"logit_scale": 1.0}},
    ),
    "cohere-plain": Architecture(
        decoder(
            "cohere", "CohereForCausalLM", hidden_act="silu", layer_norm_eps=1e-5, rope_theta=10000.0, logit_scale=0.0625,
            use_qk_norm=False, attention_bias=False, tie_word_embeddings=True,
        ),
    ),
    "cohere2": Architecture(
        decoder(
            "cohere2", "Cohere2ForCausalLM", hidden_act="silu", layer_norm_eps=1e-5, num_hidden_layers=4,
            rope_theta=50000.0, logit_scale=0.25, sliding_window=WINDOW, sliding_window_pattern=4, attention_bias=False,
            head_dim=128, tie_word_embeddings=True, rotary_pct=1.0,
        ),
        without={"the window": {"sliding_window": 4096}},
    ),
    # StableLM-2-1.6B: LayerNorm, a quarter of each head rotated, biases.
    "stablelm": Architecture(
        decoder(
            "stablelm", "StableLmForCausalLM", hidden_act="silu", layer_norm_eps=1e-5, num_attention_heads=8,
            num_key_value_heads=8, rope_theta=10000.0, partial_rotary_factor=0.25, use_qkv_bias=True,
            qk_layernorm=False, use_parallel_residual=False,
        ),
        without={"partial rotation": {"partial_rotary_factor": 1.0}},
    ),
    # StableLM-2-12B: parallel residual, a norm for each head.
    "stablelm-parallel": Architecture(
        decoder(
            "stablelm", "StableLmForCausalLM", hidden_act="silu", layer_norm_eps=1e-5, hidden_size=640,
            num_attention_heads=8, rope_theta=10000.0, partial_rotary_factor=0.25, use_qkv_bias=False,
            qk_layernorm=True, use_parallel_residual=True,
        ),
    ),
}
