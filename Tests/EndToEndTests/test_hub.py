"""Models by their names on a hub, and the cache that is shared with Python's huggingface_hub."""

import json
import os
import random
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import trustme

from hub_server import COMMIT, HubServer, Relay, server_tls, tag
from server_process import BINARY, TINY_MODEL, ServerProcess, free_port, run

GGUF = Path(TINY_MODEL).read_bytes()
TEXT = b"Hello world"
CHECKPOINT = {
    "README.md": b"read me", "config.json": b'{"architectures": ["LlamaForCausalLM"]}', "tokenizer.json": b"{}",
    "model.safetensors": random.Random(1).randbytes(300_000), "onnx/model.onnx": random.Random(2).randbytes(60_000),
}
NEEDED = ["config.json", "model.safetensors", "tokenizer.json"]


def tokenize(model, environment, *options, check=True):
    ended = run("tokenize", model, *options, input=TEXT, environment=environment)
    if check:
        assert ended.returncode == 0, ended.stderr
    return ended


def python(code, environment):
    """What a program with huggingface_hub prints."""
    ended = subprocess.run([sys.executable, "-c", "from huggingface_hub import *\n" + code], capture_output=True,
                           timeout=120, text=True, env={**os.environ, **environment})
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.strip()


def download(model, environment, *options):
    """Has the server bring the files of a checkpoint whose weights are noise, so that it ends when it reads them."""
    ended = run("serve", model, "--host", "127.0.0.1", "--port", str(free_port()), *options, environment=environment)
    assert ended.returncode == 1
    return ended


@pytest.fixture
def hub():
    with HubServer({"org/gguf": {"X-Q4_0.gguf": GGUF, "X-Q8_0.gguf": GGUF[::-1], "README.md": b"read me"},
                    "org/checkpoint": CHECKPOINT}) as hub:
        yield hub


def test_a_name_is_as_good_as_a_file(hub, tmp_path):
    here = hub.environment(tmp_path)
    expected = json.loads(run("tokenize", TINY_MODEL, input=TEXT).stdout)
    first = tokenize("org/gguf:q4_0", here)
    assert json.loads(first.stdout) == expected
    # Not on a terminal: lines, each tenth once.
    lines = first.stderr.decode().splitlines()
    assert lines and all(line.startswith("downloading org/gguf:q4_0: ") for line in lines)
    assert "100 %" in lines[-1]
    again = tokenize("org/gguf:q4_0", here)
    assert (json.loads(again.stdout), again.stderr) == (expected, b"")
    assert hub.downloads == ["X-Q4_0.gguf"]
    path = tmp_path / "hub/models--org--gguf/snapshots" / COMMIT / "X-Q4_0.gguf"
    assert json.loads(run("tokenize", str(path), input=TEXT).stdout) == expected


def test_a_name_is_served_under_that_name(hub, tmp_path):
    with ServerProcess("org/gguf:Q4_0", environment=hub.environment(tmp_path)) as server:
        assert server.get("/v1/models").json()["data"][0]["id"] == "org/gguf:Q4_0"
        assert "downloading org/gguf:Q4_0: 100 %" in server.output()
        answer = server.post("/v1/completions", {"model": "m", "prompt": "a", "max_tokens": 2})
        assert answer.json()["usage"]["completion_tokens"] == 2


def test_python_uses_what_the_program_downloaded(hub, tmp_path):
    here = hub.environment(tmp_path)
    download("org/checkpoint", here)
    assert sorted(hub.downloads) == NEEDED
    snapshot = tmp_path / "hub/models--org--checkpoint/snapshots" / COMMIT
    for name in NEEDED:
        code = f"print(hf_hub_download('org/checkpoint', '{name}'))"
        assert python(code, {**here, "HF_HUB_OFFLINE": "1"}) == str(snapshot / name)
        assert (snapshot / name).read_bytes() == CHECKPOINT[name]
        assert python(code, here) == str(snapshot / name)
    wanted = f"allow_patterns={NEEDED}"
    code = f"print(snapshot_download('org/checkpoint', {wanted}))"
    assert python(code, {**here, "HF_HUB_OFFLINE": "1"}) == str(snapshot)
    assert python(code, here) == str(snapshot)
    assert sorted(hub.downloads) == NEEDED
    # All of it is what Python then completes, not what it believes to have.
    assert python("print(snapshot_download('org/checkpoint'))", here) == str(snapshot)
    assert {str(path.relative_to(snapshot)) for path in snapshot.rglob("*") if path.is_file()} == set(CHECKPOINT)


def test_the_program_uses_what_python_downloaded(hub, tmp_path):
    here = hub.environment(tmp_path)
    path = python("print(hf_hub_download('org/gguf', 'X-Q4_0.gguf'))", here)
    python("snapshot_download('org/checkpoint')", here)
    before = hub.downloads
    expected = tokenize(path, {}).stdout
    assert tokenize("org/gguf:Q4_0", here).stdout == expected
    download("org/checkpoint", here)
    assert hub.downloads == before
    asked = len(hub.requests)
    offline = {**here, "HF_HUB_OFFLINE": "1"}
    assert tokenize("org/gguf:Q4_0", offline).stdout == expected
    assert str(tmp_path / "hub/models--org--checkpoint/snapshots" / COMMIT).encode() in download("org/checkpoint", offline).stderr
    assert len(hub.requests) == asked


