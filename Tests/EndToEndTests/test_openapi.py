"""The description of the server, and the server held against it."""

import os
import subprocess
import sys
from pathlib import Path

from openapi_spec_validator import validate

from server_process import TINY_MODEL, ServerProcess

# Calls that are made up for each operation.
CALLS = os.environ.get("TRTLLM_SERVE_API_CALLS", "10")
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


def test_the_description_is_valid_openapi(server):
    document = server.get("/openapi.json").json()
    validate(document)
    assert "/v1/chat/completions" in document["paths"]


def test_every_answer_to_made_up_calls_is_described(tmp_path):
    # Profiling answers 501, which is what its description says and never anything else.
    options = ["--max_seq_len", "128", "--chat_template", "{% for m in messages %}{{ m['content'] }}{% endfor %}",
               "--pooling", "mean"]
    with ServerProcess(TINY_MODEL, *options) as server:
        run = subprocess.run(
            [Path(sys.executable).parent / "schemathesis", "run", server.url + "/openapi.json", "--checks", CHECKS,
             "--max-examples", CALLS, "--seed", "1", "--generation-database", "none", "--exclude-path-regex",
             "_profile$", "--request-timeout", "200", "--no-color"],
            capture_output=True, text=True, timeout=3000, cwd=tmp_path)
        print(run.stdout[-10000:])
        assert run.returncode == 0
        assert server.get("/health").status_code == 200
