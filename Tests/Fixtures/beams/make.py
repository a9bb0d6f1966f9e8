"""Writes beams.json: what the beam search of transformers finds for a model whose logits are hashes of the tokens so far.

The model is the tests' ScriptedModel (Tests/EngineTests/ScriptedModel.swift) with 50 tokens; all its logits are exact in
single precision. Made with transformers 5.24.0 and torch 2.13.0:  python make.py > beams.json
"""

import itertools
import json

import torch
from transformers import GenerationConfig, GenerationMixin, PreTrainedConfig, PreTrainedModel
from transformers.modeling_outputs import CausalLMOutput

VOCABULARY = 50
MASK = (1 << 64) - 1


def scramble(value):
    value = (value + 0x9E3779B97F4A7C15) & MASK
    value = ((value ^ value >> 30) * 0xBF58476D1CE4E5B9) & MASK
    value = ((value ^ value >> 27) * 0x94D049BB133111EB) & MASK
    return value ^ value >> 31


def logits(tokens):
    fingerprint = 0
    for position, token in enumerate(tokens):
        fingerprint = scramble(fingerprint ^ (token << 32 | position))
    hashes = [scramble((fingerprint + token * 0x9E3779B97F4A7C15) & MASK) for token in range(VOCABULARY)]
    return [(value >> 40) / 0x200000 - 4 for value in hashes]


class Scripted(PreTrainedModel, GenerationMixin):
    config_class = PreTrainedConfig
    main_input_name = "input_ids"

    def __init__(self):
        super().__init__(PreTrainedConfig(vocab_size=VOCABULARY))
        self.unused = torch.nn.Parameter(torch.zeros(1))

    def forward(self, input_ids, **_):
        rows = [logits(tokens) for tokens in input_ids.tolist()]
        return CausalLMOutput(logits=torch.tensor(rows)[:, None, :])


def search(model, prompt, width, length, stops, penalty, early):
    config = GenerationConfig(
        num_beams=width, num_return_sequences=width, max_new_tokens=length, length_penalty=penalty, early_stopping=early,
        eos_token_id=stops or None, pad_token_id=VOCABULARY, do_sample=False, use_cache=False, output_scores=True,
        return_dict_in_generate=True)
    found = model.generate(torch.tensor([prompt]), attention_mask=torch.ones(1, len(prompt)), generation_config=config)
    outputs = [[t for t in row[len(prompt):] if t != VOCABULARY] for row in found.sequences.tolist()]
    return {"prompt": prompt, "width": width, "length": length, "stops": stops, "lengthPenalty": penalty,
            "earlyStopping": str(early).lower(), "outputs": outputs, "scores": found.sequences_scores.tolist()}


if __name__ == "__main__":
    model = Scripted()
    settings = itertools.product([2, 3, 5], [1, 6, 14], [[], [49], [11, 49]], [0.0, 1.0, 2.5], [False, True, "never"])
    cases = [search(model, [number % 50, number // 7, 3], *setting) for number, setting in enumerate(settings)]
    print("[" + ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases) + "]")
