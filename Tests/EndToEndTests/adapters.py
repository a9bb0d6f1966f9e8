"""Random adapters as PEFT writes them."""

import json
import random
import struct
from array import array
from pathlib import Path

# The attention and feed-forward matrices of a layer: inputs, outputs.
TINY = {"layers": 2, "hidden": 64, "query": 64, "value": 32, "width": 64}


def write(folder: Path, name: str, sizes: dict, rank: int = 4, seed: int = 0, size: float = 0.6, **members) -> str:
    """Writes an adapter of all linear layers of a Llama-like model and returns its directory."""
    numbers = random.Random(seed)
    directory = folder / name
    directory.mkdir()
    hidden, query, value, width = (sizes[key] for key in ("hidden", "query", "value", "width"))
    modules = {"self_attn.q_proj": (hidden, query), "self_attn.k_proj": (hidden, value),
               "self_attn.v_proj": (hidden, value), "self_attn.o_proj": (query, hidden),
               "mlp.gate_proj": (hidden, width), "mlp.up_proj": (hidden, width), "mlp.down_proj": (width, hidden)}
    header, data = {}, bytearray()
    for layer in range(sizes["layers"]):
        for module, (inputs, outputs) in modules.items():
            for part, shape, scale in (("lora_A", (rank, inputs), size / inputs ** 0.5),
                                       ("lora_B", (outputs, rank), size / rank ** 0.5)):
                start = len(data)
                data += array("f", (numbers.uniform(-scale, scale) for _ in range(shape[0] * shape[1]))).tobytes()
                header[f"base_model.model.model.layers.{layer}.{module}.{part}.weight"] = {
                    "dtype": "F32", "shape": shape, "data_offsets": [start, len(data)]}
    text = json.dumps(header).encode()
    (directory / "adapter_model.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + data)
    (directory / "adapter_config.json").write_text(json.dumps({
        "peft_type": "LORA", "r": rank, "lora_alpha": 4 * rank, "bias": "none", "target_modules": "all-linear", **members}))
    return str(directory)
