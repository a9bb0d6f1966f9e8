"""The same checkpoints as GGUF files, with the keys and tensors that llama.cpp's converter writes."""

import math
from pathlib import Path

import gguf
import numpy as np
from safetensors.numpy import load_file

from architectures import ARCHITECTURES
from gguf_tensors import converted

#: `model_type` -> llama.cpp's name of the architecture.
NAMES = {
    "llama": "llama", "mistral": "llama", "mixtral": "llama", "qwen2": "qwen2", "qwen3": "qwen3", "gemma2": "gemma2",
    "gemma3_text": "gemma3", "phi3": "phi3", "smollm3": "smollm3", "granite": "granite", "olmo2": "olmo2",
    "cohere": "command-r", "cohere2": "cohere2", "stablelm": "stablelm", "starcoder2": "starcoder2", "gpt2": "gpt2",
    "gpt_neox": "gptneox", "falcon": "falcon", "qwen2_moe": "qwen2moe", "qwen3_moe": "qwen3moe", "olmoe": "olmoe",
    "granitemoe": "granitemoe", "deepseek_v2": "deepseek2", "deepseek_v3": "deepseek2", "gpt_oss": "gpt-oss",
    "bert": "bert", "xlm-roberta": "bert", "roberta": "bert",
}
#: What GGUF files can't say and llama.cpp doesn't compute: the checkpoints that are converted have it otherwise.
CHANGES = {
    "mistral": {"sliding_window": None},
    "qwen2-window": {"use_sliding_window": False},
    "gemma2": {"query_pre_attn_scalar": 256},
    "gemma3": {"num_hidden_layers": 6, "sliding_window_pattern": 6},
}
#: What they can't say at all.
IMPOSSIBLE = {"llama-dynamic", "llama-biases", "gpt-neox-sequential", "olmoe-clipped"}
CONVERTED = [name for name in ARCHITECTURES if name not in IMPOSSIBLE]


def config(name: str) -> dict:
    """The configuration of the checkpoint that is converted."""
    return ARCHITECTURES[name].changed(CHANGES.get(name, {}))


