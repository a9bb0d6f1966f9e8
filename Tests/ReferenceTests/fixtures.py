"""Checkpoints small enough to be committed, with what `transformers` computes for them: `fixtures.py DIRECTORY`.

Every decoder of `architectures` and some encoders, shrunk to a few dozen kilobytes, for unit tests that need no Python.
"""

import sys
from pathlib import Path

import torch

import checkpoints
import reference
from architectures import ARCHITECTURES, DECODERS
from random_weights import seed

LENGTH = 40
ENCODERS = ["bert", "xlm-roberta"]
#: Sizes by name; what a configuration doesn't have stays away.
SIZES = {
    "vocab_size": 64, "hidden_size": 32, "n_embd": 32, "intermediate_size": 64, "ffn_hidden_size": 64, "n_inner": 64,
    "head_dim": 16, "num_attention_heads": 2, "n_head": 2, "max_position_embeddings": 64, "n_positions": 64, "n_ctx": 64,
    "bos_token_id": 1, "eos_token_id": 2, "original_max_position_embeddings": 16, "initial_context_length": 16,
    "query_pre_attn_scalar": 12, "num_local_experts": 4, "num_experts": 4, "n_routed_experts": 4, "num_experts_per_tok": 2,
    "experts_per_token": 2, "moe_intermediate_size": 32, "shared_expert_intermediate_size": 32, "q_lora_rank": 32,
    "kv_lora_rank": 32, "qk_nope_head_dim": 32, "qk_rope_head_dim": 16, "v_head_dim": 16, "n_group": 2, "topk_group": 1,
}


def shrunk(config: dict) -> dict:
    """A configuration with the same features in small."""
    small = {key: SIZES[key] if key in SIZES and value is not None else value for key, value in config.items()}
    heads = config.get("num_attention_heads")
    for key in ("num_key_value_heads", "num_kv_heads"):
        if key in config:
            small[key] = 2 if config[key] == heads else 1
    if config.get("n_group") == 1:
        small["n_group"] = 1
    if "num_experts_per_tok" in config:
        small |= {"intermediate_size": 32, "num_hidden_layers": 2}
    if config.get("sliding_window"):
        small["sliding_window"] = 10 if config["sliding_window"] < 1000 else config["sliding_window"]
    pairs = int(16 * config.get("partial_rotary_factor", 1)) // 2
    for key in ("rope_scaling", "rope_parameters"):
        if config.get(key):
            small[key] = {name: shrunk_scaling(name, value, pairs) for name, value in config[key].items()}
    return small


def shrunk_scaling(name: str, value: object, pairs: int) -> object:
    if name == "original_max_position_embeddings":
        return 16
    if isinstance(value, list):
        return [value[index * len(value) // pairs] for index in range(pairs)]
    return value


def write(name: str, directory: Path) -> None:
    """One checkpoint, its tokens, and the logits after each or an encoder's hidden states."""
    config = shrunk(ARCHITECTURES[name].config)
    directory.mkdir(parents=True, exist_ok=True)
    model = checkpoints.build(name, config)
    checkpoints.save(model, config, directory)
    generator = torch.Generator().manual_seed(seed(name))
    tokens = torch.randint(3, config["vocab_size"], (LENGTH,), generator=generator)
    tokens.numpy().astype("<i4").tofile(directory / "tokens.i32")
    output = "logits.f32" if name in DECODERS else "hidden.f32"
    reference.rows(reference.load(name, directory), tokens).astype("<f4").tofile(directory / output)


if __name__ == "__main__":
    for name in [*DECODERS, *ENCODERS]:
        write(name, Path(sys.argv[1]) / name)
