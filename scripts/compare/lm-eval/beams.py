"""Whether our beams of a real model are those of transformers; prints a section of Markdown.

Both get the quantized file's weights in single precision; ours keeps keys and values in it too. Ends with status 1 when
more than one search in twenty differs: beams whose scores are nearly equal may change places.
"""

import argparse
import json
import sys
import tempfile
import urllib.request
from pathlib import Path

import torch
import transformers

from same_weights import Server, checkpoint

PROMPTS = [
    "The capital of France is", "Once upon a time there was", "def factorial(n):", "2, 4, 8, 16,",
]
BEAMS, TOKENS = 4, 16
SETTINGS = [
    {}, {"length_penalty": 0.0}, {"length_penalty": 2.0, "early_stopping": True}, {"early_stopping": "never"},
    {"repetition_penalty": 1.2},
]


def ours(server: Server, prompt: list[int], settings: dict) -> list[list[int]]:
    body = {"model": "m", "prompt": prompt, "max_tokens": TOKENS, "temperature": 0, "use_beam_search": True, "n": BEAMS,
            "detokenize": False, **settings}
    request = urllib.request.Request(server.url + "/v1/completions", json.dumps(body).encode())
    choices = json.load(urllib.request.urlopen(request, timeout=300))["choices"]
    return [choice["token_ids"] for choice in sorted(choices, key=lambda choice: choice["index"])]


def theirs(model, prompt: list[int], settings: dict) -> list[list[int]]:
    ends = {model.config.eos_token_id, model.generation_config.eos_token_id, model.generation_config.pad_token_id}
    found = model.generate(
        torch.tensor([prompt]), do_sample=False, num_beams=BEAMS, num_return_sequences=BEAMS, max_new_tokens=TOKENS,
        **settings)
    beams = [row[len(prompt):].tolist() for row in found]
    return [[token for token in beam if token not in ends] for beam in beams]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("gguf", type=Path, help="a GGUF file that transformers can read")
    gguf = parser.parse_args().gguf.resolve()
    # Threads that wait for each other are slow beside anything else that runs; one is fast enough.
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        weights = checkpoint(gguf, Path(folder) / gguf.stem, torch.float32)
        tokenizer = transformers.AutoTokenizer.from_pretrained(weights)
        model = transformers.AutoModelForCausalLM.from_pretrained(weights, dtype=torch.float32)
        flags = ["--max_beam_width", str(BEAMS), "--kv_cache_dtype", "float32"]
        best = same = total = 0
        with Server(weights, *flags) as server:
            for settings in SETTINGS:
                for text in PROMPTS:
                    prompt = tokenizer(text).input_ids
                    own, other = ours(server, prompt, settings), theirs(model, prompt, settings)
                    total += 1
                    best += own[0] == other[0]
                    same += own == other
                    if own != other:
                        print(f"{settings} {text!r}\n  ours   {own}\n  theirs {other}", file=sys.stderr)
    print("\n## Beams\n")
    print(f"Made by `scripts/compare-with-lm-eval` with {gguf.stem}, its weights in single precision for both. Of {total} searches "
          f"with\n{BEAMS} beams of {TOKENS} tokens ({len(PROMPTS)} prompts, {len(SETTINGS)} settings) the best beam was that of "
          f"transformers in {best}, and all\nbeams in their order in {same}.")
    if best * 20 < total * 19:
        sys.exit("more than one search in twenty differs")


if __name__ == "__main__":
    main()
