"""What clients of other servers look for in answers and errors."""

import json

import openai
import pytest

MESSAGES = [{"role": "user", "content": "Say hi."}]


def test_context_overflow_is_what_fallbacks_look_for(client):
    with pytest.raises(openai.BadRequestError) as error:
        client.chat.completions.create(model="m", messages=[{"role": "user", "content": "word " * 4000}])
    assert error.value.code == "context_length_exceeded" and error.value.param == "messages"
    assert "context_length_exceeded" in error.value.message
    with pytest.raises(openai.BadRequestError) as error:
        client.completions.create(model="m", prompt="word " * 4000)
    assert error.value.code == "context_length_exceeded" and error.value.param == "prompt"


def test_every_chunk_has_a_finish_reason_and_the_answers_fingerprint(client):
    whole = client.chat.completions.create(model="m", messages=MESSAGES, max_tokens=4, temperature=0)
    chunks = list(client.chat.completions.create(
        model="m", messages=MESSAGES, max_tokens=4, temperature=0, stream=True))
    assert all("finish_reason" in chunk.choices[0].model_fields_set for chunk in chunks)
    assert [chunk.choices[0].finish_reason for chunk in chunks[:-1]] == [None] * (len(chunks) - 1)
    assert chunks[-1].choices[0].finish_reason == "length"
    assert chunks[0].choices[0].delta.content == "" and chunks[0].choices[0].delta.role == "assistant"
    assert {chunk.system_fingerprint for chunk in chunks} == {whole.system_fingerprint}
    assert whole.system_fingerprint.startswith("fp_")
    assert all(chunk.choices[0].delta.tool_calls is None for chunk in chunks)


def test_the_newest_fields_without_effect_are_accepted(client):
    plain = client.chat.completions.create(model="m", messages=MESSAGES, max_tokens=4, temperature=0)
    answer = client.chat.completions.create(
        model="m", messages=MESSAGES, max_tokens=4, temperature=0, n=None, stop=None, seed=None, logit_bias=None,
        prompt_cache_options={"mode": "explicit"}, prompt_cache_key="k", prompt_cache_retention="24h",
        moderation={"model": "omni-moderation-latest"}, safety_identifier="s", verbosity="low", store=False,
        metadata={"a": "b"}, service_tier="auto", user="u", extra_body={"top_k": -1})
    assert answer.choices[0].message.content == plain.choices[0].message.content


def test_context_logits_are_bounded_and_whole(server):
    body = {"model": "m", "prompt": "hello there", "max_tokens": 1, "return_context_logits": True}
    answer = server.post("/v1/completions", body).json()
    tokens = answer["usage"]["prompt_tokens"]
    assert [len(row) for row in answer["choices"][0]["context_logits"]] == [49152] * tokens
    refused = server.post("/v1/completions", {**body, "prompt": "word " * 1800})
    assert refused.status_code == 400
    assert "1801 prompt tokens x 49152 token ids" in refused.json()["message"]


@pytest.mark.parametrize("body", [
    {"model": "m", "prompt": "a", "x" * 5_000_000: 1}, {"model": "m" * 1_000_000, "prompt": "a"},
    {"model": "m", "prompt": "a", "logit_bias": {"y" * 1_000_000: 1}},
    {"model": "m", "prompt": "a", "stop": "s" * 1_000_000},
])
def test_a_refusal_is_short_whatever_was_sent(server, body):
    answer = server.post("/v1/completions", body)
    assert answer.status_code == 400 and len(answer.content) < 2000
    json.loads(answer.text)


def test_a_prompt_is_scored_without_output(server):
    body = {"model": "m", "prompt": "The capital of France is Paris", "echo": True, "logprobs": 0, "temperature": 0}
    scored = server.post("/v1/completions", {**body, "max_tokens": 0}).json()
    longer = server.post("/v1/completions", {**body, "max_tokens": 1}).json()
    choice, other = scored["choices"][0], longer["choices"][0]
    assert choice["text"] == body["prompt"] and choice["finish_reason"] == "length"
    assert scored["usage"]["completion_tokens"] == 0
    count = scored["usage"]["prompt_tokens"]
    for key in ("tokens", "token_logprobs", "top_logprobs", "text_offset"):
        assert choice["logprobs"][key] == other["logprobs"][key][:count]
    assert all(len(entry) == 1 for entry in choice["logprobs"]["top_logprobs"][1:])
    refused = server.post("/v1/completions", {"model": "m", "prompt": "a", "max_tokens": 0})
    assert refused.status_code == 400 and "echo" in refused.json()["message"]
