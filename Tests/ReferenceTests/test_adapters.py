"""Adapters that PEFT has made and saved: our logits against those of PEFT's model, in single precision throughout."""

import numpy as np
import peft
import pytest
import torch
from transformers.pytorch_utils import Conv1D

import ours
import reference
from architectures import DECODERS
from random_weights import seed

#: Largest difference of a logit, in shares of the logits' range.
TOLERANCE = 1e-3
#: The least change that an adapter makes, in the same shares, for the comparison to see it.
LEAST_CHANGE = 0.05
#: Largest number of factors, times the root of how many are added up.
SIZE = 0.7
#: Longer than the original context of any scaled rotary embedding here.
LENGTH = reference.GREEDY_PROMPT

#: What of experts' layers has the name of dense layers'.
DENSE = {"gate_proj", "up_proj", "down_proj"}
#: Linear layers that adapters can't be added to, by checkpoint: names, or a pattern. They are those of latents, of experts that
#: all tokens use, and of their gates.
LATENTS = ["kv_a_proj_with_mqa", "kv_b_proj", r".*\.shared_experts\.(gate|up|down)_proj"]
REFUSED = {
    "qwen2-moe": [*sorted(DENSE), "shared_expert_gate"],
    "deepseek2-lite": ["q_proj", *LATENTS],
    "deepseek2": ["q_a_proj", "q_b_proj", *LATENTS],
    "deepseek3": ["q_a_proj", "q_b_proj", *LATENTS],
}


@pytest.fixture
def tokens(name) -> np.ndarray:
    """A prompt of random tokens."""
    generator = torch.Generator().manual_seed(seed(f"{name}/prompt"))
    return torch.randint(8, DECODERS[name].config["vocab_size"], (LENGTH,), generator=generator).numpy()


def linear_names(model) -> set[str]:
    """Last parts of the names of all linear layers that PEFT may change, but for the output matrix."""
    output = model.get_output_embeddings()
    return {name.rsplit(".", 1)[-1] for name, module in model.named_modules()
            if isinstance(module, (torch.nn.Linear, Conv1D)) and module is not output}


def adapted(name: str, checkpoint, **options) -> peft.PeftModel:
    """A checkpoint's model with an adapter of random factors, whose numbers bfloat16 has too."""
    model = reference.load(name, checkpoint)
    # GPT-2's matrices are stored the other way round.
    is_turned = any(isinstance(module, Conv1D) for module in model.modules())
    options = {"r": 8, "lora_alpha": 16, "fan_in_fan_out": is_turned, "task_type": "CAUSAL_LM"} | options
    wrapped = peft.get_peft_model(model, peft.LoraConfig(**options)).eval()
    generator = torch.Generator().manual_seed(seed(f"{name}/adapter"))
    with torch.no_grad():
        for key, factor in wrapped.named_parameters():
            if "lora_" in key and factor.dim() == 2:
                bound = SIZE / factor.shape[1] ** 0.5
                numbers = torch.empty(factor.shape).uniform_(-bound, bound, generator=generator)
                factor.copy_(numbers.bfloat16().float())
    return wrapped


def difference(found: np.ndarray, expected: np.ndarray) -> float:
    return float(np.abs(found - expected).max() / (expected.max() - expected.min()))


def compare(wrapped: peft.PeftModel, checkpoint, tokens, folder) -> float:
    """The largest difference between PEFT's logits and ours, of the adapter as PEFT saves it."""
    prompt = torch.tensor(tokens)
    theirs = reference.rows(wrapped, prompt)
    with wrapped.disable_adapter():
        assert difference(reference.rows(wrapped, prompt), theirs) > LEAST_CHANGE
    wrapped.save_pretrained(folder)
    return difference(ours.rows(checkpoint, tokens, "--adapter", str(folder)), theirs)


def refusal(wrapped: peft.PeftModel, checkpoint, tokens, folder) -> str:
    """Why an adapter isn't loaded; empty if it is."""
    wrapped.save_pretrained(folder)
    try:
        ours.rows(checkpoint, tokens[:1], "--adapter", str(folder))
    except AssertionError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("name", DECODERS)
