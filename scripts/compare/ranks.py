#!/usr/bin/env python3
"""Compares ranks with one process: greedy tokens and their log-probabilities, bit for bit, and what memory each rank takes.

ranks.py MODEL LAYOUT...    for example: ranks.py model.gguf "--tp_size 2" "--pp_size 2"

Exits with 1 if any layout gives something else. TRTLLM_SERVE_BINARY names the program, by default the release build.
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

BINARY = os.environ.get("TRTLLM_SERVE_BINARY", str(Path(__file__).resolve().parents[2] / ".build/release/trtllm-serve"))
PROMPTS = ["The capital of France is", "def fibonacci(n):"]
TOKENS = 256
# What the KV cache has room for, so that memory can be compared.
CACHE_TOKENS = 2048


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def memory(process: int) -> str:
    """Most resident bytes so far, and those now that are no file's."""
    status = dict(re.findall(r"(\w+):\s+(\d+) kB", Path(f"/proc/{process}/status").read_text()))
    return f"{int(status['VmHWM']) / 1e3:.0f} MB at most, {int(status['RssAnon']) / 1e3:.0f} MB without files"


def ranks(server: int) -> list[int]:
    tasks = Path(f"/proc/{server}/task").iterdir()
    return [server, *sorted(int(child) for task in tasks for child in (task / "children").read_text().split())]


def answers(model: str, layout: list[str]) -> tuple[list, list[str]]:
    port = free_port()
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as options, tempfile.TemporaryFile() as log:
        options.write(f"kv_cache_config: {{max_tokens: {CACHE_TOKENS}}}\n")
        options.flush()
        server = subprocess.Popen(
            [BINARY, "serve", model, "--port", str(port), "--backend", "pytorch", "--max_seq_len", "1024", "--max_batch_size", "4",
             "--max_num_tokens", "1024", "--extra_llm_api_options", options.name, *layout], stdout=log, stderr=log)
        try:
            deadline = time.monotonic() + 300
            while True:
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5).read()
                    break
                except OSError:
                    if server.poll() is not None or time.monotonic() > deadline:
                        log.seek(0)
                        sys.exit(f"the server isn't ready:\n{log.read().decode()}")
                    time.sleep(0.1)
            found = [complete(port, prompt) for prompt in PROMPTS]
            return found, [memory(process) for process in ranks(server.pid)]
        finally:
            server.send_signal(signal.SIGTERM)
            try:
                server.wait(30)
            except subprocess.TimeoutExpired:
                server.kill()


def complete(port: int, prompt: str) -> tuple:
    body = {"model": "m", "prompt": prompt, "max_tokens": TOKENS, "temperature": 0, "logprobs": 1, "ignore_eos": True}
    request = urllib.request.Request(f"http://127.0.0.1:{port}/v1/completions", json.dumps(body).encode(),
                                     {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=600) as answer:
        choice = json.load(answer)["choices"][0]
    return choice["text"], choice["logprobs"]["tokens"], choice["logprobs"]["token_logprobs"]


def equal(some: list, others: list) -> int:
    """How many are equal up to the first that isn't."""
    return next((place for place, (a, b) in enumerate(zip(some, others)) if a != b), min(len(some), len(others)))


def main() -> int:
    model, *layouts = sys.argv[1:]
    expected, alone = answers(model, [])
    print(f"{Path(model).name}, one process: {alone[0]}", flush=True)
    failed = False
    for layout in layouts:
        found, memories = answers(model, layout.split())
        tokens = [equal(a[1], b[1]) for a, b in zip(expected, found)]
        scores = [equal(a[2], b[2]) for a, b in zip(expected, found)]
        failed = failed or found != expected or min(tokens) < TOKENS
        print(f"{layout}: equal tokens {tokens}, equal log-probabilities {scores}; memory of ranks: "
              + "; ".join(memories), flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
