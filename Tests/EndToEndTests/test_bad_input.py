"""Bad input gets its documented status with a message that names the field, and the next good request works."""

import json
import socket

import pytest

GOOD = {"model": "m", "prompt": "A B C", "max_tokens": 2, "temperature": 0}
GOOD_CHAT = {"model": "m", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 2, "temperature": 0}


def check_error(answer, status, *words):
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert body["object"] == "error" and body["code"] == status
    assert set(body["error"]) >= {"message", "type", "param", "code"}
    assert body["error"]["message"] == body["message"]
    for word in words:
        assert word in body["message"], body["message"]


def check_still_good(server):
    assert server.post("/v1/completions", GOOD).status_code == 200


@pytest.fixture(autouse=True)
def next_good_request_works(server):
    yield
    check_still_good(server)


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"null", b'"x"', b"{\"model\":\"m\",}", b"\xff\xfe", b'{"model":"\xff"}',
                                 b'{"model":"m","prompt":"a","temperature":NaN}', b"{" * 100_000,
                                 b'{"model":"m","prompt":"a","temperature":1e999}', b'{"a":"\\ud800"}'])
@pytest.mark.parametrize("path", ["/v1/completions", "/v1/chat/completions", "/tokenize", "/detokenize"])
def test_malformed_json(server, path, raw):
    check_error(server.post(path, content=raw), 400)


@pytest.mark.parametrize("change, word", [
    ({"model": None}, "model"),
    ({"prompt": None}, "prompt"),
    ({"prompt": []}, "prompt"),
    ({"prompt": ""}, "prompt"),
    ({"prompt": {"a": 1}}, "prompt"),
    ({"prompt": [1, "a"]}, "prompt"),
    ({"prompt": [10_000_000]}, "10000000"),
    ({"prompt": [-1]}, "-1"),
    ({"max_tokens": 0}, "max_tokens"),
    ({"max_tokens": -5}, "max_tokens"),
    ({"max_tokens": "many"}, "max_tokens"),
    ({"max_tokens": 1.5}, "max_tokens"),
    ({"n": 0}, "n"),
    ({"n": 1_000_000}, "n"),
    ({"n": 2, "best_of": 1}, "best_of"),
    ({"temperature": -1}, "temperature"),
    ({"temperature": "hot"}, "temperature"),
    ({"top_p": 0}, "top_p"),
    ({"top_p": 1.5}, "top_p"),
    ({"top_k": -2}, "top_k"),
    ({"min_p": 2}, "min_p"),
    ({"repetition_penalty": 0}, "repetition_penalty"),
    ({"min_tokens": -1}, "min_tokens"),
    ({"logprobs": 100}, "logprobs"),
    ({"truncate_prompt_tokens": 0}, "truncate_prompt_tokens"),
    ({"stop": 5}, "stop"),
    ({"suffix": "x"}, "suffix is given, but must be left out"),
    ({"logits_processors": ["x"]}, "logits_processors"),
    ({"no_such_field": 1}, "no_such_field"),
    ({"stream_options": {"nope": 1}, "stream": True}, "nope"),
    ({"response_format": {"type": "xml"}}, "response_format.type"),
    ({"use_beam_search": True, "n": 2, "temperature": 0}, "max_beam_width"),
    ({"use_beam_search": True, "temperature": 0.5}, "temperature"),
    ({"length_penalty": 2}, "length_penalty"),
    ({"bad_words": [""]}, "bad_words"),
    ({"allowed_token_ids": [10 ** 9]}, "allowed_token_ids"),
    ({"cache_salt": ""}, "cache_salt"),
    ({"lora_request": {"lora_name": "a", "lora_int_id": 1, "lora_path": "/x"}}, "lora_request"),
    ({"disaggregated_params": {"request_type": "context_only"}}, "disaggregated_params"),
])
def test_bad_completion_fields(server, change, word):
    body = {**GOOD, **change}
    check_error(server.post("/v1/completions", body), 400, word)


@pytest.mark.parametrize("change, word", [
    ({"messages": None}, "messages"),
    ({"messages": []}, "messages"),
    ({"messages": "hi"}, "messages"),
    ({"messages": ["hi"]}, "messages"),
    ({"messages": [{"content": "hi"}]}, "role"),
    ({"messages": [{"role": 5, "content": "hi"}]}, "role"),
    ({"messages": [{"role": "user", "content": 5}]}, "content"),
    ({"messages": [{"role": "user", "content": [{"type": "nope"}]}]}, "nope"),
    ({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}]}, "image_url"),
    ({"top_logprobs": 3}, "logprobs"),
    ({"logprobs": True, "top_logprobs": 21}, "top_logprobs"),
    ({"tools": [{"type": "function", "function": {"name": "f g"}}]}, "tools[0].function.name"),
    ({"enable_thinking": False}, "chat_template_kwargs"),
    ({"prompt": "x"}, "prompt"),
])
def test_bad_chat_fields(server, change, word):
    check_error(server.post("/v1/chat/completions", {**GOOD_CHAT, **change}), 400, word)


def test_missing_required_fields(server):
    check_error(server.post("/v1/completions", {"prompt": "a"}), 400, "model")
    check_error(server.post("/v1/completions", {"model": "a"}), 400, "prompt")
    check_error(server.post("/v1/chat/completions", {"model": "a"}), 400, "messages")
    check_error(server.post("/detokenize", {}), 400, "tokens")
    check_error(server.post("/detokenize", {"tokens": [99_999_999]}), 400, "99999999")


def test_prompt_over_the_limit_names_the_numbers(server):
    check_error(server.post("/v1/completions", {**GOOD, "prompt": "word " * 5000}), 400, "2048", "500")
    answer = server.post("/v1/completions", {**GOOD, "prompt": "word " * 5000, "stream": True})
    check_error(answer, 400, "2048")


def test_a_megabyte_of_prompt(server):
    check_error(server.post("/v1/completions", {**GOOD, "prompt": "lorem ipsum " * 90_000}), 400, "2048")
    check_error(server.post("/v1/completions", {**GOOD, "prompt": "a" * 1_000_000}), 400, "2048")


def test_body_over_the_limit_is_413(server):
    check_error(server.post("/v1/completions", content=b" " * (64 << 20)), 413)


def test_a_slow_client_hurts_nobody(server):
    with socket.create_connection(("127.0.0.1", server.port)) as slow:
        slow.sendall(b"POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{")
        check_still_good(server)


def test_a_client_that_speaks_no_http(server):
    with socket.create_connection(("127.0.0.1", server.port)) as strange:
        strange.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200))
        strange.settimeout(20)
        strange.recv(1000)


def test_special_floats_in_fields(server):
    check_error(server.post("/v1/completions", content=json.dumps({**GOOD, "temperature": float("nan")}).encode()), 400)
    check_error(server.post("/v1/completions", {**GOOD, "temperature": 1e300}), 400, "temperature")
    check_error(server.post("/v1/completions", {**GOOD, "max_tokens": 10**30}), 400, "max_tokens")
