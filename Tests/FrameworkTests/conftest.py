"""Frameworks that need an environment of their own, against one server whose model knows tools."""

import os
import sys
from pathlib import Path

# None of them may call home from a test.
os.environ.update(LANGSMITH_TRACING="false", LANGCHAIN_TRACING_V2="false")

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "EndToEndTests"))

from server_process import ServerProcess  # noqa: E402


@pytest.fixture(scope="session")
def server():
    path = os.environ.get("TRTLLM_SERVE_TOOL_MODEL")
    assert path and os.path.exists(path), (
        "set TRTLLM_SERVE_TOOL_MODEL to the Qwen2.5-Coder GGUF file (scripts/fetch-model qwen2.5-coder-0.5b)")
    with ServerProcess(path, "--max_seq_len", "4096") as server:
        yield server
        assert server.process.poll() is None, "the server died:\n" + server.output()[-5000:]
