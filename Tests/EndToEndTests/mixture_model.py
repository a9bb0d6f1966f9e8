"""Writes a mixture of experts (Qwen 3) with random weights, as large as asked for."""

import random
import struct
from pathlib import Path

UINT32, FLOAT32, STRING, ARRAY, F32, Q8_0 = 4, 6, 8, 9, 0, 8
VOCABULARY = 320


def write(path: Path, hidden: int = 128, layers: int = 3, experts: int = 8, used: int = 3, width: int = 128) -> str:
    """A GGUF file of 8-bit weights: heads of 64, two of them for keys, a vocabulary of bytes."""
    generator = random.Random(hidden * 1000 + layers)
    heads, kv, dim = hidden // 32, 2, 64
    symbols = [chr(index) for index in [*range(33, 127), *range(161, 173), *range(174, 256)]]
    symbols += [chr(256 + index) for index in range(68)]
    symbols += [f"<{index}>" for index in range(VOCABULARY - 1 - len(symbols))] + ["ab"]
    keys = [
        ("general.architecture", STRING, "qwen3moe"), ("qwen3moe.vocab_size", UINT32, VOCABULARY),
        ("qwen3moe.context_length", UINT32, 2048), ("qwen3moe.embedding_length", UINT32, hidden),
        ("qwen3moe.block_count", UINT32, layers), ("qwen3moe.feed_forward_length", UINT32, width),
        ("qwen3moe.attention.head_count", UINT32, heads), ("qwen3moe.attention.head_count_kv", UINT32, kv),
        ("qwen3moe.attention.key_length", UINT32, dim), ("qwen3moe.attention.value_length", UINT32, dim),
        ("qwen3moe.attention.layer_norm_rms_epsilon", FLOAT32, 1e-6), ("qwen3moe.rope.freq_base", FLOAT32, 1e6),
        ("qwen3moe.expert_count", UINT32, experts), ("qwen3moe.expert_used_count", UINT32, used),
        ("qwen3moe.expert_feed_forward_length", UINT32, width), ("tokenizer.ggml.model", STRING, "gpt2"),
        ("tokenizer.ggml.pre", STRING, "gpt-2"), ("tokenizer.ggml.tokens", ARRAY, (STRING, symbols)),
        ("tokenizer.ggml.token_type", ARRAY, (5, [1] * VOCABULARY)), ("tokenizer.ggml.merges", ARRAY, (STRING, ["a b"])),
        ("tokenizer.ggml.eos_token_id", UINT32, 256),
    ]
    tensors = [("token_embd.weight", Q8_0, (hidden, VOCABULARY), 0.05), ("output_norm.weight", F32, (hidden,), 0),
               ("output.weight", Q8_0, (hidden, VOCABULARY), 3 * hidden ** -0.5)]
    for layer in range(layers):
        tensors += [(f"blk.{layer}.{name}.weight", kind, shape, gain) for name, kind, shape, gain in (
            ("attn_norm", F32, (hidden,), 0), ("ffn_norm", F32, (hidden,), 0),
            ("attn_q_norm", F32, (dim,), 0), ("attn_k_norm", F32, (dim,), 0),
            ("attn_q", Q8_0, (hidden, heads * dim), hidden ** -0.5), ("attn_k", Q8_0, (hidden, kv * dim), hidden ** -0.5),
            ("attn_v", Q8_0, (hidden, kv * dim), hidden ** -0.5),
            ("attn_output", Q8_0, (heads * dim, hidden), 4 * (heads * dim) ** -0.5),
            ("ffn_gate_inp", F32, (hidden, experts), hidden ** -0.5),
            ("ffn_gate_exps", Q8_0, (hidden, width, experts), 1.4 * hidden ** -0.5),
            ("ffn_up_exps", Q8_0, (hidden, width, experts), 1.4 * hidden ** -0.5),
            ("ffn_down_exps", Q8_0, (width, hidden, experts), 1.4 * width ** -0.5))]
    with open(path, "wb") as file:
        file.write(b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(keys)))
        for key, kind, value in keys:
            file.write(text(key) + struct.pack("<I", kind) + encoded(kind, value))
        place = 0
        for name, kind, shape, _ in tensors:
            file.write(text(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, kind, place))
            place += padded(byte_count(kind, shape))
        file.write(bytes(-file.tell() % 32))
        for name, kind, shape, gain in tensors:
            file.write(numbers(generator, kind, shape, gain))
            file.write(bytes(-file.tell() % 32))
    return str(path)


def text(value: str) -> bytes:
    return struct.pack("<Q", len(value.encode())) + value.encode()


def encoded(kind: int, value) -> bytes:
    if kind == ARRAY:
        element, values = value
        return struct.pack("<IQ", element, len(values)) + b"".join(encoded(element, one) for one in values)
    return text(value) if kind == STRING else struct.pack({UINT32: "<I", FLOAT32: "<f"}.get(kind, "<i"), value)


def byte_count(kind: int, shape: tuple[int, ...]) -> int:
    count = 1
    for size in shape:
        count *= size
    return 4 * count if kind == F32 else count // 32 * 34


def padded(count: int) -> int:
    return (count + 31) // 32 * 32


def numbers(generator: random.Random, kind: int, shape: tuple[int, ...], gain: float) -> bytes:
    """Random numbers whose deviation is `gain`; ones and near where it is none."""
    size = byte_count(kind, shape)
    if kind == F32:
        return b"".join(struct.pack("<f", generator.gauss(0, gain) if gain else generator.gauss(1, 0.2))
                        for _ in range(size // 4))
    # Every block of 32 has the scale that gives evenly spread bytes their deviation.
    blocks = bytearray(generator.randbytes(size))
    low, high = struct.pack("<e", gain / 74)
    blocks[0::34] = bytes([low]) * (size // 34)
    blocks[1::34] = bytes([high]) * (size // 34)
    return bytes(blocks)
