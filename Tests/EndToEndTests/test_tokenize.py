"""Tokenizing over HTTP and on the command line."""

import json

import pytest

from server_process import run
from test_chat import MESSAGES

TEXTS = ["", "Hello world", " leading", "tabs\tand\r\nlines\n\n", "naïve café", "日本語 🦄", "<|im_start|>user", "1234567 x=1;",
         "\0", "a" * 5000]


@pytest.mark.parametrize("text", TEXTS)
def test_round_trip(server, text):
    body = server.post("/tokenize", {"prompt": text, "add_special_tokens": False}).json()
    assert body["count"] == len(body["tokens"])
    assert body["max_model_len"] == 2048
    assert server.post("/detokenize", {"tokens": body["tokens"]}).json()["prompt"] == text
    content = server.post("/tokenize", {"content": text, "add_special_tokens": False}).json()
    assert content["tokens"] == body["tokens"]


@pytest.mark.parametrize("text", TEXTS[1:])
def test_the_command_line_reads_bytes(model, text):
    plain = run("tokenize", model, input=text.encode())
    assert plain.returncode == 0, plain.stderr
    assert plain.stdout.count(b"\n") == 1
    ids = json.loads(plain.stdout)
    special = json.loads(run("tokenize", model, "--parse_special_tokens", input=text.encode()).stdout)
    if "<|im_start|>" in text:
        assert special[0] < ids[0] or len(special) < len(ids)
    else:
        assert special == ids


def test_invalid_utf8_tokenizes(model):
    assert json.loads(run("tokenize", model, input=b"\xff\xfe\x80abc").stdout)


def test_render_equals_the_servers_prompt(server, model):
    text = run("render", model, input=json.dumps({"messages": MESSAGES, "add_generation_prompt": True}).encode())
    assert text.returncode == 0, text.stderr
    tokens = server.post("/tokenize", {"messages": MESSAGES, "add_generation_prompt": True}).json()["tokens"]
    assert server.post("/detokenize", {"tokens": tokens, "skip_special_tokens": False}).json()["prompt"] == (
        text.stdout.decode())
    assert text.stdout.endswith(b"<|im_start|>assistant\n")


def test_render_with_a_template_file(tmp_path):
    template = tmp_path / "template.jinja"
    template.write_text("{{ bos_token }}{% for m in messages %}[{{ m.role }}]{{ m.content }}{% endfor %}")
    body = json.dumps({"messages": [{"role": "a", "content": "ü"}], "bos_token": "<s>"}).encode()
    assert run("render", "--chat_template", str(template), input=body).stdout.decode() == "<s>[a]ü"


def test_a_template_error_ends_with_1(tmp_path):
    template = tmp_path / "template.jinja"
    template.write_text("{{ raise_exception('Only user messages!') }}")
    ended = run("render", "--chat_template", str(template), input=b'{"messages": []}')
    assert ended.returncode == 1
    assert b"Only user messages!" in ended.stderr
    assert ended.stdout == b""
