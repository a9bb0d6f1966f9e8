"""Every scaling of the rotary embedding, and Phi-3 with its fused matrices."""

from .architecture import WINDOW, Architecture, decoder


def factors(count: int, last: float) -> list[float]:
    """A divisor for each pair of dimensions, from 1 upwards."""
    return [round(1 + (last - 1) * (index / (count - 1)) ** 2, 4) for index in range(count)]


def scaled_llama(scaling: dict) -> Architecture:
    return Architecture(
        decoder(
            "llama", "LlamaForCausalLM", hidden_act="silu", rms_norm_eps=1e-5, rope_theta=10000.0, rope_scaling=scaling,
        ),
        without={"scaling": {"rope_scaling": None}},
    )


ROTARY = {
    "llama-linear": scaled_llama({"type": "linear", "factor": 4.0}),
    "llama-yarn": scaled_llama(
        {"rope_type": "yarn", "factor": 8.0, "original_max_position_embeddings": 128, "beta_fast": 32.0, "beta_slow": 1.0}
    ),
    # Within its context the dynamic scaling changes nothing.
    "llama-dynamic": Architecture(
        decoder(
            "llama", "LlamaForCausalLM", hidden_act="silu", rms_norm_eps=1e-5, rope_theta=10000.0,
            rope_scaling={"type": "dynamic", "factor": 2.0},
        ),
    ),
    # The form that transformers 5 writes.
    "qwen2-yarn": Architecture(
        decoder(
            "qwen2", "Qwen2ForCausalLM", hidden_act="silu", rms_norm_eps=1e-6, dtype="float32",
            rope_parameters={
                "rope_theta": 1000000.0, "rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 256,
            },
        ),
        without={"scaling": {"rope_parameters": {"rope_theta": 1000000.0, "rope_type": "default"}}},
    ),
    # Phi-3-mini-128k: heads of 96, a window, sequences longer than the original context.
    "phi3": Architecture(
        decoder(
            "phi3", "Phi3ForCausalLM", hidden_act="silu", rms_norm_eps=1e-5, hidden_size=576, num_attention_heads=6,
            num_key_value_heads=6, rope_theta=10000.0, sliding_window=WINDOW, original_max_position_embeddings=128,
            rope_scaling={"type": "longrope", "short_factor": factors(48, 2.0), "long_factor": factors(48, 12.0)},
            attention_bias=False,
        ),
        without={
            "the window": {"sliding_window": None},
            "the long factors": {
                "rope_scaling": {
                    "type": "longrope", "short_factor": factors(48, 2.0), "long_factor": factors(48, 2.0)
                },
            },
        },
    ),
    # Phi-4-mini: three quarters of each head rotated, grouped heads, tied.
    "phi4-mini": Architecture(
        decoder(
            "phi3", "Phi3ForCausalLM", hidden_act="silu", rms_norm_eps=1e-5, hidden_size=768, num_attention_heads=6,
            rope_theta=10000.0, partial_rotary_factor=0.75, sliding_window=262144, original_max_position_embeddings=128,
            rope_scaling={"type": "longrope", "short_factor": factors(48, 1.0), "long_factor": factors(48, 12.0)},
            attention_bias=False, tie_word_embeddings=True,
        ),
        without={"scaling": {"rope_scaling": None}},
    ),
    # Phi-4 and Phi-3-4k: no scaling.
    "phi4": Architecture(
        decoder(
            "phi3", "Phi3ForCausalLM", hidden_act="silu", rms_norm_eps=1e-5, rope_theta=250000.0, rope_scaling=None,
            sliding_window=None, original_max_position_embeddings=1024, attention_bias=False,
        ),
    ),
}
