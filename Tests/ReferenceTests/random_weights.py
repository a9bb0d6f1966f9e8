"""Random numbers for every tensor of a model: seeded, and large enough that each part of it shows in the logits."""

import zlib

import torch
from transformers import PreTrainedModel


def fill(model: PreTrainedModel, name: str, gains: dict[str, float]) -> None:
    """Gives every parameter and saved buffer its numbers, which depend on the checkpoint's and the tensor's name alone."""
    with torch.no_grad():
        for key, tensor in model.state_dict(keep_vars=True).items():
            is_tied = "lm_head" in key and model.config.tie_word_embeddings
            if is_tied or not tensor.is_floating_point():
                continue
            generator = torch.Generator().manual_seed(seed(f"{name}/{key}"))
            numbers = torch.randn(tensor.shape, generator=generator)
            gain = next((gain for part, gain in gains.items() if part in key), 1.0)
            mean, deviation = spread(key, tensor, model.config.model_type)
            tensor.copy_(mean + numbers * deviation * gain)
    model.tie_weights()


def seed(name: str) -> int:
    """A number for a name, the same on every machine."""
    return zlib.crc32(name.encode())


def spread(key: str, tensor: torch.Tensor, model_type: str) -> tuple[float, float]:
    """Mean and standard deviation of a tensor's numbers."""
    is_norm = any(part in key.lower() for part in ("norm", "ln_", "layernorm"))
    if key.endswith("bias"):
        return 0.0, 0.2
    if "sinks" in key:
        return 1.0, 1.0
    if is_norm:
        # Gemma's norms add one to what is stored.
        return (0.0 if model_type.startswith("gemma") else 1.0), 0.2
    if any(part in key for part in ("embed_tokens", "wte", "wpe", "embed_in", "embeddings")):
        return 0.0, 0.05
    if any(part in key for part in ("lm_head", "embed_out")):
        return 0.0, 3 * width(key, tensor, model_type) ** -0.5
    # What attention adds is an average and so would be small beside what feed-forward adds: then the next token would hang
    # on the last one alone, and greedy decoding would soon go round in circles.
    is_attention_output = any(part in key for part in ("o_proj", "attention.dense", "attn.c_proj"))
    return 0.0, (4.0 if is_attention_output else 1.4) * width(key, tensor, model_type) ** -0.5


def width(key: str, tensor: torch.Tensor, model_type: str) -> int:
    """How many inputs a matrix has: its columns, or its rows where it is stored the other way round."""
    is_turned = model_type == "gpt2" or (model_type == "gpt_oss" and "experts" in key)
    return tensor.shape[-2] if is_turned else tensor.shape[-1]
