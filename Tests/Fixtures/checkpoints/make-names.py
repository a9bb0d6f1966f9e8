"""Makes hugging-face.json: what the tensors of Hugging Face checkpoints are called by llama.cpp.

    python make-names.py DIRECTORY...       needs gguf 0.19

Each directory is a checkpoint with config.json and safetensors files, as Tests/ReferenceTests makes them. The names are
those of the gguf package's table, so that ours is compared with another program's. Tensors that llama.cpp's converter
takes apart or puts together have no entry there; they are listed as null, and tests of their own show what becomes of them.
"""

import json
import re
import struct
import sys
from pathlib import Path

import gguf

# Class name -> the architecture by its name in the gguf package.
ARCHITECTURES = {
    "LlamaForCausalLM": "llama", "MistralForCausalLM": "llama", "MixtralForCausalLM": "llama",
    "Qwen2ForCausalLM": "qwen2", "Qwen3ForCausalLM": "qwen3", "Gemma2ForCausalLM": "gemma2",
    "Gemma3ForCausalLM": "gemma3", "Phi3ForCausalLM": "phi3", "SmolLM3ForCausalLM": "smollm3",
    "GraniteForCausalLM": "granite", "Olmo2ForCausalLM": "olmo2", "Starcoder2ForCausalLM": "starcoder2",
    "GPT2LMHeadModel": "gpt2", "GPTNeoXForCausalLM": "gptneox", "FalconForCausalLM": "falcon",
    "CohereForCausalLM": "command-r", "Cohere2ForCausalLM": "cohere2", "StableLmForCausalLM": "stablelm",
    "Qwen2MoeForCausalLM": "qwen2moe", "Qwen3MoeForCausalLM": "qwen3moe", "OlmoeForCausalLM": "olmoe",
    "GraniteMoeForCausalLM": "granitemoe", "DeepseekV2ForCausalLM": "deepseek2", "DeepseekV3ForCausalLM": "deepseek2",
    "GptOssForCausalLM": "gpt-oss", "BertModel": "bert", "RobertaModel": "bert", "XLMRobertaModel": "bert",
}
# Not one to one: fused in one of the two formats, or (gpt-oss) called otherwise by us.
SPLIT = re.compile(
    r"qkv_proj|gate_up_proj|c_attn|query_key_value|input_linear|kv_b_proj|norms\.\d+\.|experts\.down_proj$"
)


def header(path):
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        return json.loads(file.read(length))


models = {}
for directory in map(Path, sys.argv[1:]):
    config = json.loads((directory / "config.json").read_text())
    arch = ARCHITECTURES[config["architectures"][0]]
    layers = config.get("num_hidden_layers") or config["n_layer"]
    table = gguf.get_tensor_name_map(next(a for a, n in gguf.MODEL_ARCH_NAMES.items() if n == arch), layers)
    tensors = {}
    for shard in sorted(directory.glob("*.safetensors")):
        for name, entry in header(shard).items():
            layer = re.search(r"(?:layers|h|layer)\.(\d+)\.", name)
            # All layers have the same names, but for the first dense ones of DeepSeek.
            if name == "__metadata__" or name.startswith("pooler.") or layer and int(layer[1]) > 1:
                continue
            expert = re.search(r"experts\.(\d+)\.", name)
            if expert and int(expert[1]) > 0:
                continue
            plain = re.sub(r"experts\.\d+\.", "experts.", name)
            mapped = None if SPLIT.search(name) else table.get_name(plain, (".weight", ".bias"))
            if name.endswith("e_score_correction_bias"):
                mapped = table.get_name(name.replace("e_score_correction_bias", "e_score_correction.bias"), (".bias",))
            if name.endswith("self_attn.sinks"):
                mapped = table.get_name(name) + ".weight"
            if expert and mapped and not mapped.endswith((".weight", ".bias")):
                mapped += ".weight"
            if arch == "gpt-oss" and mapped:
                mapped = mapped.replace("post_attention_norm", "ffn_norm")
            tensors[name] = mapped
    for key in ["torch_dtype", "transformers_version", "initializer_range", "attention_dropout", "use_cache"]:
        config.pop(key, None)
    models[directory.name] = {"config": config, "tensors": tensors}

lines = [f'  {json.dumps(name)}: {json.dumps(model)}' for name, model in sorted(models.items())]
text = "{\n" + ",\n".join(lines) + "\n}\n"
(Path(__file__).parent / "hugging-face.json").write_text(text)
