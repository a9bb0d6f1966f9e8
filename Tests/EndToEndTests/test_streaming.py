"""Server-sent events of both endpoints."""

import json

import pytest
from openai import BadRequestError

from server_process import HTTP, ServerProcess
from test_chat import MESSAGES, chat
from test_completions import PROMPT, complete


def events(server, path, body) -> list:
    """The payloads of a stream, `[DONE]` last; checks the framing."""
    with HTTP.stream("POST", server.url + path, json={**body, "stream": True}, timeout=120) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        raw = answer.read().decode()
    assert raw.endswith("\n\n")
    payloads = []
    for event in raw[:-2].split("\n\n"):
        if event.startswith(":"):
            continue
        assert event.startswith("data: ") and "\n" not in event
        payloads.append(event[6:].strip())
    assert payloads[-1] == "[DONE]"
    return [json.loads(payload) for payload in payloads[:-1]]


CHAT = {"model": "m", "messages": MESSAGES, "temperature": 0, "max_tokens": 12}
COMPLETION = {"model": "m", "prompt": PROMPT, "temperature": 0, "max_tokens": 12}


def test_chat_stream_has_the_documented_order(server, client):
    chunks = events(server, "/v1/chat/completions", {
        **CHAT, "max_tokens": 6, "stream_options": {"include_usage": True}})
    assert len({chunk["id"] for chunk in chunks}) == 1
    assert len({chunk["created"] for chunk in chunks}) == 1
    assert {chunk["object"] for chunk in chunks} == {"chat.completion.chunk"}
    first, *middle, last = chunks
    assert first["choices"][0]["delta"]["role"] == "assistant"
    assert last["choices"] == []
    assert last["usage"]["completion_tokens"] == 6
    assert [chunk["choices"][0].get("finish_reason") for chunk in middle].count("length") == 1
    assert middle[-1]["choices"][0]["finish_reason"] == "length"
    assert all("usage" not in chunk for chunk in [first, *middle])
    text = "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in middle)
    assert text == chat(client, max_tokens=6).choices[0].message.content


def test_completion_stream_keeps_null_keys(server, client):
    chunks = events(server, "/v1/completions", COMPLETION)
    assert {chunk["object"] for chunk in chunks} == {"text_completion"}
    for chunk in chunks:
        assert {"text", "token_ids", "logprobs", "finish_reason", "stop_reason"} <= set(chunk["choices"][0])
    assert "".join(chunk["choices"][0]["text"] for chunk in chunks) == complete(client, max_tokens=12).choices[0].text
    assert [chunk["choices"][0]["finish_reason"] for chunk in chunks if chunk["choices"][0]["finish_reason"]] == ["length"]


def test_usage_only_when_asked(server):
    for path, body in (("/v1/chat/completions", CHAT), ("/v1/completions", COMPLETION)):
        plain = events(server, path, body)
        assert all(chunk.get("usage") is None for chunk in plain)
        off = events(server, path, {**body, "stream_options": {"include_usage": False}})
        assert all(chunk.get("usage") is None for chunk in off)
        final = events(server, path, {**body, "stream_options": {"include_usage": True}})
        assert [bool(chunk.get("usage")) for chunk in final] == [False] * (len(final) - 1) + [True]
        every = events(
            server, path, {**body, "stream_options": {"include_usage": True, "continuous_usage_stats": True}})
        assert all(chunk["usage"] for chunk in every)


@pytest.mark.parametrize("options", [{}, {"include_usage": True}, {"include_usage": False}])
def test_stream_options_without_stream_are_refused(client, options):
    with pytest.raises(BadRequestError) as error:
        chat(client, stream_options=options)
    assert "stream" in error.value.message


def test_echo_comes_first(server, client):
    chunks = events(server, "/v1/completions", {**COMPLETION, "echo": True})
    text = "".join(chunk["choices"][0]["text"] for chunk in chunks)
    assert text == PROMPT + complete(client, max_tokens=12).choices[0].text


