"""What arrives from outside, in bulk: damaged bodies and files, many clients, slow ones, a mixture for long.

The numbers without options are small, for every run of the tests; `make soak` gives large ones. Everything random comes
from --seed, and what failed is printed with its number.
"""

import os
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "EndToEndTests"))

from server_process import TINY_MODEL, ServerProcess  # noqa: E402

NUMBERS = {
    "seed": (int, 1, "of all that is random"),
    "bodies": (int, 200, "damaged request bodies"),
    "files": (int, 40, "damaged files given to the program"),
    "clients": (int, 100, "streaming clients at once"),
    "slow-clients": (int, 20, "clients that read slowly or not at all"),
    "minutes": (float, 0.25, "of mixed traffic"),
    "longest-answer": (float, 60, "seconds that an answer may take, of those that needn't take longer"),
}


def pytest_addoption(parser):
    for name, (kind, default, words) in NUMBERS.items():
        parser.addoption(f"--{name}", type=kind, default=default, help=f"{words} (default: {default})")


@pytest.fixture(scope="session")
def number(request):
    """`number("bodies")` is the option's value."""
    return lambda name: request.config.getoption("--" + name)


@pytest.fixture(scope="session")
def model() -> str:
    path = os.environ.get("TRTLLM_SERVE_MODEL")
    assert path and os.path.exists(path), "set TRTLLM_SERVE_MODEL to the SmolLM2 GGUF file (scripts/fetch-model smollm2)"
    return path


@pytest.fixture(scope="session")
def server(model):
    """One server with short sequences and a small pool, so that nothing takes long and memory can be compared."""
    with serving(model) as server:
        yield server


@pytest.fixture(scope="session")
def tiny_server():
    """The same with a model that computes next to nothing: all the time goes to what surrounds it."""
    template = "{% for message in messages %}{{ message['content'] }} {% endfor %}"
    with serving(TINY_MODEL, "--pooling", "mean", "--chat_template", template) as server:
        yield server


@contextmanager
def serving(model: str, *more: str):
    options = ("--max_seq_len", "256", "--max_batch_size", "64", "--max_choices", "64", *more)
    with ServerProcess(model, *options, yaml="kv_cache_config: {max_tokens: 32768}") as server:
        yield server
        assert server.process.poll() is None, "the server died:\n" + server.output()[-5000:]
        assert server.stop() == 0
