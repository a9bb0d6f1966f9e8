"""A mixture of experts of random numbers with 4 bits, 1.6 GB: `make_experts.py FOLDER` prints its path.

Its layers have the form of Qwen3-MoE, with 32 experts of which a token takes 4. What a token computes costs the same
whatever the numbers are.
"""

import os
import sys
from pathlib import Path

import numpy as np
from gguf import GGMLQuantizationType, GGUFWriter

NAME = "random-moe-32x4-q4_k"
LAYERS, HIDDEN, HEADS, KEY_HEADS, HEAD, VOCABULARY = 18, 2048, 16, 4, 128, 4096
EXPERTS, CHOSEN, WIDTH = 32, 4, 768
BLOCK, BLOCK_BYTES = 256, 144


def made_in(folder: Path) -> Path:
    """The model's path; written unless it is there."""
    path = folder / f"{NAME}.gguf"
    if not path.exists():
        unfinished = path.with_suffix(f".{os.getpid()}")
        write(unfinished)
        unfinished.rename(path)
    return path


def write(path: Path):
    writer = GGUFWriter(path, "qwen3moe")
    describe(writer)
    random = np.random.default_rng(1)

    def matrix(name: str, *shape: int):
        blocks = random.integers(0, 256, (np.prod(shape) // BLOCK, BLOCK_BYTES), dtype=np.uint8)
        # A block begins with its scale and its minimum, in half precision.
        blocks[:, :4] = np.array([0.0002, 0.0015], np.float16).view(np.uint8)
        rows = blocks.reshape(*shape[:-1], shape[-1] // BLOCK * BLOCK_BYTES)
        writer.add_tensor(name, rows, raw_dtype=GGMLQuantizationType.Q4_K)

    def vector(name: str, size: int):
        writer.add_tensor(name, np.ones(size, np.float32))

    matrix("token_embd.weight", VOCABULARY, HIDDEN)
    matrix("output.weight", VOCABULARY, HIDDEN)
    vector("output_norm.weight", HIDDEN)
    for index in range(LAYERS):
        layer = f"blk.{index}."
        for name, size in [("attn", HIDDEN), ("ffn", HIDDEN), ("attn_q", HEAD), ("attn_k", HEAD)]:
            vector(f"{layer}{name}_norm.weight", size)
        matrix(layer + "attn_q.weight", HEADS * HEAD, HIDDEN)
        matrix(layer + "attn_k.weight", KEY_HEADS * HEAD, HIDDEN)
        matrix(layer + "attn_v.weight", KEY_HEADS * HEAD, HIDDEN)
        matrix(layer + "attn_output.weight", HIDDEN, HEADS * HEAD)
        router = random.standard_normal((EXPERTS, HIDDEN), dtype=np.float32) * np.float32(0.05)
        writer.add_tensor(layer + "ffn_gate_inp.weight", router)
        matrix(layer + "ffn_gate_exps.weight", EXPERTS, WIDTH, HIDDEN)
        matrix(layer + "ffn_up_exps.weight", EXPERTS, WIDTH, HIDDEN)
        matrix(layer + "ffn_down_exps.weight", EXPERTS, HIDDEN, WIDTH)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def describe(writer: GGUFWriter):
    writer.add_context_length(4096)
    writer.add_embedding_length(HIDDEN)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(WIDTH)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KEY_HEADS)
    writer.add_key_length(HEAD)
    writer.add_value_length(HEAD)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_freq_base(1e6)
    writer.add_expert_count(EXPERTS)
    writer.add_expert_used_count(CHOSEN)
    writer.add_expert_feed_forward_length(WIDTH)
    writer.add_vocab_size(VOCABULARY)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list([f"<{token}>".encode() for token in range(VOCABULARY)])
    writer.add_token_types([1] * VOCABULARY)
    writer.add_token_merges(["a b"])
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(1)


if __name__ == "__main__":
    print(made_in(Path(sys.argv[1])))
