"""Whether lm-eval says the same of our server (`local-completions`) and of transformers (`hf`) with the same weights.

Prints a section of Markdown; ends with status 1 when a score of the same weights is more than 1 % apart. Both get the
quantized file's weights as a checkpoint of BF16, which transformers computes with in single precision; our server also gets
the file itself, which it multiplies with activations of 8 bits.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

import lm_eval
import torch
from lm_eval.tasks import TaskManager

import items
from same_weights import Server, checkpoint

MOST_APART = 0.01
HELD = "ours, BF16 weights"
NAME = "four_answers"
TASK = """
task: {name}
dataset_path: json
dataset_kwargs: {{data_files: {{test: {data}}}}}
output_type: multiple_choice
test_split: test
doc_to_text: "{{{{question}}}}"
doc_to_choice: "{{{{choices}}}}"
doc_to_target: label
metric_list: [{{metric: acc}}, {{metric: acc_norm}}]
"""


def evaluate(model: str, arguments: dict, tasks: TaskManager) -> dict:
    found = lm_eval.simple_evaluate(
        model=model, model_args=arguments, tasks=[NAME], task_manager=tasks, batch_size=8, log_samples=True,
        bootstrap_iters=0)
    scores = found["results"][NAME]
    samples = sorted(found["samples"][NAME], key=lambda sample: sample["doc_id"])
    likelihoods = [float(response[0][0]) for sample in samples for response in sample["resps"]]
    return {"acc": scores["acc,none"], "acc_norm": scores["acc_norm,none"], "likelihoods": likelihoods}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("gguf", type=Path, help="a GGUF file that transformers can read")
    gguf = parser.parse_args().gguf.resolve()
    with tempfile.TemporaryDirectory() as folder:
        data, yaml = Path(folder) / "items.jsonl", Path(folder) / f"{NAME}.yaml"
        items.write(data)
        yaml.write_text(TASK.format(name=NAME, data=json.dumps(str(data))))
        tasks = TaskManager(include_path=folder)
        weights = checkpoint(gguf, Path(folder) / gguf.stem, torch.bfloat16)
        results = {"transformers, BF16 weights": evaluate(
            "hf", {"pretrained": str(weights), "dtype": "float32", "device": "cpu"}, tasks)}
        for label, model in [(HELD, weights), ("ours, the GGUF file", gguf)]:
            with Server(model) as server:
                results[label] = evaluate("local-completions", {
                    "model": "m", "base_url": server.url + "/v1/completions", "tokenizer": str(weights),
                    "tokenizer_backend": "huggingface", "num_concurrent": 2, "max_length": 512}, tasks)
    reference = next(iter(results.values()))
    print(f"""
## Scores of lm-eval

Made by `scripts/compare-with-lm-eval` with {gguf.stem}: {items.COUNT} questions with four answers each, scored by their
log-likelihoods, by `hf` with transformers and by `local-completions` with our server (`echo`, `logprobs`, one token).
The weights of the file are in BF16 for both, and transformers computes in single precision; the file itself is multiplied
with activations of 8 bits.
""")
    print("| lm-eval's model | acc | acc_norm | mean abs. difference of a log-likelihood |")
    print("|---|---|---|---|")
    is_apart = False
    for label, result in results.items():
        pairs = list(zip(result["likelihoods"], reference["likelihoods"], strict=True))
        difference = sum(abs(own - other) for own, other in pairs) / len(pairs)
        print(f"| {label} | {result['acc']:.1%} | {result['acc_norm']:.1%} | {difference:.4f} |")
        is_apart |= label == HELD and any(abs(result[key] - reference[key]) > MOST_APART + 1e-9 for key in ("acc", "acc_norm"))
    print("\nWanted with the same weights: scores at most 1% apart.")
    if is_apart:
        sys.exit("a score is more than 1 % apart")


if __name__ == "__main__":
    main()
