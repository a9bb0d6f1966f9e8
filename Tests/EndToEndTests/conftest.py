import os

import pytest

from server_process import ServerProcess


@pytest.fixture(scope="session")
def model() -> str:
    path = os.environ.get("TRTLLM_SERVE_MODEL")
    assert path and os.path.exists(path), "set TRTLLM_SERVE_MODEL to the SmolLM2 GGUF file (scripts/fetch-model smollm2)"
    return path


@pytest.fixture(scope="session")
def tool_model() -> str:
    """A model whose chat template knows tools."""
    path = os.environ.get("TRTLLM_SERVE_TOOL_MODEL")
    assert path and os.path.exists(path), (
        "set TRTLLM_SERVE_TOOL_MODEL to the Qwen2.5-Coder GGUF file (scripts/fetch-model qwen2.5-coder-0.5b)")
    return path


@pytest.fixture(scope="session")
def server(model):
    """One server for all tests that don't need options of their own."""
    with ServerProcess(model, "--max_seq_len", "2048", "--max_batch_size", "64", "--allow_request_chat_template") as server:
        yield server
        assert server.process.poll() is None, "the server died:\n" + server.output()[-5000:]


@pytest.fixture(scope="session")
def client(server):
    return server.client()
