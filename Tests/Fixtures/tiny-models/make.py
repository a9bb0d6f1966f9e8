"""Makes the tiny models of this folder and their expected logits.

    python make.py write    needs gguf 0.19 and numpy 2: FAMILY.gguf, seeded random weights in single precision
    python make.py quantize  needs the same: llama-q8_0.gguf, the matrices of llama.gguf in 8 bits
    python make.py logits   needs llama-cpp-python 0.3.36: FAMILY.logits.json, the outputs that tests compare with

A model is as small as it can be and still show what its family does: grouped heads, biases, head norms, scaled rotary
embedding, windows shorter than the sequence, six layers so that the last has no window.
"""

import json
import sys
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
VOCABULARY = 192
LENGTH = 300
POSITIONS = [0, 1, 2, 3, 31, 32, 33, 63, 64, 65, 95, 100, 127, 128, 200, 255, 256, 257, 290, 299]

FAMILIES = {
    # hidden, feed-forward, layers, heads, KV heads, head dimension
    "llama": (64, 64, 2, 4, 2, 16),
    "qwen2": (64, 64, 2, 4, 2, 16),
    "qwen3": (64, 64, 2, 3, 1, 32),
    "gemma3": (32, 64, 6, 2, 1, 32),
}


def tokens():
    return np.random.default_rng(7).integers(0, VOCABULARY, LENGTH).tolist()


def write(family):
    import gguf

    hidden, feed, layers, heads, kv, dim = FAMILIES[family]
    random = np.random.default_rng(list(family.encode()))
    w = gguf.GGUFWriter(str(HERE / f"{family}.gguf"), family)
    w.add_name(f"tiny {family}")
    w.add_vocab_size(VOCABULARY)
    w.add_context_length(512)
    w.add_embedding_length(hidden)
    w.add_feed_forward_length(feed)
    w.add_block_count(layers)
    w.add_head_count(heads)
    w.add_head_count_kv(kv)
    w.add_layer_norm_rms_eps(1e-5)
    w.add_rope_freq_base(1e6 if family in ("gemma3", "qwen3") else 1e4)
    if family in ("qwen3", "gemma3"):
        w.add_key_length(dim)
        w.add_value_length(dim)
    else:
        w.add_rope_dimension_count(dim)
    if family == "gemma3":
        w.add_sliding_window(40)
        w.add_rope_scaling_type(gguf.RopeScalingType.LINEAR)
        w.add_rope_scaling_factor(8.0)
    # A byte-level vocabulary that no test reads.
    w.add_tokenizer_model("gpt2")
    w.add_tokenizer_pre("gpt-2")
    symbols = [chr(i) for i in list(range(33, 127)) + list(range(161, 173)) + list(range(174, 256))]
    symbols += [chr(256 + i) for i in range(68)]
    w.add_token_list(symbols[: VOCABULARY - 1] + ["ab"])
    w.add_token_types([1] * VOCABULARY)
    w.add_token_merges(["a b"])
    w.add_bos_token_id(0)
    w.add_eos_token_id(1)

    def normal(*shape, scale=1.0):
        return (random.standard_normal(shape) * scale).astype(np.float32)

    def norm(n):
        return (1 + 0.3 * random.standard_normal(n)).astype(np.float32)

    w.add_tensor("token_embd.weight", normal(VOCABULARY, hidden, scale=0.5))
    w.add_tensor("output_norm.weight", norm(hidden))
    if family == "llama":
        w.add_tensor("output.weight", normal(VOCABULARY, hidden, scale=0.3))
        low, high = 4.0, 1.0
        factors = np.linspace(high, low, dim // 2) ** 1.5
        w.add_tensor("rope_freqs.weight", factors.astype(np.float32))
    for i in range(layers):
        def add(name, tensor):
            w.add_tensor(f"blk.{i}.{name}", tensor)

        add("attn_norm.weight", norm(hidden))
        # Large enough that attention isn't uniform: its scores differ by several units.
        sharp = 1.5 / np.sqrt(hidden)
        add("attn_q.weight", normal(heads * dim, hidden, scale=sharp))
        add("attn_k.weight", normal(kv * dim, hidden, scale=sharp))
        add("attn_v.weight", normal(kv * dim, hidden, scale=1 / np.sqrt(hidden)))
        add("attn_output.weight", normal(hidden, heads * dim, scale=1 / np.sqrt(heads * dim)))
        if family == "qwen2":
            add("attn_q.bias", normal(heads * dim))
            add("attn_k.bias", normal(kv * dim))
            add("attn_v.bias", normal(kv * dim))
        if family in ("qwen3", "gemma3"):
            add("attn_q_norm.weight", norm(dim))
            add("attn_k_norm.weight", norm(dim))
        if family == "gemma3":
            add("post_attention_norm.weight", norm(hidden))
            add("post_ffw_norm.weight", norm(hidden))
        add("ffn_norm.weight", norm(hidden))
        add("ffn_gate.weight", normal(feed, hidden, scale=1 / np.sqrt(hidden)))
        add("ffn_up.weight", normal(feed, hidden, scale=1 / np.sqrt(hidden)))
        add("ffn_down.weight", normal(hidden, feed, scale=1 / np.sqrt(feed)))
    w.write_header_to_file()
    w.write_kv_data_to_file()
    w.write_tensors_to_file()
    w.close()


def logits(family):
    from llama_cpp import Llama

    model = Llama(
        str(HERE / f"{family}.gguf"), logits_all=True, n_ctx=512, n_batch=512, n_threads=1, n_threads_batch=1,
        type_k=0, type_v=0, verbose=False,
    )
    model.eval(tokens())
    rows = [[round(float(x), 5) for x in model.scores[p]] for p in POSITIONS]
    out = {"tokens": tokens(), "positions": POSITIONS, "logits": rows}
    (HERE / f"{family}.logits.json").write_text(json.dumps(out, separators=(",", ":")) + "\n")
    print(family, np.std(model.scores[LENGTH - 1]), np.abs(model.scores[:LENGTH]).max())


def quantize():
    import gguf

    reader = gguf.GGUFReader(str(HERE / "llama.gguf"))
    w = gguf.GGUFWriter(str(HERE / "llama-q8_0.gguf"), "llama")
    for field in reader.fields.values():
        if not field.name.startswith("GGUF.") and field.name != "general.architecture":
            array = field.types[0] == gguf.GGUFValueType.ARRAY
            w.add_key_value(field.name, field.contents(), field.types[0], sub_type=field.types[-1] if array else None)
    for tensor in reader.tensors:
        if len(tensor.shape) == 2:
            packed = gguf.quantize(tensor.data, gguf.GGMLQuantizationType.Q8_0)
            w.add_tensor(tensor.name, packed, raw_dtype=gguf.GGMLQuantizationType.Q8_0)
        else:
            w.add_tensor(tensor.name, tensor.data)
    w.write_header_to_file()
    w.write_kv_data_to_file()
    w.write_tensors_to_file()
    w.close()


if sys.argv[1] == "quantize":
    quantize()
    sys.exit()
for family in FAMILIES:
    {"write": write, "logits": logits}[sys.argv[1]](family)