def test_two_programs_at_once_share_one_download(tmp_path):
    with HubServer({"org/gguf": {"x.gguf": GGUF}}, bytes_per_second=len(GGUF) / 2) as hub:
        here = {**os.environ, **hub.environment(tmp_path)}
        programs = [subprocess.Popen([BINARY, "tokenize", "org/gguf"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                     stderr=subprocess.PIPE, env=here) for _ in range(3)]
        outputs = [program.communicate(TEXT, timeout=60) for program in programs]
        assert [program.returncode for program in programs] == [0, 0, 0]
        assert len({output for output, _ in outputs}) == 1
        assert hub.downloads == ["x.gguf"] and len(hub.stored) == 1
        assert sum(b"waiting for another program" in complaint for _, complaint in outputs) == 2


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_download_goes_on_after_the_program_was_stopped(tmp_path, number):
    content = random.Random(3).randbytes(1_000_000)
    files = {"config.json": b"{}", "tokenizer.json": b"{}", "model.safetensors": content}
    with HubServer({"org/name": files}, bytes_per_second=500_000) as hub:
        here = hub.environment(tmp_path)
        partial = tmp_path / f"hub/models--org--name/blobs/{tag(content)}.incomplete"
        with ServerProcess("org/name", environment=here, wait=False) as server:
            server.wait_until_log("downloading org/name: 20 %")
            loading = server.get("/health")
            assert loading.status_code == 503 and "downloading the model: " in loading.text
            server.process.send_signal(number)
            assert server.process.wait(10) == (0 if number == signal.SIGTERM else -signal.SIGKILL)
        size = partial.stat().st_size
        assert 100_000 < size < len(content)
        assert not (tmp_path / "hub/models--org--name/snapshots" / COMMIT / "model.safetensors").exists()
        assert b"isn't complete" in download("org/name", {**here, "HF_HUB_OFFLINE": "1"}).stderr
        hub.bytes_per_second = None
        download("org/name", here)
        assert [headers.get("Range") for _, _, headers in hub.stored] == [None, f"bytes={size}-"]
        assert (tmp_path / "hub/models--org--name/snapshots" / COMMIT / "model.safetensors").read_bytes() == content
        assert not partial.exists()


def test_a_write_that_fails_is_told_and_nothing_is_taken_for_the_file(hub, tmp_path):
    def limit():
        # The system then fails the write rather than ending the program.
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    ended = run("tokenize", "org/gguf:Q4_0", input=TEXT, environment=hub.environment(tmp_path), preexec_fn=limit)
    assert ended.returncode == 1
    assert b".incomplete: File too large" in ended.stderr
    names = [path.name for path in tmp_path.rglob("*") if not path.is_dir()]
    assert "X-Q4_0.gguf" not in names and tag(GGUF) not in names


def test_the_token_stays_with_the_hub(hub, tmp_path):
    tokenize("org/gguf:Q4_0", hub.environment(tmp_path, HF_TOKEN="hf_secret"))
    assert hub.requests and all(headers["Authorization"] == "Bearer hf_secret" for _, _, headers in hub.requests)
    assert hub.stored and all("Authorization" not in headers for _, _, headers in hub.stored)


def test_certificates_are_checked(tmp_path):
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    tls = server_tls(authority.issue_cert("127.0.0.1"))
    with HubServer({"org/gguf": {"x.gguf": GGUF}}, tls=tls) as hub:
        trusted = hub.environment(tmp_path, SSL_CERT_FILE=str(tmp_path / "ca.pem"))
        assert json.loads(tokenize("org/gguf", trusted).stdout)
        stranger = hub.environment(tmp_path / "other", SSL_CERT_FILE="", REQUESTS_CA_BUNDLE="")
        ended = tokenize("org/gguf", stranger, check=False)
        assert ended.returncode == 1
        assert b"can't be reached" in ended.stderr and b"CERTIFICATE_VERIFY_FAILED" in ended.stderr


def test_a_proxy_stands_between(hub, tmp_path):
    with Relay("hub.invalid", hub.url) as relay:
        here = hub.environment(tmp_path, HF_ENDPOINT="http://hub.invalid", HTTP_PROXY=relay.url)
        assert json.loads(tokenize("org/gguf:Q4_0", here).stdout)
        assert any(head.startswith(b"CONNECT hub.invalid:80 ") for head in relay.asked)


@pytest.mark.parametrize("arguments, words", [
    (("org/nothing",), b"has no model 'org/nothing'"),
    (("org/gguf:Q2_K",), b"org/gguf has no GGUF file of 'Q2_K'; it has Q4_0, Q8_0"),
    (("org/gguf",), b"org/gguf has several GGUF files: name one as org/gguf:NAME, of Q4_0, Q8_0"),
    (("org/gguf", "--revision", "nope"), b"org/gguf has no revision 'nope'"),
    (("org/gguf", "--hf_revision", "../../x"), b"can't be a revision"),
    (("./nowhere",), b"./nowhere: there is no such file or directory"),
    (("org/name/more",), b"org/name/more: there is no such file or directory, and 'org/name/more' isn't the name"),
    ((TINY_MODEL, "--revision", "main"), b"--revision is for models of a hub"),
])
def test_what_is_not_there_is_said(hub, tmp_path, arguments, words):
    ended = tokenize(*[arguments[0], hub.environment(tmp_path)], *arguments[1:], check=False)
    assert ended.returncode == 1
    assert words in ended.stderr, ended.stderr
    assert not list(tmp_path.rglob("*.gguf"))
