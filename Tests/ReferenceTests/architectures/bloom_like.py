"""Decoders of plain feed-forward parts and LayerNorm."""

from .architecture import WINDOW, Architecture, decoder

FALCON = {
    "activation": "gelu", "alibi": False, "bias": False, "layer_norm_epsilon": 1e-5, "parallel_attn": True,
    "rope_theta": 10000.0, "tie_word_embeddings": True, "num_key_value_heads": None, "intermediate_size": None,
}


def falcon(**fields) -> dict:
    config = decoder("falcon", "FalconForCausalLM", **FALCON, **fields)
    return {name: value for name, value in config.items() if value is not None}


BLOOM_LIKE = {
    "starcoder2": Architecture(
        decoder(
            "starcoder2", "Starcoder2ForCausalLM", hidden_act="gelu_pytorch_tanh", norm_epsilon=1e-5,
            rope_theta=999999.4420358813, sliding_window=WINDOW, use_bias=True, tie_word_embeddings=True, mlp_type="default",
            norm_type="layer_norm",
        ),
        without={"the window": {"sliding_window": None}},
    ),
    "gpt2": Architecture(
        {
            "architectures": ["GPT2LMHeadModel"], "model_type": "gpt2", "vocab_size": 509, "n_embd": 768, "n_head": 12,
            "n_layer": 2, "n_positions": 1024, "n_ctx": 1024, "n_inner": None, "activation_function": "gelu_new",
            "layer_norm_epsilon": 1e-5, "bos_token_id": 508, "eos_token_id": 508, "torch_dtype": "float32",
        },
        gains={"wpe": 2.0, "c_attn": 1.5},
    ),
    # Pythia-2.8B: heads of 80, a quarter of them rotated.
    "gpt-neox": Architecture(
        {
            "architectures": ["GPTNeoXForCausalLM"], "model_type": "gpt_neox", "vocab_size": 509, "hidden_size": 640,
            "intermediate_size": 1280, "num_attention_heads": 8, "num_hidden_layers": 2, "hidden_act": "gelu",
            "layer_norm_eps": 1e-5, "max_position_embeddings": 1024, "rotary_pct": 0.25, "rotary_emb_base": 10000,
            "use_parallel_residual": True, "tie_word_embeddings": False, "bos_token_id": 0, "eos_token_id": 0,
            "torch_dtype": "float32",
        },
        without={"partial rotation": {"rotary_pct": 1.0}, "the parallel residual": {"use_parallel_residual": False}},
    ),
    "gpt-neox-sequential": Architecture(
        {
            "architectures": ["GPTNeoXForCausalLM"], "model_type": "gpt_neox", "vocab_size": 512, "hidden_size": 512,
            "intermediate_size": 1024, "num_attention_heads": 4, "num_hidden_layers": 2, "hidden_act": "gelu_fast",
            "layer_norm_eps": 1e-5, "max_position_embeddings": 1024, "rotary_pct": 1.0, "rotary_emb_base": 10000,
            "use_parallel_residual": False, "tie_word_embeddings": False, "bos_token_id": 0, "eos_token_id": 0,
            "torch_dtype": "float32",
        },
    ),
    # Falcon-7B: an odd number of heads that share one key and value, one norm before both halves.
    "falcon": Architecture(falcon(hidden_size=576, num_attention_heads=9, multi_query=True, new_decoder_architecture=False)),
    # Falcon-40B: grouped heads, two norms.
    "falcon-40b": Architecture(falcon(num_attention_heads=8, num_kv_heads=2, new_decoder_architecture=True)),
    # Falcon2-11B: grouped heads, one norm.
    "falcon-11b": Architecture(
        falcon(
            num_attention_heads=4, num_kv_heads=2, new_decoder_architecture=True, num_ln_in_parallel_attn=1,
            ffn_hidden_size=1024,
        ),
    ),
}
