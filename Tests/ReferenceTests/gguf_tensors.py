"""Tensors of a published checkpoint as llama.cpp's converter lays them in a GGUF file."""

import re
from collections.abc import Iterator

import gguf
import numpy as np

#: Families whose queries and keys the converter permutes, so that rotated pairs are neighbours.
PERMUTED = {"llama", "smollm3", "granite", "granitemoe"}

Tensors = dict[str, np.ndarray]


def converted(config: dict, architecture: str, tensors: Tensors) -> Iterator[tuple[str, np.ndarray]]:
    """Pairs of a GGUF name and the numbers."""
    names = gguf.get_tensor_name_map(kind(architecture), config.get("num_hidden_layers") or config["n_layer"])
    for name, numbers in rearranged(config, architecture, tensors):
        known = names.get_name(name, try_suffixes=(".weight", ".bias"))
        yield known or OTHER_NAMES[re.sub(r"\d+", "N", name)].replace("N", re.search(r"\d+", name).group()), numbers


def kind(architecture: str) -> gguf.MODEL_ARCH:
    return next(key for key, name in gguf.MODEL_ARCH_NAMES.items() if name == architecture)


#: What the package's table doesn't hold, because the converter splits these tensors before it looks them up.
OTHER_NAMES = {
    "gate_exps.N": "blk.N.ffn_gate_exps.weight", "up_exps.N": "blk.N.ffn_up_exps.weight",
    "down_exps.N": "blk.N.ffn_down_exps.weight", "gate_exps_bias.N": "blk.N.ffn_gate_exps.bias",
    "up_exps_bias.N": "blk.N.ffn_up_exps.bias", "down_exps_bias.N": "blk.N.ffn_down_exps.bias",
    "k_b.N": "blk.N.attn_k_b.weight", "v_b.N": "blk.N.attn_v_b.weight", "sinks.N": "blk.N.attn_sinks.weight",
    "q_norm.N": "blk.N.attn_q_norm.weight", "k_norm.N": "blk.N.attn_k_norm.weight",
    "selection.N": "blk.N.exp_probs_b.bias",
}


def rearranged(config: dict, architecture: str, tensors: Tensors) -> Iterator[tuple[str, np.ndarray]]:
    """The tensors under their published names, or under the keys of `OTHER_NAMES`."""
    experts: dict[str, dict[int, np.ndarray]] = {}
    for name, numbers in tensors.items():
        layer = (re.search(r"\.(\d+)\.", name) or [None, None])[1]
        if found := re.search(r"experts\.(\d+)\.(gate_proj|w1|up_proj|w3|down_proj|w2)\.weight", name):
            part = {"w1": "gate", "w3": "up", "w2": "down"}.get(found[2]) or found[2].split("_")[0]
            experts.setdefault(f"{part}_exps.{layer}", {})[int(found[1])] = numbers
        elif found := re.search(r"(q|k)_layernorm\.norms\.(\d+)", name):
            experts.setdefault(f"{found[1]}_norm.{layer}", {})[int(found[2])] = numbers
        else:
            yield from single(config, architecture, name, layer, numbers)
    for key, parts in experts.items():
        yield key, np.stack([parts[index] for index in range(len(parts))])


def single(
    config: dict, architecture: str, name: str, layer: str, numbers: np.ndarray
) -> Iterator[tuple[str, np.ndarray]]:
    """What becomes of one tensor."""
    heads = config.get("num_attention_heads") or config.get("n_head")
    if architecture in PERMUTED and (found := re.search(r"\.(q|k)_proj\.", name)):
        yield name, permuted(numbers, heads if found[1] == "q" else config["num_key_value_heads"])
    elif architecture in ("gemma2", "gemma3") and "norm" in name:
        yield name, numbers + 1
    elif architecture == "gpt2" and numbers.ndim == 2 and name.split(".")[-2] in ("c_attn", "c_proj", "c_fc"):
        yield name, numbers.T
    elif architecture == "gptneox" and "query_key_value" in name:
        by_head = numbers.reshape(heads, 3, -1, *numbers.shape[1:])
        yield name, by_head.swapaxes(0, 1).reshape(numbers.shape)
    elif architecture == "falcon" and "query_key_value" in name:
        groups = config.get("num_kv_heads") or 1
        parts = numbers.reshape(groups, heads // groups + 2, -1, numbers.shape[-1])
        split = (parts[:, :-2], parts[:, -2], parts[:, -1])
        yield name, np.concatenate([part.reshape(-1, numbers.shape[-1]) for part in split])
    elif "block_sparse_moe.input_linear" in name:
        yield f"gate_exps.{layer}", numbers[:, :numbers.shape[1] // 2]
        yield f"up_exps.{layer}", numbers[:, numbers.shape[1] // 2:]
    elif architecture == "gpt-oss" and (found := re.search(r"experts\.(gate_up|down)_proj(_bias)?$", name)):
        turned = numbers if found[2] else numbers.swapaxes(1, 2)
        bias = found[2] or ""
        if found[1] == "down":
            yield f"down_exps{bias}.{layer}", turned
        else:
            yield f"gate_exps{bias}.{layer}", turned[:, ::2]
            yield f"up_exps{bias}.{layer}", turned[:, 1::2]
    elif name.endswith("self_attn.sinks"):
        yield f"sinks.{layer}", numbers
    elif name.endswith("kv_b_proj.weight"):
        plain, value = config["qk_nope_head_dim"], config["v_head_dim"]
        both = numbers.reshape(heads, plain + value, -1)
        yield f"k_b.{layer}", both[:, :plain].swapaxes(1, 2)
        yield f"v_b.{layer}", both[:, plain:]
    elif name.endswith("e_score_correction_bias"):
        yield f"selection.{layer}", numbers
    elif architecture == "bert" and name.startswith("pooler"):
        return
    elif name == "embeddings.position_embeddings.weight" and config["model_type"] != "bert":
        yield name, numbers[config["pad_token_id"] + 1:]
    else:
        yield name, numbers


def permuted(numbers: np.ndarray, heads: int) -> np.ndarray:
    """Rows of halves as rows of pairs."""
    return numbers.reshape(heads, 2, -1, *numbers.shape[1:]).swapaxes(1, 2).reshape(numbers.shape)
