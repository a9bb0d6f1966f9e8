"""What quantization when a model is loaded costs, beside llama.cpp's of the same weights; prints a section of Markdown.

Only quantized models are at hand, and weights on somebody's grid are easier to round to that grid than others. So weights
are expanded and each is moved by noise of half a step before they are stored as BF16. Our server scores all of them,
llama.cpp's files too.
"""

import argparse
import ctypes
from pathlib import Path

import llama_cpp
import numpy as np
from agreement import TEXTS
from expansion import BF16, ensured
from gguf import GGMLQuantizationType
from scorers import ROOT, Scores, score_with_server, windows

WINDOWS = 8
ALGORITHMS = ["W8A16", "W8A8_SQ_PER_CHANNEL", "FP8", "W4A16", "W4A16_AWQ"]
# llama.cpp's numbers of what it makes.
FILE_TYPES = {"Q8_0": 7, "Q4_K_M": 15, "Q4_1": 3, "Q4_0": 2}
MOST_CHANGE = {"W8A16": 0.003, "W4A16_AWQ": 0.03}


def noised(name: str, kind: GGMLQuantizationType, weights: np.ndarray) -> np.ndarray:
    """Weights that lie on no grid any more: each is moved by normal noise of half the step of its group."""
    groups = weights.reshape(-1, 32)
    largest = np.abs(groups).max(axis=1, keepdims=True)
    span = groups.max(axis=1, keepdims=True) - groups.min(axis=1, keepdims=True)
    types = GGMLQuantizationType
    steps = {types.Q4_K: span / 15, types.Q5_0: largest / 16, types.Q6_K: largest / 32, types.Q8_0: largest / 127}
    random = np.random.default_rng(list(name.encode()))
    noise = random.standard_normal(groups.shape, dtype=np.float32)
    return (groups + 0.5 * steps[kind] * noise).reshape(weights.shape)


def quantized_by_llama_cpp(path: Path, name: str) -> Path:
    target = path.with_name(f"{path.stem}-{name.lower()}.gguf")
    if not target.exists() or target.stat().st_mtime < path.stat().st_mtime:
        parameters = llama_cpp.llama_model_quantize_default_params()
        parameters.ftype = FILE_TYPES[name]
        if llama_cpp.llama_model_quantize(str(path).encode(), str(target).encode(), ctypes.byref(parameters)):
            raise SystemExit(f"llama.cpp couldn't make {target}")
    return target


def row(name: str, scores: Scores, exact: Scores) -> str:
    return (
        f"| {name} | {scores.agreement(exact):.2%} | {scores.difference(exact):.4f} | {scores.perplexity:.3f} |"
        f" {scores.perplexity / exact.perplexity - 1:+.2%} |")


def section(path: Path, rows: list[str], positions: int) -> str:
    return f"""
## Quantization when a model is loaded

Made by `scripts/compare/quantization.py`. The weights are those of {path.stem}, with noise of half a step of their stored
format, so that they lie on no grid, stored as BF16. The same text as above, {positions} positions; compared is what
our server says of the weights as they are. llama.cpp made the files that are named after its formats, and our server reads
them: the difference is in the weights alone. (In this model llama.cpp's Q4_K_M has 5 bits or more for all matrices but half
of `ffn_down`, since 896 columns aren't whole blocks of 256.)

| weights | top-1 | mean abs. difference | perplexity | change |
|---|---|---|---|---|
{chr(10).join(rows)}

Wanted: a perplexity within {MOST_CHANGE["W8A16"]:.1%} with `W8A16`, and with `W4A16_AWQ` within {MOST_CHANGE["W4A16_AWQ"]:.0%} and
no worse than Q4_K_M's."""


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path, help="a quantized GGUF file")
    source = parser.parse_args().model
    path = ensured(source, source.with_name(f"{source.stem}-noised.gguf"), BF16, noised)
    texts = windows(str(path), "\n".join((ROOT / text).read_text() for text in TEXTS).encode(), WINDOWS)
    exact = score_with_server(str(path), texts)
    scores = {name: score_with_server(str(path), texts, "--quantization", name) for name in ALGORITHMS}
    scores |= {name: score_with_server(str(quantized_by_llama_cpp(path, name)), texts) for name in FILE_TYPES}
    rows = [row("BF16", exact, exact), *(row(name, found, exact) for name, found in scores.items())]
    print(section(source, rows, len(exact.best)))
    found = [name for name, most in MOST_CHANGE.items() if scores[name].perplexity > exact.perplexity * (1 + most)]
    if scores["W4A16_AWQ"].perplexity > scores["Q4_K_M"].perplexity:
        found.append("W4A16_AWQ against Q4_K_M")
    if found:
        raise SystemExit("out of bounds: " + ", ".join(found))


if __name__ == "__main__":
    main()
