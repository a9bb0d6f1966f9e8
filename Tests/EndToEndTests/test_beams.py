"""Beam search over HTTP: what it finds is in the engine's tests, what is asked for and told is here."""

import pytest

from server_process import ServerProcess

PROMPT = "The capital of France is"
SEARCH = {"model": "m", "prompt": PROMPT, "max_tokens": 12, "temperature": 0, "use_beam_search": True}


@pytest.fixture(scope="module")
def beams(model):
    with ServerProcess(model, "--max_seq_len", "512", "--max_beam_width", "4") as server:
        yield server


def choices(server, **fields):
    answer = server.post("/v1/completions", {**SEARCH, **fields})
    assert answer.status_code == 200, answer.text
    return sorted(answer.json()["choices"], key=lambda choice: choice["index"])


def score(choice):
    return sum(choice["logprobs"]["token_logprobs"])


def test_the_best_beams_come_in_the_order_of_their_scores(beams):
    found = choices(beams, n=3, best_of=4, logprobs=0, ignore_eos=True)
    assert [choice["index"] for choice in found] == [0, 1, 2]
    assert len({choice["text"] for choice in found}) == 3
    scores = [score(choice) for choice in found]
    assert scores == sorted(scores, reverse=True)


def test_one_beam_is_the_most_probable_token_again_and_again(beams):
    greedy = beams.post("/v1/completions", {**SEARCH, "use_beam_search": False}).json()["choices"][0]["text"]
    assert choices(beams)[0]["text"] == greedy


def test_every_prompt_has_beams_of_its_own(beams):
    found = [choice["text"] for choice in choices(beams, n=2, prompt=[PROMPT, PROMPT])]
    assert found[:2] == found[2:] == [choice["text"] for choice in choices(beams, n=2)]


def test_beams_obey_a_grammar(beams):
    cities = ["Paris", "London", "Rome", "Paris, France"]
    found = choices(beams, n=3, best_of=4, logprobs=0, prompt=PROMPT + " ", guided_choice=cities)
    # Beams of different tokens may have the same text.
    assert len({tuple(choice["logprobs"]["tokens"]) for choice in found}) == 3
    assert {choice["text"] for choice in found} <= set(cities)
    assert [choice["finish_reason"] for choice in found] == ["stop"] * 3
    lengths = [len(choice["logprobs"]["tokens"]) for choice in found]
    scores = [score(choice) / length for choice, length in zip(found, lengths)]
    assert scores == sorted(scores, reverse=True)
    refused = beams.post("/v1/completions", {**SEARCH, "n": 2, "guided_choice": cities, "ignore_eos": True})
    assert refused.status_code == 400 and "ignore_eos" in refused.text


def test_a_stream_brings_the_same(beams):
    texts = ["", ""]
    stream = beams.client().completions.create(
        model="m", prompt=PROMPT, max_tokens=12, temperature=0, n=2, stream=True, extra_body={"use_beam_search": True})
    for chunk in stream:
        for choice in chunk.choices:
            texts[choice.index] += choice.text
    assert texts == [choice["text"] for choice in choices(beams, n=2)]
