"""POST /v1/completions."""

import math

import pytest
from openai import BadRequestError

PROMPT = "Hello, my name is"


def complete(client, prompt=PROMPT, max_tokens=5, temperature=0.0, **options):
    extra = {key: options.pop(key) for key in list(options) if key in EXTRA}
    return client.completions.create(
        model="Server", prompt=prompt, max_tokens=max_tokens, temperature=temperature, extra_body=extra or None, **options)


EXTRA = {
    "top_k", "min_p", "repetition_penalty", "ignore_eos", "min_tokens", "stop_token_ids", "detokenize",
    "include_stop_str_in_output", "truncate_prompt_tokens", "add_special_tokens", "return_context_logits",
    "skip_special_tokens", "spaces_between_special_tokens", "top_p_min",
}


def test_single_completion(client):
    completion = complete(client)
    assert completion.object == "text_completion"
    assert completion.id.startswith("cmpl-") and len(completion.id) == len("cmpl-") + 32
    assert completion.model == "Server"
    choice = completion.choices[0]
    assert choice.finish_reason == "length"
    assert choice.text
    usage = completion.usage
    assert (usage.prompt_tokens, usage.completion_tokens, usage.total_tokens) == (5, 5, 10)


def test_the_body_has_every_declared_key(server):
    body = server.post("/v1/completions", {"model": "m", "prompt": PROMPT, "max_tokens": 1}).json()
    assert {"id", "object", "created", "model", "choices", "usage", "prompt_token_ids"} <= set(body)
    assert {"index", "text", "token_ids", "logprobs", "context_logits", "finish_reason", "stop_reason",
            "disaggregated_params"} <= set(body["choices"][0])


def test_token_ids_as_prompt_give_the_same_text(server, client):
    ids = server.post("/tokenize", {"prompt": PROMPT}).json()["tokens"]
    assert complete(client, ids).choices[0].text == complete(client).choices[0].text


def test_several_prompts_are_answered_in_order(client):
    texts = [complete(client, prompt).choices[0].text for prompt in (PROMPT, "The capital of France is")]
    both = complete(client, [PROMPT, "The capital of France is"])
    assert [choice.index for choice in both.choices] == [0, 1]
    assert [choice.text for choice in both.choices] == texts
    assert both.usage.completion_tokens == 10


def test_several_prompts_with_several_choices(client):
    answer = complete(client, [PROMPT, "One two"], n=2, temperature=1.0, seed=3)
    assert [choice.index for choice in answer.choices] == [0, 1, 2, 3]
    assert answer.choices[0].text != answer.choices[1].text


def test_echo_puts_the_prompt_first(server, client):
    plain = complete(client).choices[0].text
    assert complete(client, echo=True).choices[0].text == PROMPT + plain
    ids = server.post("/tokenize", {"prompt": PROMPT}).json()["tokens"]
    assert complete(client, ids, echo=True).choices[0].text == PROMPT + plain


def test_detokenize_false_gives_token_ids(server, client):
    answer = complete(client, detokenize=False).choices[0].model_dump()
    assert answer["text"] == ""
    text = server.post("/detokenize", {"tokens": answer["token_ids"]}).json()["prompt"]
    assert text == complete(client).choices[0].text
    assert complete(client).choices[0].model_dump()["token_ids"] is None


def test_max_tokens_null_fills_the_sequence(client):
    answer = complete(client, "word " * 2000, max_tokens=None, ignore_eos=True)
    assert answer.choices[0].finish_reason == "length"
    assert answer.usage.total_tokens == 2048


def test_stop_string_across_tokens_is_cut_from_the_text(client):
    text = complete(client, "Count: 1, 2, 3, 4,", max_tokens=40).choices[0].text
    stop = text[9:14]
    answer = complete(client, "Count: 1, 2, 3, 4,", max_tokens=40, stop=[stop]).choices[0]
    assert answer.finish_reason == "stop"
    assert answer.model_dump()["stop_reason"] == stop
    assert answer.text == text[:text.index(stop)]
    kept = complete(client, "Count: 1, 2, 3, 4,", max_tokens=40, stop=stop, include_stop_str_in_output=True).choices[0]
    assert kept.text == text[:text.index(stop)] + stop


def test_stop_token_ids(server, client):
    ids = complete(client, max_tokens=8, detokenize=False).choices[0].model_dump()["token_ids"]
    answer = complete(client, max_tokens=8, stop_token_ids=[ids[3]], detokenize=False).choices[0].model_dump()
    assert answer["finish_reason"] == "stop"
    assert answer["stop_reason"] == ids[3]
    assert answer["token_ids"] == ids[:ids.index(ids[3])]


def test_min_tokens_holds_off_stops(client):
    answer = complete(client, max_tokens=20, min_tokens=20, temperature=1.0, seed=1)
    assert answer.usage.completion_tokens == 20


def test_logit_bias_forces_and_forbids(server, client):
    token = server.post("/tokenize", {"prompt": " dog"}).json()["tokens"][0]
    forced = complete(client, max_tokens=3, logit_bias={str(token): 100}).choices[0].text
    assert forced == " dog dog dog"
    first = complete(client, max_tokens=1, detokenize=False).choices[0].model_dump()["token_ids"][0]
    other = complete(client, max_tokens=1, detokenize=False, logit_bias={str(first): -100})
    assert other.choices[0].model_dump()["token_ids"][0] != first