def test_logits_are_those_of_peft(name, checkpoint, tokens, differences, tmp_path):
    model = reference.load(name, checkpoint)
    for index, module in enumerate(refused := REFUSED.get(name, [])):
        wrapped = adapted(name, checkpoint, target_modules=[module] if module.isidentifier() else module)
        reason = refusal(wrapped, checkpoint, tokens, tmp_path / str(index))
        # PEFT takes some experts for parameters, not modules.
        assert "adapter_" in reason and ("can't be added to" in reason or "target_parameters" in reason), reason
    targets: list[str] | str = "all-linear"
    if any("experts" in module for module, _ in model.named_modules()):
        targets = sorted(linear_names(model) - DENSE - set(refused))
    wrapped = adapted(name, checkpoint, target_modules=targets)
    found = differences[name, "adapter"] = compare(wrapped, checkpoint, tokens, tmp_path / "adapter")
    assert found <= TOLERANCE


OPTIONS = {
    "some modules": {"target_modules": ["q_proj", "down_proj"]},
    "a pattern": {"target_modules": r".*layers\.1\.(self_attn\.[kv]_proj|mlp\.up_proj)"},
    "a layer": {"target_modules": ["q_proj", "gate_proj"], "layers_to_transform": [1]},
    "some excluded": {"target_modules": "all-linear", "exclude_modules": ["v_proj"]},
    "ranks": {"target_modules": "all-linear", "rank_pattern": {"q_proj": 3, r".*1\.mlp\.up_proj": 24}},
    "alphas": {"target_modules": "all-linear", "alpha_pattern": {"o_proj": 40, "layers.0.mlp.down_proj": 1},
               "rank_pattern": {"o_proj": 5}},
    "stabilized": {"target_modules": "all-linear", "use_rslora": True, "lora_alpha": 5, "rank_pattern": {"k_proj": 2}},
    "rank 64": {"target_modules": "all-linear", "r": 64},
    "rank 1": {"target_modules": "all-linear", "r": 1, "lora_alpha": 3},
    "a gaussian start": {"target_modules": "all-linear", "init_lora_weights": "gaussian"},
}


@pytest.mark.parametrize("name", ["llama3"])
@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS.keys())
def test_every_option_means_what_it_means_to_peft(name, options, checkpoint, tokens, tmp_path):
    wrapped = adapted(name, checkpoint, **options)
    assert compare(wrapped, checkpoint, tokens, tmp_path / "adapter") <= TOLERANCE


@pytest.mark.parametrize("name", ["llama3", "phi3"])
def test_chunks_and_reused_prefixes_change_no_bit(name, checkpoint, tokens, tmp_path):
    adapted(name, checkpoint, target_modules="all-linear").save_pretrained(tmp_path)
    flags = ("--adapter", str(tmp_path))
    whole = ours.rows(checkpoint, tokens, *flags)
    for more in (("--max_num_tokens", "7"), ("--reused_tokens", "64")):
        assert np.array_equal(ours.rows(checkpoint, tokens, *flags, *more), whole)


@pytest.mark.parametrize("name", ["mixtral", "qwen3-moe"])
def test_experts_are_refused_by_name(name, checkpoint, tokens, tmp_path):
    reason = refusal(adapted(name, checkpoint, target_modules="all-linear"), checkpoint, tokens, tmp_path)
    assert "adapter_config.json" in reason and "target_parameters" in reason


UNSUPPORTED = {
    "dora": ({"target_modules": "all-linear", "use_dora": True}, "use_dora"),
    "biases": ({"target_modules": "all-linear", "bias": "lora_only"}, "bias"),
    "all biases": ({"target_modules": "all-linear", "bias": "all"}, "bias"),
    "biases of factors": ({"target_modules": "all-linear", "lora_bias": True}, "lora_bias"),
    "whole modules": ({"target_modules": "all-linear", "modules_to_save": ["lm_head"]}, "modules_to_save"),
    "tokens": ({"target_modules": "all-linear", "trainable_token_indices": [3, 4]}, "trainable_token_indices"),
    "embeddings": ({"target_modules": ["embed_tokens"]}, "embed_tokens"),
    "the output": ({"target_modules": ["lm_head"]}, "lm_head"),
    "the output among others": ({"target_modules": ["q_proj", "lm_head"]}, "lm_head"),
}


@pytest.mark.parametrize("name", ["llama3"])
@pytest.mark.parametrize("options,words", UNSUPPORTED.values(), ids=UNSUPPORTED.keys())
def test_what_cant_be_honoured_is_refused_by_name(name, options, words, checkpoint, tokens, tmp_path):
    reason = refusal(adapted(name, checkpoint, **options), checkpoint, tokens, tmp_path / "adapter")
    assert words in reason and "adapter_" in reason
