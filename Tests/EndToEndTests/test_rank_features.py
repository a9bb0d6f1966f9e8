"""What every feature of the server answers where several processes compute the model: what one process answers, bit for
bit."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import mixture_model
import pytest

from server_process import ServerProcess

SMALL = ("--max_seq_len", "1024", "--max_batch_size", "16", "--max_beam_width", "2", "--pooling", "mean")
PROMPT = "A robin sat on the fence and sang while the farmer counted his sheep. Then it"
LONG = "The list of all the towns along the river, from the spring to the sea: " * 12
SCHEMA = {"type": "object", "properties": {"name": {"type": "string", "maxLength": 8}, "age": {"type": "integer"}},
          "required": ["name", "age"], "additionalProperties": False}

COMPLETIONS = {
    "greedy": {"temperature": 0, "logprobs": 3},
    "sampling with a seed": {"temperature": 0.9, "top_p": 0.95, "top_k": 40, "seed": 11, "logprobs": 2},
    "several choices": {"temperature": 1, "seed": 5, "n": 3},
    "beams": {"use_beam_search": True, "best_of": 2, "n": 2, "temperature": 0, "logprobs": 1},
    "penalties": {"temperature": 0, "frequency_penalty": 0.7, "repetition_penalty": 1.2},
    "stop strings": {"temperature": 0, "stop": [" the", "\n"], "max_tokens": 60},
    "echo and scores of the prompt": {"temperature": 0, "echo": True, "logprobs": 1},
    "scores of the prompt": {"temperature": 0, "prompt_logprobs": 2},
    "a long prompt": {"prompt": LONG, "temperature": 0.7, "seed": 3, "logprobs": 1},
}


def completion(server: ServerProcess, **change) -> dict:
    answer = server.post("/v1/completions", {"model": "m", "prompt": PROMPT, "max_tokens": 24, "ignore_eos": True, **change})
    assert answer.status_code == 200, answer.text
    return answer.json()


def choices(server: ServerProcess, **change) -> list[dict]:
    found = completion(server, **change)["choices"]
    return [{name: choice.get(name) for name in ("text", "logprobs", "prompt_logprobs", "finish_reason")} for choice in found]


def constrained(server: ServerProcess) -> str:
    answer = server.post("/v1/chat/completions", {
        "model": "m", "messages": [{"role": "user", "content": "Describe a person."}], "max_tokens": 120, "temperature": 0,
        "response_format": {"type": "json_schema", "json_schema": {"name": "person", "schema": SCHEMA}}})
    assert answer.status_code == 200, answer.text
    return answer.json()["choices"][0]["message"]["content"]


def embedding(server: ServerProcess) -> list[float]:
    answer = server.post("/v1/embeddings", {"model": "m", "input": PROMPT})
    assert answer.status_code == 200, answer.text
    return answer.json()["data"][0]["embedding"]


def answers(server: ServerProcess) -> dict:
    return {**{name: choices(server, **change) for name, change in COMPLETIONS.items()},
            "a constraint": constrained(server), "an embedding": embedding(server)}


@pytest.fixture(scope="module")
def expected(model) -> dict:
    with ServerProcess(model, *SMALL) as server:
        return answers(server)


LAYOUTS = [("--tp_size", "2"), ("--pp_size", "2"), ("--tp_size", "2", "--pp_size", "2")]


@pytest.mark.parametrize("layout", LAYOUTS, ids=" ".join)
def test_every_feature_answers_like_one_process(model, expected, layout):
    with ServerProcess(model, *SMALL, *layout) as server:
        found = answers(server)
        for name, answer in expected.items():
            assert found[name] == answer, name
        assert json.loads(found["a constraint"]).keys() == {"name", "age"}
        assert all(" the" not in choice["text"] and "\n" not in choice["text"] for choice in found["stop strings"])
        # Warm, and all at the same time.
        again = completion(server, **COMPLETIONS["a long prompt"])
        assert again["usage"]["prompt_tokens_details"]["cached_tokens"] > 100
        assert again["choices"][0]["text"] == expected["a long prompt"][0]["text"]
        with ThreadPoolExecutor(len(COMPLETIONS)) as threads:
            together = list(threads.map(lambda change: choices(server, **change), COMPLETIONS.values()))
        assert together == [expected[name] for name in COMPLETIONS]
        leave(server)
        figures = server.gauges()
        assert figures["rank_exchanges_total"] > 0 and figures["iterations_total"] > 100


def leave(server: ServerProcess):
    """Begins a long answer and goes away: it must end, and nothing of it stay."""
    begun = threading.Event()

    def read():
        with server.client().completions.create(model="m", prompt="Count:", max_tokens=900, temperature=0, stream=True,
                                                extra_body={"ignore_eos": True}) as stream:
            for _ in stream:
                begun.set()
                return

    thread = threading.Thread(target=read)
    thread.start()
    assert begun.wait(60)
    thread.join(60)
    server.wait_until(lambda now: now["num_requests_running"] == 0, "the end of what nobody reads")


@pytest.mark.parametrize("layout", LAYOUTS[:2], ids=" ".join)
def test_chunks_change_no_bit(model, expected, layout):
    with ServerProcess(model, *SMALL, *layout, "--max_num_tokens", "64", "--enable_chunked_prefill") as server:
        for name in ("greedy", "a long prompt"):
            assert choices(server, **COMPLETIONS[name]) == expected[name]


MIXTURES = [("--tp_size", "2"), ("--tp_size", "2", "--ep_size", "2"), ("--pp_size", "2"),
            ("--tp_size", "4", "--ep_size", "2")]


@pytest.fixture(scope="module")
def mixture(tmp_path_factory) -> tuple[str, list[dict]]:
    path = mixture_model.write(tmp_path_factory.mktemp("mixture") / "mixture.gguf")
    with ServerProcess(path) as server:
        return path, experts_answers(server)


def experts_answers(server: ServerProcess) -> list[dict]:
    """256 tokens and their log-probabilities, greedy and drawn."""
    prompt = [7 * index % 250 for index in range(70)]
    return [completion(server, prompt=prompt, max_tokens=256, temperature=temperature, seed=4, logprobs=1,
                       detokenize=False)["choices"][0]["logprobs"] for temperature in (0, 1)]


@pytest.mark.parametrize("layout", MIXTURES, ids=" ".join)
def test_a_mixture_of_experts_answers_like_one_process(mixture, layout):
    path, expected = mixture
    assert len(set(expected[0]["tokens"])) > 5 and len(set(expected[1]["tokens"])) > 20
    with ServerProcess(path, *layout) as server:
        assert experts_answers(server) == expected

