"""Makes files with a writer that isn't ours.

every-type.gguf has every type of value and array; vocabulary.gguf has a tokenizer and nothing else.

    python make.py          needs gguf 0.19 and numpy 2
"""

from pathlib import Path

import gguf
import numpy as np

w = gguf.GGUFWriter(str(Path(__file__).parent / "every-type.gguf"), "llama")
w.add_custom_alignment(64)
w.add_name("every type")
w.add_vocab_size(3)
w.add_context_length(4096)
w.add_embedding_length(64)
w.add_feed_forward_length([96, 128])
w.add_block_count(2)
w.add_head_count([4, 2])
w.add_head_count_kv([2, 1])
w.add_key_length(32)
w.add_value_length(32)
w.add_layer_norm_rms_eps(1e-6)
w.add_rope_dimension_count(16)
w.add_rope_freq_base(500000.0)
w.add_rope_scaling_type(gguf.RopeScalingType.LINEAR)
w.add_rope_scaling_factor(2.5)
for value, kind in [
    (200, "uint8"), (-100, "int8"), (60000, "uint16"), (-30000, "int16"), (4000000000, "uint32"),
    (-2000000000, "int32"), (2**63 - 1, "uint64"), (-(2**62), "int64"), (0.1, "float32"), (0.1, "float64"),
]:
    w.add_key_value(f"test.{kind}", value, gguf.GGUFValueType[kind.upper()])
w.add_bool("test.bool", True)
w.add_string("test.string", "na\u00efve \U0001f600")
w.add_array("test.integers", [1, -2, 3])
w.add_array("test.floats", [0.5, -0.25])
w.add_array("test.bools", [True, False])
w.add_array("test.strings", ["", "\u00e9", "plain"])
w.add_tokenizer_model("t5")
w.add_token_list([b"<unk>", b"\xe2\x96\x81a", b"\xff"])
w.add_token_scores([0.0, -1.5, -2.25])
w.add_token_types([2, 1, 6])
w.add_unk_token_id(0)
w.add_bos_token_id(1)
w.add_eos_token_id(2)
w.add_eot_token_id(1)
w.add_eom_token_id(2)
w.add_pad_token_id(0)
w.add_add_bos_token(True)
w.add_add_eos_token(False)
w.add_add_space_prefix(True)
w.add_remove_extra_whitespaces(True)
w.add_precompiled_charsmap(bytes([4, 0, 0, 0, 255]))
w.add_chat_template([{"name": "default", "template": "{{ a }}"}, {"name": "rag", "template": "{{ b }}"}])

numbers = np.arange(192, dtype=np.float32).reshape(3, 64) / 8
w.add_tensor("token_embd.weight", numbers)
w.add_tensor("half", numbers.astype(np.float16))
w.add_tensor("eights", gguf.quants.quantize(numbers, gguf.GGMLQuantizationType.Q8_0),
             raw_dtype=gguf.GGMLQuantizationType.Q8_0)
w.add_tensor("cube", np.arange(24, dtype=np.float32).reshape(2, 3, 4))
w.add_tensor("foreign", np.arange(8, dtype=np.int32))
w.write_header_to_file()
w.write_kv_data_to_file()
w.write_tensors_to_file()
w.close()

w = gguf.GGUFWriter(str(Path(__file__).parent / "vocabulary.gguf"), "falcon")
w.add_tokenizer_model("gpt2")
w.add_token_list(["a", "b", "ab"])
w.add_token_merges(["a b"])
w.add_bos_token_id(0)
w.add_key_value("tokenizer.ggml.prefix_token_id", 1, gguf.GGUFValueType.UINT32)
w.add_key_value("tokenizer.ggml.eos_token_id", -1, gguf.GGUFValueType.INT32)
w.write_header_to_file()
w.write_kv_data_to_file()
w.close()