def write(name: str, checkpoint: Path, file: Path) -> None:
    """Writes the GGUF file of a checkpoint directory, unless it is newer than that."""
    if file.exists() and file.stat().st_mtime > (checkpoint / "config.json").stat().st_mtime:
        return
    fields = config(name)
    architecture = NAMES[fields["model_type"]]
    writer = gguf.GGUFWriter(file, architecture)
    writer.add_string("tokenizer.ggml.model", "no_vocab")
    add_sizes(writer, fields)
    add_positions(writer, fields, architecture)
    add_scales(writer, fields)
    add_experts(writer, fields)
    tensors = {key: value for part in sorted(checkpoint.glob("*.safetensors")) for key, value in load_file(part).items()}
    for key, numbers in converted(fields, architecture, tensors):
        writer.add_tensor(key, np.ascontiguousarray(numbers, dtype=np.float32))
    for key, divisors in rope_factors(fields).items():
        writer.add_tensor(key, np.array(divisors, dtype=np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def add_sizes(writer: gguf.GGUFWriter, config: dict) -> None:
    get = config.get
    hidden = get("hidden_size") or config["n_embd"]
    heads = get("num_attention_heads") or config["n_head"]
    writer.add_vocab_size(config["vocab_size"])
    writer.add_context_length(context(config))
    writer.add_embedding_length(hidden)
    writer.add_block_count(get("num_hidden_layers") or config["n_layer"])
    writer.add_feed_forward_length(get("intermediate_size") or get("ffn_hidden_size") or 4 * hidden)
    writer.add_head_count(heads)
    shares_one = get("multi_query") or get("kv_lora_rank")
    writer.add_head_count_kv(1 if shares_one else get("num_key_value_heads") or get("num_kv_heads") or heads)
    if epsilon := get("rms_norm_eps"):
        writer.add_layer_norm_rms_eps(epsilon)
    else:
        names = ("layer_norm_eps", "norm_epsilon", "layer_norm_epsilon")
        writer.add_layer_norm_eps(next(config[name] for name in names if name in config))
    if get("kv_lora_rank"):
        add_latent(writer, config)
    elif head := get("head_dim"):
        writer.add_key_length(head)
        writer.add_value_length(head)
    if "use_parallel_residual" in config:
        writer.add_parallel_residual(config["use_parallel_residual"])
    if "type_vocab_size" in config:
        writer.add_causal_attention(False)
        writer.add_pooling_type(gguf.PoolingType.MEAN)
        writer.add_token_type_count(config["type_vocab_size"])


def context(config: dict) -> int:
    if config["model_type"] in ("roberta", "xlm-roberta"):
        return config["max_position_embeddings"] - config["pad_token_id"] - 1
    return config.get("max_position_embeddings") or config["n_positions"]


def add_latent(writer: gguf.GGUFWriter, config: dict) -> None:
    """Latent attention as one key and value head of the latent's width, and the heads' own widths beside it."""
    rotary, rank = config["qk_rope_head_dim"], config["kv_lora_rank"]
    writer.add_key_length(rank + rotary)
    writer.add_value_length(rank)
    writer.add_key_length_mla(config["qk_nope_head_dim"] + rotary)
    writer.add_value_length_mla(config["v_head_dim"])
    writer.add_kv_lora_rank(rank)
    if config.get("q_lora_rank"):
        writer.add_q_lora_rank(config["q_lora_rank"])
    writer.add_rope_dimension_count(rotary)


def add_positions(writer: gguf.GGUFWriter, config: dict, architecture: str) -> None:
    rope = config.get("rope_parameters") or config
    if base := rope.get("rope_theta") or rope.get("rotary_emb_base"):
        writer.add_rope_freq_base(float(base))
    share = config.get("partial_rotary_factor") or config.get("rotary_pct")
    head = config.get("head_dim") or (config.get("hidden_size") or config["n_embd"]) // (
        config.get("num_attention_heads") or config["n_head"]
    )
    if not config.get("kv_lora_rank") and architecture not in ("gpt2", "bert"):
        writer.add_rope_dimension_count(int(head * (share or 1)))
    if (window := config.get("sliding_window")) and config.get("use_sliding_window", True):
        writer.add_sliding_window(window)
    scaling = config.get("rope_parameters") or config.get("rope_scaling") or {}
    scaling_type = scaling.get("rope_type") or scaling.get("type")
    if scaling_type == "linear":
        writer.add_rope_scaling_type(gguf.RopeScalingType.LINEAR)
        writer.add_rope_scaling_factor(scaling["factor"])
    elif scaling_type == "yarn":
        writer.add_rope_scaling_type(gguf.RopeScalingType.YARN)
        writer.add_rope_scaling_factor(scaling["factor"])
        writer.add_rope_scaling_orig_ctx_len(scaling["original_max_position_embeddings"])
        if scale := scaling.get("mscale_all_dim"):
            writer.add_rope_scaling_yarn_log_mul(0.1 * scale)
    elif scaling_type == "longrope":
        original = config["original_max_position_embeddings"]
        stretch = config["max_position_embeddings"] / original
        writer.add_rope_scaling_orig_ctx_len(original)
        writer.add_rope_scaling_attn_factors(math.sqrt(1 + math.log(stretch) / math.log(original)))


def rope_factors(config: dict) -> dict[str, list[float]]:
    """Divisors of the rotary frequencies, which are tensors."""
    scaling = config.get("rope_scaling") or {}
    if "long_factor" in scaling:
        return {
            "rope_factors_long.weight": scaling["long_factor"], "rope_factors_short.weight": scaling["short_factor"]
        }
    if scaling.get("rope_type") != "llama3":
        return {}
    low, high = scaling["low_freq_factor"], scaling["high_freq_factor"]
    factors = []
    for pair in range(config["head_dim"] // 2):
        wavelength = 2 * math.pi * config["rope_theta"] ** (2 * pair / config["head_dim"])
        share = (scaling["original_max_position_embeddings"] / wavelength - low) / (high - low)
        share = min(1.0, max(0.0, share))
        factors.append(1 / ((1 - share) / scaling["factor"] + share))
    return {"rope_freqs.weight": factors}


def add_scales(writer: gguf.GGUFWriter, config: dict) -> None:
    scales = {
        "attn_logit_softcapping": writer.add_attn_logit_softcapping,
        "final_logit_softcapping": writer.add_final_logit_softcapping,
        "embedding_multiplier": writer.add_embedding_scale,
        "residual_multiplier": writer.add_residual_scale,
        "attention_multiplier": writer.add_attention_scale,
        "logits_scaling": writer.add_logit_scale,
        "logit_scale": writer.add_logit_scale,
    }
    for name, add in scales.items():
        if config.get(name) is not None:
            add(config[name])


def add_experts(writer: gguf.GGUFWriter, config: dict) -> None:
    get = config.get
    count = get("num_local_experts") or get("num_experts") or get("n_routed_experts")
    if not count:
        return
    writer.add_expert_count(count)
    writer.add_expert_used_count(config["num_experts_per_tok"])
    if width := get("moe_intermediate_size") or (get("intermediate_size") if get("model_type") == "gpt_oss" else None):
        writer.add_expert_feed_forward_length(width)
    if width := get("shared_expert_intermediate_size"):
        writer.add_expert_shared_feed_forward_length(width)
    if get("n_shared_experts"):
        writer.add_expert_shared_count(config["n_shared_experts"])
        writer.add_leading_dense_block_count(config["first_k_dense_replace"])
        writer.add_expert_weights_scale(config["routed_scaling_factor"])
        writer.add_expert_weights_norm(config["norm_topk_prob"])
        sigmoid = get("scoring_func") == "sigmoid"
        writer.add_expert_gating_func(gguf.ExpertGatingFuncType.SIGMOID if sigmoid else gguf.ExpertGatingFuncType.SOFTMAX)
        if config["n_group"] > 1:
            writer.add_expert_group_count(config["n_group"])
            writer.add_expert_group_used_count(config["topk_group"])