def test_streamed_token_ids_equal_the_buffered_ones(server, client):
    chunks = events(server, "/v1/completions", {**COMPLETION, "detokenize": False})
    ids = [token for chunk in chunks for token in chunk["choices"][0]["token_ids"] or []]
    assert ids == complete(client, max_tokens=12, detokenize=False).choices[0].model_dump()["token_ids"]


def test_streamed_logprobs_equal_the_buffered_ones(server, client):
    chunks = events(server, "/v1/chat/completions", {**CHAT, "logprobs": True, "top_logprobs": 2})
    streamed = [
        entry for chunk in chunks for entry in (chunk["choices"][0].get("logprobs") or {}).get("content", [])
    ]
    buffered = chat(client, max_tokens=12, logprobs=True, top_logprobs=2).choices[0].logprobs
    assert streamed == [entry.model_dump() for entry in buffered.content]


def test_stop_strings_never_leak(server, client):
    text = chat(client, max_tokens=40).choices[0].message.content
    for start in range(3, 24, 3):
        stop = text[start:start + 6]
        chunks = events(server, "/v1/chat/completions", {**CHAT, "max_tokens": 40, "stop": [stop]})
        streamed = "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks)
        assert streamed == text[:text.index(stop)]
        assert chunks[-1]["choices"][0]["finish_reason"] == "stop"
        assert chunks[-1]["choices"][0]["stop_reason"] == stop


def test_several_prompts_and_choices_stream_by_index(server, client):
    body = {**COMPLETION, "prompt": [PROMPT, "One two three"], "n": 2, "temperature": 1.0, "seed": 9}
    texts = {}
    for chunk in events(server, "/v1/completions", body):
        (choice,) = chunk["choices"]
        texts[choice["index"]] = texts.get(choice["index"], "") + choice["text"]
    whole = complete(client, [PROMPT, "One two three"], n=2, temperature=1.0, seed=9, max_tokens=12)
    assert texts == {choice.index: choice.text for choice in whole.choices}


def test_emoji_arrive_unbroken(server):
    """A character of several tokens comes whole, when its last token has come."""
    emoji = server.post("/tokenize", {"prompt": "🦄", "add_special_tokens": False}).json()["tokens"]
    assert len(emoji) > 1
    body = {**COMPLETION, "prompt": "Repeat " + "🦄" * 10, "max_tokens": 10 * len(emoji)}
    chunks = events(server, "/v1/completions", body)
    texts = [chunk["choices"][0]["text"] for chunk in chunks if chunk["choices"][0]["text"]]
    whole = server.post("/v1/completions", body).json()["choices"][0]["text"]
    assert "".join(texts) == whole and whole.count("🦄") >= 5
    for text in texts:
        assert "\ufffd" not in text
        assert text.encode()  # no lone surrogate
    # Tokens were streamed one by one all the same: a piece is one character, not the whole text at the end.
    assert max(text.count("🦄") for text in texts) < whole.count("🦄")


def test_the_openai_client_reads_our_streams(client):
    stream = client.chat.completions.create(
        model="Server", messages=MESSAGES, temperature=0, max_tokens=8, stream=True,
        stream_options={"include_usage": True})
    chunks = list(stream)
    assert chunks[-1].usage.completion_tokens == 8
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)


def test_a_waiting_client_gets_comments(model):
    """While the engine is busy with others a queued stream isn't silent."""
    with ServerProcess(model, "--max_batch_size", "1", "--max_seq_len", "8192") as busy:
        url = busy.url + "/v1/completions"
        # Far more tokens than are computed until the first comment is due; leaving ends it.
        long = {"model": "m", "prompt": "x", "max_tokens": 8000, "ignore_eos": True, "temperature": 0, "stream": True}
        seen = b""
        with (HTTP.stream("POST", url, json=long, timeout=120),
              HTTP.stream("POST", url, json={**COMPLETION, "stream": True}, timeout=120) as answer):
            for part in answer.iter_raw():
                seen += part
                if seen.startswith(b":") or b"data:" in seen:
                    break
        assert seen.startswith(b":")
