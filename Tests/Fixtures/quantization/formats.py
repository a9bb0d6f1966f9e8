"""Makes formats.json: small matrices in the formats of quantized safetensors, packed as the libraries that write them do
it, and what they stand for: AWQ, GPTQ, compressed tensors, 8-bit floats and MXFP4.

    pip install numpy torch && python formats.py
"""

import json
from pathlib import Path

import numpy as np
import torch

ROWS, COLUMNS, GROUP = 8, 128, 64
AWQ_ORDER = [0, 2, 4, 6, 1, 3, 5, 7]
E2M1 = np.array([0, 0.5, 1, 1.5, 2, 3, 4, 6, -0.0, -0.5, -1, -1.5, -2, -3, -4, -6], np.float32)

random = np.random.default_rng(11)
fixtures = []


def add(name: str, values: np.ndarray, rows=None, **parts: np.ndarray):
    """`values` [rows, columns] are what the parts stand for; only some rows are kept if `rows` says so."""
    kept = list(range(len(values))) if rows is None else rows
    fixtures.append({
        "name": name, "rows": values.shape[0], "columns": values.shape[1], "checked": kept,
        "parts": {key: np.ascontiguousarray(part).tobytes().hex() for key, part in parts.items()},
        "values": np.ascontiguousarray(values[kept], np.float32).tobytes().hex(),
    })


def half_scales(*shape: int) -> np.ndarray:
    return random.uniform(0.002, 0.02, shape).astype(np.float16)


def packed(integers: np.ndarray, bits: int, order=None) -> np.ndarray:
    """32-bit words of consecutive integers of the last axis, the first in the lowest bits."""
    per_word = 32 // bits
    order = order or range(per_word)
    words = integers.reshape(*integers.shape[:-1], -1, per_word).astype(np.uint32)
    return sum(words[..., source] << np.uint32(bits * place) for place, source in enumerate(order)).astype(np.uint32)


def by_group(numbers: np.ndarray) -> np.ndarray:
    return np.repeat(numbers, GROUP, axis=-1).astype(np.float32)


def awq():
    integers = random.integers(0, 16, (ROWS, COLUMNS))
    zeros = random.integers(0, 16, (ROWS, COLUMNS // GROUP))
    scales = half_scales(ROWS, COLUMNS // GROUP)
    add("awq", by_group(scales) * (integers - by_group(zeros)), qweight=packed(integers.T, 4, AWQ_ORDER),
        qzeros=packed(zeros.T, 4, AWQ_ORDER), scales=scales.T)


def gptq(name: str, bits: int, zeros: np.ndarray, index: np.ndarray | None, lacks_one=True):
    """AutoGPTQ writes zero points less one; `index` is the group of each column."""
    integers = random.integers(0, 1 << bits, (ROWS, COLUMNS))
    scales = half_scales(ROWS, COLUMNS // GROUP)
    groups = np.arange(COLUMNS) // GROUP if index is None else index
    stored = (zeros - int(lacks_one)) & ((1 << bits) - 1)
    parts = {} if index is None else {"g_idx": index.astype(np.int32)}
    add(name, scales[:, groups].astype(np.float32) * (integers - zeros[:, groups]), qweight=packed(integers, bits).T,
        qzeros=packed(stored.T, bits), scales=scales.T, **parts)


def compressed(bits: int, is_symmetric: bool):
    middle = 1 << (bits - 1)
    integers = random.integers(-middle, middle, (ROWS, COLUMNS))
    zeros = np.zeros((ROWS, COLUMNS // GROUP), np.int64)
    parts = {}
    if not is_symmetric:
        zeros = random.integers(-middle, middle, zeros.shape)
        parts["zeros"] = packed((zeros + middle).T, bits).T
    scales = torch.from_numpy(random.uniform(0.002, 0.02, zeros.shape)).to(torch.bfloat16)
    exact = by_group(scales.float().numpy())
    kind = "symmetric" if is_symmetric else "asymmetric"
    add(f"packed-{bits}-{kind}", exact * (integers - by_group(zeros)), weights=packed(integers + middle, bits),
        scales=scales.view(torch.int16).numpy(), **parts)


def int8_by_channel():
    integers = random.integers(-128, 128, (ROWS, COLUMNS)).astype(np.int8)
    scales = random.uniform(0.002, 0.02, (ROWS, 1)).astype(np.float32)
    add("int8-channel", scales * integers, weights=integers, scales=scales)


def e4m3(name: str, rows: int, columns: int, scales: np.ndarray, block: tuple[int, int], checked=None):
    codes = random.integers(0, 256, (rows, columns)).astype(np.uint8)
    codes[codes & 0x7F == 0x7F] = 0x7E  # not numbers
    numbers = torch.from_numpy(codes).view(torch.float8_e4m3fn).float().numpy()
    spread = np.repeat(np.repeat(scales, block[0], 0), block[1], 1)[:rows, :columns]
    add(name, numbers * spread, checked, weights=codes, scales=scales)


def mxfp4():
    codes = random.integers(0, 16, (ROWS, COLUMNS)).astype(np.uint8)
    exponents = random.integers(112, 125, (ROWS, COLUMNS // 32)).astype(np.uint8)
    scales = np.exp2(exponents.astype(np.float32) - 127)
    add("mxfp4", E2M1[codes] * np.repeat(scales, 32, 1), weights=codes[:, 0::2] | codes[:, 1::2] << 4, scales=exponents)


def transposed():
    values = random.standard_normal((ROWS, COLUMNS)).astype(np.float32)
    add("transposed-f32", values, weights=values.T)


def scales(*shape: int) -> np.ndarray:
    return random.uniform(1e-4, 1e-3, shape).astype(np.float32)


awq()
shuffled = random.permutation(np.arange(COLUMNS) // GROUP)
swapped = 1 - np.arange(COLUMNS) // GROUP
for bits in (4, 8):
    middle = np.full((ROWS, COLUMNS // GROUP), 1 << (bits - 1))
    some = random.integers(0, 1 << bits, middle.shape)
    gptq(f"gptq-{bits}-symmetric", bits, middle, None)
    gptq(f"gptq-{bits}-asymmetric", bits, some, None)
    gptq(f"gptq-{bits}-shuffled", bits, some, shuffled)
gptq("gptq-4-swapped-v2", 4, random.integers(0, 16, (ROWS, COLUMNS // GROUP)), swapped, lacks_one=False)
for bits in (4, 8):
    compressed(bits, True)
    compressed(bits, False)
int8_by_channel()
e4m3("e4m3-tensor", ROWS, COLUMNS, scales(1, 1), (ROWS, COLUMNS))
e4m3("e4m3-channel", ROWS, COLUMNS, scales(ROWS, 1), (1, COLUMNS))
e4m3("e4m3-blocks", 131, 160, scales(2, 2), (128, 128), [0, 127, 128, 130])
mxfp4()
transposed()
Path(__file__).with_name("formats.json").write_text(json.dumps(fixtures, separators=(",", ":")) + "\n")
