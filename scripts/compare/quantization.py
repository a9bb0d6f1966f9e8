"""What quantization when a model is loaded costs, beside llama.cpp's of the same weights; prints a section of Markdown.

Only quantized models are at hand, and weights on somebody's grid are easier to round to that grid than others. So columns
are rescaled at random, and what makes their inputs (norms, rows of other matrices) inversely: the model computes the same,
with weights on no grid, which are stored as BF16. Our server scores all of them, llama.cpp's files too.
"""

import argparse
import ctypes
from pathlib import Path

import llama_cpp
import numpy as np
from agreement import TEXTS
from expansion import BF16, ensured
from scorers import ROOT, Scores, score_with_server, windows

WINDOWS = 8
ALGORITHMS = ["W8A16", "W8A8_SQ_PER_CHANNEL", "FP8", "W4A16", "W4A16_AWQ"]
# llama.cpp's numbers of what it makes.
FILE_TYPES = {"Q8_0": 7, "Q4_K_M": 15, "Q4_1": 3, "Q4_0": 2}
# Of Qwen2.5-0.5B.
KEY_VALUE_HEADS, HEAD = 2, 64
MOST_CHANGE = {"W8A16": 0.003, "W4A16": 0.03}


def factors(name: str, count: int) -> np.ndarray:
    """Factors of the columns that `name` is the input of, 0.7 to 1.4."""
    return np.exp2(np.random.default_rng(list(name.encode())).uniform(-0.5, 0.5, count)).astype(np.float32)


def rescaled(name: str, weights: np.ndarray) -> np.ndarray:
    """A tensor of a model that computes the same, of a Qwen2 without tied embeddings."""
    layer, _, part = name.rpartition(".")[0].rpartition(".")
    produced = {"attn_norm": "attention", "attn_v": "values", "ffn_norm": "feed-forward", "ffn_up": "down"}
    consumed = {"attn_q": "attention", "attn_k": "attention", "attn_v": "attention", "ffn_gate": "feed-forward",
                "ffn_up": "feed-forward", "ffn_down": "down", "output": "unembed"}
    if part == "output_norm":
        return weights * factors("unembed", len(weights))
    if part in consumed and weights.ndim > 1:
        weights = weights / factors(layer + consumed[part], weights.shape[1])
    if part == "attn_output":
        # Queries that share a key-value head read the same values.
        heads = weights.reshape(len(weights), KEY_VALUE_HEADS, -1, HEAD)
        values = factors(layer + "values", KEY_VALUE_HEADS * HEAD).reshape(KEY_VALUE_HEADS, 1, HEAD)
        weights = (heads / values).reshape(weights.shape)
    if part in produced:
        scale = factors(layer + produced[part], len(weights))
        weights = weights * (scale[:, None] if weights.ndim > 1 else scale)
    return weights


def quantized_by_llama_cpp(path: Path, name: str) -> Path:
    target = path.with_name(f"{path.stem}-{name.lower()}.gguf")
    if not target.exists() or target.stat().st_mtime < path.stat().st_mtime:
        parameters = llama_cpp.llama_model_quantize_default_params()
        parameters.ftype = FILE_TYPES[name]
        if llama_cpp.llama_model_quantize(str(path).encode(), str(target).encode(), ctypes.byref(parameters)):
            raise SystemExit(f"llama.cpp couldn't make {target}")
    return target


def change(scores: Scores, exact: Scores) -> tuple[float, float]:
    """The change of the perplexity's logarithm, and its standard error over positions."""
    losses = exact.logprobs - scores.logprobs
    return float(losses.mean()), float(losses.std() / np.sqrt(len(losses)))


def row(name: str, scores: Scores, exact: Scores) -> str:
    mean, error = change(scores, exact)
    return (
        f"| {name} | {scores.agreement(exact):.2%} | {scores.difference(exact):.4f} | {scores.perplexity:.3f} |"
        f" {mean:+.2%} ± {error:.2%} |")


def section(path: Path, rows: list[str], positions: int) -> str:
    return f"""
## Quantization when a model is loaded

Made by `scripts/compare/quantization.py`. The weights are those of {path.stem}, rescaled so that
they lie on no grid and the model computes the same, stored as BF16. The same text as above, {positions} positions; compared is what
our server says of the weights as they are. llama.cpp made the files that are named after its formats, and our server reads
them: the difference is in the weights alone. (In this model's layers llama.cpp's Q4_K_M has 5.5 bits, scales included, because
896 columns aren't whole blocks of 256; `W4A16` has 6.0, because matrices of fewer than 1024 columns have five bits and their
scales one.)

| weights | top-1 | mean abs. difference | perplexity | change, its standard error |
|---|---|---|---|---|
{chr(10).join(rows)}

Wanted, within the standard error: a perplexity within {MOST_CHANGE["W8A16"]:.1%} with `W8A16`, and with `W4A16` within
{MOST_CHANGE["W4A16"]:.0%} and no worse than Q4_K_M's."""


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path, help="a quantized GGUF file")
    source = parser.parse_args().model
    path = ensured(source, source.with_name(f"{source.stem}-rescaled.gguf"), BF16, rescaled)
    texts = windows(str(path), "\n".join((ROOT / text).read_text() for text in TEXTS).encode(), WINDOWS)
    exact = score_with_server(str(path), texts)
    scores = {name: score_with_server(str(path), texts, "--quantization", name) for name in ALGORITHMS}
    scores |= {name: score_with_server(str(quantized_by_llama_cpp(path, name)), texts) for name in FILE_TYPES}
    rows = [row("BF16", exact, exact), *(row(name, found, exact) for name, found in scores.items())]
    print(section(source, rows, len(exact.best)))
    changes = {name: change(scores[name], exact) for name in scores}
    found = [name for name, most in MOST_CHANGE.items() if changes[name][0] - changes[name][1] > most]
    if changes["W4A16"][0] > changes["Q4_K_M"][0]:
        found.append("W4A16 against Q4_K_M")
    if found:
        raise SystemExit("out of bounds: " + ", ".join(found))


if __name__ == "__main__":
    main()