@pytest.mark.parametrize("bias, word", [({"a": 1}, "'a'"), ({"1000000": 1}, "1000000"), ({"5": 1e9}, "logit_bias")])
def test_bad_logit_bias_is_refused(client, bias, word):
    with pytest.raises(BadRequestError) as error:
        complete(client, logit_bias=bias)
    assert word in error.value.message


def test_logprobs(client):
    choice = complete(client, logprobs=3).choices[0]
    logprobs = choice.logprobs
    assert len(logprobs.tokens) == len(logprobs.token_logprobs) == len(logprobs.top_logprobs) == 5
    assert "".join(logprobs.tokens) == choice.text
    assert all(value <= 0 for value in logprobs.token_logprobs)
    offset = 0
    for token, at, best, value in zip(
            logprobs.tokens, logprobs.text_offset, logprobs.top_logprobs, logprobs.token_logprobs):
        assert at == offset
        offset += len(token)
        assert len(best) == 3
        assert best[token] == max(best.values()) == value


def test_echo_with_logprobs_scores_the_prompt(server):
    body = {"model": "m", "prompt": PROMPT, "max_tokens": 1, "echo": True, "logprobs": 1, "temperature": 0}
    logprobs = server.post("/v1/completions", body).json()["choices"][0]["logprobs"]
    assert len(logprobs["tokens"]) == 6
    assert logprobs["token_logprobs"][0] is None
    assert all(value < 0 for value in logprobs["token_logprobs"][1:])


def test_prompt_logprobs_are_those_of_echo(server):
    body = {"model": "m", "prompt": PROMPT, "max_tokens": 1, "logprobs": 2, "temperature": 0}
    echoed = server.post("/v1/completions", {**body, "echo": True}).json()["choices"][0]["logprobs"]
    choice = server.post("/v1/completions", {**body, "prompt_logprobs": 2}).json()["choices"][0]
    assert choice["prompt_logprobs"][0] is None
    for place, tokens in enumerate(choice["prompt_logprobs"][1:], 1):
        first = next(iter(tokens.values()))
        assert first["logprob"] == echoed["token_logprobs"][place]
        assert first["decoded_token"] == echoed["tokens"][place]
        assert {token["rank"] for token in tokens.values()} >= {1, 2}


def test_all_tokens_are_scored(server):
    body = {"model": "m", "prompt": PROMPT, "max_tokens": 2, "logprobs": -1, "temperature": 0}
    choice = server.post("/v1/completions", body).json()["choices"][0]
    for token, logprob, top in zip(choice["logprobs"]["tokens"], choice["logprobs"]["token_logprobs"],
                                   choice["logprobs"]["top_logprobs"]):
        assert len(top) > 40_000 and top[token] == logprob == max(top.values())
        # Tokens of the same text, such as parts of characters, are one entry.
        assert 0.9 < sum(math.exp(value) for value in top.values()) <= 1.0001
    refused = server.post("/v1/completions", {**body, "max_tokens": 1000}).json()
    assert "max_tokens" in refused["message"] and refused["param"] == "logprobs"


def test_the_end_of_sequence_is_scored_as_the_last_token(server):
    body = {"model": "m", "prompt": "4 + 7 = 11", "max_tokens": 1, "echo": True, "logprobs": 1, "temperature": 0,
            "logit_bias": {"2": 100}}
    answer = server.post("/v1/completions", body).json()
    choice, usage = answer["choices"][0], answer["usage"]
    assert choice["finish_reason"] == "stop" and choice["text"] == body["prompt"]
    assert len(choice["logprobs"]["tokens"]) == usage["prompt_tokens"] + 1 == usage["total_tokens"]


def test_context_logits(server):
    body = {"model": "m", "prompt": "A B", "max_tokens": 1, "return_context_logits": True}
    answer = server.post("/v1/completions", body).json()
    logits = answer["choices"][0]["context_logits"]
    assert len(logits) == answer["usage"]["prompt_tokens"]
    assert {len(row) for row in logits} == {49152}


def test_best_of_returns_the_most_probable(client):
    answer = complete(client, n=1, best_of=4, temperature=1.0, seed=11, logprobs=0, max_tokens=6)
    rest = complete(client, n=4, best_of=4, temperature=1.0, seed=11, logprobs=0, max_tokens=6)
    sums = [sum(choice.logprobs.token_logprobs) for choice in rest.choices]
    assert len(set(sums)) > 1
    assert answer.choices[0].text == rest.choices[sums.index(max(sums))].text


def test_truncate_prompt_tokens_keeps_the_end(client):
    answer = complete(client, "many words before\n" * 20 + PROMPT, truncate_prompt_tokens=5)
    assert answer.usage.prompt_tokens == 5
    assert answer.choices[0].text == complete(client).choices[0].text


def test_the_seed_is_reported_and_repeats_the_answer(server):
    body = {"model": "m", "prompt": PROMPT, "max_tokens": 12, "temperature": 1.0}
    first = server.post("/v1/completions", body)
    seed = int(first.headers["x-seed"])
    again = server.post("/v1/completions", {**body, "seed": seed})
    assert again.json()["choices"][0]["text"] == first.json()["choices"][0]["text"]


def test_cached_tokens_are_reported(client):
    prompt = "A prompt that is long enough to fill a block of the cache. " * 8
    complete(client, prompt)
    details = complete(client, prompt).usage.prompt_tokens_details
    assert details.cached_tokens >= 64
