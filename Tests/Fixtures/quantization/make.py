"""Makes blocks.json: random blocks of every quantized type and what the `gguf` package (0.17 or later) expands them to.

    pip install gguf numpy && python make.py
"""

import json
from pathlib import Path

import gguf
import numpy as np
from gguf import GGMLQuantizationType as Type

TYPES = [Type.F16, Type.BF16, Type.Q4_0, Type.Q4_1, Type.Q5_0, Type.Q5_1, Type.Q8_0, Type.Q2_K, Type.Q3_K, Type.Q4_K,
         Type.Q5_K, Type.Q6_K, Type.IQ4_NL, Type.IQ4_XS, Type.MXFP4]
# Byte offsets of the half-precision scales in a block.
HALVES = {Type.Q4_0: [0], Type.Q4_1: [0, 2], Type.Q5_0: [0], Type.Q5_1: [0, 2], Type.Q8_0: [0], Type.Q2_K: [80, 82],
          Type.Q3_K: [108], Type.Q4_K: [0, 2], Type.Q5_K: [0, 2], Type.Q6_K: [208], Type.IQ4_NL: [0], Type.IQ4_XS: [0]}
COLUMNS = 512

random = np.random.default_rng(7)
fixtures = []
for kind in TYPES:
    elements, size = gguf.GGML_QUANT_SIZES[kind]
    blocks = random.integers(0, 256, (COLUMNS // elements, size), dtype=np.uint8)
    if kind in (Type.F16, Type.BF16):
        values = random.standard_normal(COLUMNS).astype(np.float32)
        blocks = gguf.quants.quantize(values, kind).view(np.uint8)
    for offset in HALVES.get(kind, []):
        scales = random.uniform(-0.05, 0.05, len(blocks)).astype(np.float16)
        blocks[:, offset:offset + 2] = scales.view(np.uint8).reshape(-1, 2)
    if kind == Type.MXFP4:
        blocks[:, 0] = random.integers(110, 126, len(blocks))  # exponents, from 2^-17 to 2^-2
    values = gguf.quants.dequantize(blocks.reshape(1, -1), kind).reshape(-1).astype(np.float32)
    fixtures.append({"type": int(kind), "bytes": blocks.tobytes().hex(),
                     "values": [int(bits) for bits in values.view(np.uint32)]})
Path(__file__).with_name("blocks.json").write_text(json.dumps(fixtures, separators=(",", ":")) + "\n")
