"""The worst requests that the limits allow, a hundred at once, take little memory beside the pool."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from server_process import HTTP, ServerProcess

ALLOWANCE = 500 << 20
AT_ONCE = 100
# As the defaults of the server's options.
STOP_STRINGS, STOP_BYTES, BIASES, CHOICES, BODY_BYTES, LOG_PROBABILITIES = 64, 16384, 4096, 128, 16 << 20, 20
TINY = {"model": "m", "prompt": "a", "max_tokens": 2, "temperature": 1}
STOPS = [("%03d" % index).ljust(STOP_BYTES // STOP_STRINGS, "s") for index in range(STOP_STRINGS)]

WORST = {
    "stop strings of many prompts": lambda: {**TINY, "prompt": ["a"] * 64, "stop": STOPS},
    "biases of many choices": lambda: {**TINY, "n": CHOICES, "logit_bias": {str(i): 1.5 for i in range(BIASES)}},
    "log-probabilities of a long prompt": lambda: {
        **TINY, "prompt": "word " * 1900, "echo": True, "logprobs": LOG_PROBABILITIES},
    "many prompts": lambda: {**TINY, "prompt": ["a b c"] * 1024},
    "a prompt that can't fit": lambda: {**TINY, "prompt": "a" * (BODY_BYTES - 1000)},
    "token ids that can't fit": lambda: {**TINY, "prompt": [1] * (BODY_BYTES // 3 - 1000)},
    "a body of nested lists": lambda: {**TINY, "user": [[[]]] * (BODY_BYTES // 9)},
    "a long key": lambda: {**TINY, "k" * (BODY_BYTES - 1000): 1},
    "a long model": lambda: {**TINY, "model": "m" * (BODY_BYTES - 1000)},
}
CHATS = {
    "a template's work": lambda: {
        "model": "m", "max_tokens": 2, "messages": [{"role": "user", "content": "a"}] * 3000,
        "chat_template_kwargs": {"documents": ["x" * 1000] * 1000}},
}


def forget_peak(server):
    Path(f"/proc/{server.process.pid}/clear_refs").write_text("5")


@pytest.fixture(scope="module")
def small_pool(model):
    """A server whose pool has been written to its end, so that it takes all the memory it ever will."""
    options = ("--max_seq_len", "2048", "--max_batch_size", "64")
    with ServerProcess(model, *options, yaml="kv_cache_config: {max_tokens: 16384, enable_block_reuse: false}") as server:
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda i: server.post("/v1/completions", {
                "model": "m", "prompt": f"{i} " + "word " * 1990, "max_tokens": 40, "ignore_eos": True}), range(8)))
        assert {answer.status_code for answer in answers} == {200}
        yield server


@pytest.mark.parametrize("path, make", [
    *[pytest.param("/v1/completions", make, id=name) for name, make in WORST.items()],
    *[pytest.param("/v1/chat/completions", make, id=name) for name, make in CHATS.items()],
])
def test_a_hundred_of_the_worst_requests_take_little_memory(small_pool, path, make):
    server = small_pool
    body = json.dumps(make()).encode()
    assert len(body) <= BODY_BYTES
    server.wait_until(lambda now: now["num_requests_running"] == now["num_requests_waiting"] == 0, "rest")
    forget_peak(server)
    before = server.memory()

    def send(_):
        try:
            return HTTP.post(server.url + path, content=body, timeout=280).status_code
        except httpx.WriteError:
            return 413
        except httpx.ReadError:
            return 413

    with ThreadPoolExecutor(AT_ONCE) as pool:
        statuses = set(pool.map(send, range(AT_ONCE)))
    assert statuses <= {200, 400, 413, 422, 429, 503}, statuses
    peak = server.memory("VmHWM")
    assert peak - before <= ALLOWANCE, f"{before >> 20} MiB became {peak >> 20} MiB; {statuses}"
    # What was refused or given up counts as waiting until the engine's next iteration.
    server.wait_until(lambda now: now["num_requests_running"] == now["num_requests_waiting"] == 0, "rest")
    assert server.post("/v1/completions", TINY).status_code == 200
