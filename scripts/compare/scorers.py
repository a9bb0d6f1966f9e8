"""What a model says about real text: the best token and the real token's probability at every position."""

import gc
import os
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import httpx
import numpy as np
from llama_cpp import Llama

ROOT = Path(__file__).resolve().parents[2]
BINARY = os.environ.get("TRTLLM_SERVE_BINARY", str(ROOT / ".build/release/trtllm-serve"))
WINDOW = 512


@dataclass
class Scores:
    """At every position but a window's first: the most probable token's text, and the real token's log-probability."""

    best: list[str]
    logprobs: np.ndarray

    @property
    def perplexity(self) -> float:
        return float(np.exp(-self.logprobs.mean()))

    def agreement(self, reference: "Scores") -> float:
        """The share of positions with the same best token."""
        return sum(a == b for a, b in zip(self.best, reference.best, strict=True)) / len(reference.best)

    def difference(self, reference: "Scores") -> float:
        """The mean absolute difference of the log-probabilities."""
        return float(np.abs(self.logprobs - reference.logprobs).mean())


def load(path: str) -> Llama:
    return Llama(path, n_ctx=WINDOW, n_batch=WINDOW, logits_all=True, n_threads=2, n_threads_batch=2, verbose=False)


def windows(path: str, text: bytes, count: int) -> list[list[int]]:
    """The text's first tokens, in windows that begin as the model wants sequences to begin."""
    model = Llama(path, vocab_only=True, verbose=False)
    tokens = model.tokenize(text, add_bos=False)
    begin = [model.token_bos()] if model.metadata.get("tokenizer.ggml.add_bos_token") == "true" else []
    step = WINDOW - len(begin)
    return [begin + tokens[start:start + step] for start in range(0, min(len(tokens) - step, count * step), step)]


def score_with_llama_cpp(path: str, texts: list[list[int]]) -> Scores:
    model = load(path)
    best, scores = [], []
    for tokens in texts:
        model.reset()
        model.eval(tokens)
        for position, following in enumerate(tokens[1:]):
            logits = model.scores[position].astype(np.float64)
            highest = logits.max()
            scores.append(logits[following] - highest - np.log(np.exp(logits - highest).sum()))
            best.append(model.detokenize([int(logits.argmax())], special=True).decode(errors="replace"))
    model.close()
    del model
    gc.collect()
    return Scores(best, np.array(scores))


def score_with_server(path: str, texts: list[list[int]], *flags: str) -> Scores:
    """Our server's with some flags, by echoing prompts with log-probabilities."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    command = [BINARY, "serve", path, "--host", "127.0.0.1", "--port", str(port)]
    limits = ["--max_seq_len", str(WINDOW + 8), "--max_batch_size", "4", *flags]
    process = subprocess.Popen(
        command + limits, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={**os.environ, "TRTLLM_SERVE_ENGINE_CACHE_LIMIT": "0"})
    try:
        wait_until_ready(url, process)
        best, scores = [], []
        for tokens in texts:
            answer = httpx.post(url + "/v1/completions", timeout=600, json={
                "model": "m", "prompt": tokens, "max_tokens": 1, "temperature": 0, "echo": True, "logprobs": 1})
            answer.raise_for_status()
            logprobs = answer.json()["choices"][0]["logprobs"]
            best += [max(top, key=top.get) for top in logprobs["top_logprobs"][1:len(tokens)]]
            scores += logprobs["token_logprobs"][1:len(tokens)]
        return Scores(best, np.array(scores))
    finally:
        process.terminate()
        process.wait()


def wait_until_ready(url: str, process: subprocess.Popen):
    for _ in range(1200):
        if process.poll() is not None:
            raise SystemExit(f"the server ended with status {process.returncode}")
        try:
            if httpx.get(url + "/health").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise SystemExit("the server isn't ready after two minutes")
