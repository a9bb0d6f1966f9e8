"""Teacher-forced agreement of the server with llama.cpp.

Each model reads the same windows of real text; at every position both say how probable the next token is. Compared are
the most probable token (top-1), the log-probability of the token that really follows, and the perplexity.
"""

import argparse
import math
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import numpy as np
from llama_cpp import Llama

ROOT = Path(__file__).resolve().parents[2]
BINARY = os.environ.get("TRTLLM_SERVE_BINARY", str(ROOT / ".build/release/trtllm-serve"))
TEXTS = ["LICENSE", "docs/architecture.md", "docs/determinism.md", "Sources/Base/OrderedJSON/JSONParser.swift"]
WINDOW = 512


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Ours:
    """Our server, scoring prompts through `echo` with log-probabilities."""

    def __init__(self, model: str):
        self.url = f"http://127.0.0.1:{(port := free_port())}"
        self.process = subprocess.Popen(
            [BINARY, "serve", model, "--host", "127.0.0.1", "--port", str(port), "--max_seq_len", str(WINDOW + 8),
             "--max_batch_size", "4"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(1200):
            assert self.process.poll() is None, "the server ended"
            try:
                if httpx.get(self.url + "/health").status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.1)
        raise SystemExit("the server isn't ready after two minutes")

    def score(self, tokens: list[int]) -> tuple[list[str], np.ndarray]:
        """The most probable token's text and the real token's log-probability at every position but the first."""
        answer = httpx.post(self.url + "/v1/completions", timeout=600, json={
            "model": "m", "prompt": tokens, "max_tokens": 1, "temperature": 0, "echo": True, "logprobs": 1})
        answer.raise_for_status()
        logprobs = answer.json()["choices"][0]["logprobs"]
        best = [max(top, key=top.get) for top in logprobs["top_logprobs"][1:len(tokens)]]
        return best, np.array(logprobs["token_logprobs"][1:len(tokens)])


def theirs(model: Llama, tokens: list[int]) -> tuple[list[str], np.ndarray]:
    model.reset()
    model.eval(tokens)
    logits = np.array(model.scores[:len(tokens) - 1], dtype=np.float64)
    logits -= logits.max(axis=1, keepdims=True)
    logprobs = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    best = [model.detokenize([int(token)], special=True).decode(errors="replace") for token in logprobs.argmax(axis=1)]
    return best, logprobs[np.arange(len(tokens) - 1), tokens[1:]]


def compare(path: str) -> dict:
    model = Llama(path, n_ctx=WINDOW, n_batch=WINDOW, logits_all=True, n_threads=2, verbose=False)
    tokens = model.tokenize("\n".join((ROOT / text).read_text() for text in TEXTS).encode(), add_bos=False)
    bos = [model.token_bos()] if model.metadata.get("tokenizer.ggml.add_bos_token") == "true" else []
    ours = Ours(path)
    same, ours_all, theirs_all = 0, [], []
    try:
        for start in range(0, min(len(tokens), 8 * WINDOW), WINDOW - 1):
            window = bos + tokens[start:start + WINDOW - 1]
            if len(window) < 64:
                break
            our_best, our_scores = ours.score(window)
            their_best, their_scores = theirs(model, window)
            same += sum(a == b for a, b in zip(our_best, their_best))
            ours_all.append(our_scores)
            theirs_all.append(their_scores)
    finally:
        ours.process.terminate()
        ours.process.wait()
    our_scores, their_scores = np.concatenate(ours_all), np.concatenate(theirs_all)
    our_perplexity, their_perplexity = (math.exp(-scores.mean()) for scores in (our_scores, their_scores))
    return {
        "model": Path(path).name, "positions": len(our_scores), "top-1 agreement": same / len(our_scores),
        "mean difference": float(np.abs(our_scores - their_scores).mean()),
        "perplexity": our_perplexity, "llama.cpp": their_perplexity, "ratio": our_perplexity / their_perplexity,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="+")
    parser.add_argument("--report")
    arguments = parser.parse_args()
    rows = []
    for path in arguments.models:
        rows.append(compare(path))
        print(rows[-1], file=sys.stderr)
    lines = [
        "# Agreement with llama.cpp", "",
        "Written by `make compare`. Both read the same real text teacher-forced (this repository's "
        + ", ".join(f"`{text}`" for text in TEXTS) + f"; windows of {WINDOW} tokens). Compared at every position: the most"
        " probable next token, and the log-probability of the token that follows (natural logarithm).", "",
        "| model | positions | top-1 agreement | mean abs. difference of log-probability | perplexity | llama.cpp | ratio |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        lines.append(
            f"| {row['model']} | {row['positions']} | {row['top-1 agreement']:.2%} | {row['mean difference']:.4f} |"
            f" {row['perplexity']:.3f} | {row['llama.cpp']:.3f} | {row['ratio']:.4f} |")
    lines += ["", "Wanted: agreement of at least 97 %, a mean difference of at most 0.05, perplexity within 1 %. Both sides"
              " quantize activations to 8 bits, each in its own groups, so neither is exact."]
    if arguments.report:
        Path(arguments.report).write_text("\n".join(lines) + "\n")
    print("\n".join(lines))
    failed = [row["model"] for row in rows if row["top-1 agreement"] < 0.97 or row["mean difference"] > 0.05
              or abs(row["ratio"] - 1) > 0.01]
    if failed:
        raise SystemExit(f"out of bounds: {', '.join(failed)}")


main()
