"""LoRA adapters where several processes compute the model: what one process answers, and the same files on all ranks."""

import os
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

import adapters
from rank_processes import BINARY, LAUNCH, wait_for_workers, wait_until_gone, workers
from server_process import HTTP, TINY_MODEL, ServerProcess, environment_with, free_port

# SmolLM2-135M.
SMALL = {"layers": 30, "hidden": 576, "query": 576, "value": 192, "width": 1536}
OPTIONS = ("--max_seq_len", "512", "--max_loras", "2", "--max_cpu_loras", "2", "--served_model_name", "base",
           "--allow_runtime_lora_updating")
PROMPT = "The list of all the towns along the river, from the spring to the sea: "
LAYOUTS = [("--tp_size", "2"), ("--pp_size", "2"), ("--tp_size", "2", "--pp_size", "2")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("adapters")
    for index, name in enumerate("ab"):
        adapters.write(folder, name, SMALL, rank=4 + 12 * index, seed=index, size=0.3)
    return folder


def answer(server, model, **change):
    response = server.post("/v1/completions", {
        "model": model, "prompt": PROMPT, "max_tokens": 24, "temperature": 0, "ignore_eos": True, "logprobs": 2, **change})
    assert response.status_code == 200, response.text
    choice = response.json()["choices"][0]
    return choice["text"], choice["logprobs"]["token_logprobs"]


def together(server, work):
    with ThreadPoolExecutor(len(work)) as pool:
        return list(pool.map(lambda each: answer(server, *each[:1], **each[1]), work))


WORK = [(model, {"prompt": PROMPT * count, "seed": count, "temperature": 0.7 * (count % 2)})
        for count in (1, 2) for model in ("base", "a", "b")]


def started(model, folder, *layout):
    return ServerProcess(model, *OPTIONS, "--lora_modules", f"a={folder}/a", "--lora_modules", f"b={folder}/b", *layout)


def metrics_name_what_runs(server):
    def names():
        text = server.get("/prometheus/metrics").text
        line = next(line for line in text.splitlines() if line.startswith("trtllm_lora_requests_info{"))
        return line[line.index(",max_lora"):]

    assert names() == ',max_lora="2",running_lora_adapters="",waiting_lora_adapters=""} 1.0'
    body = {"model": "a", "prompt": PROMPT, "max_tokens": 400, "ignore_eos": True, "stream": True}
    with HTTP.stream("POST", server.url + "/v1/completions", json=body) as response:
        next(response.iter_lines())
        assert names() == ',max_lora="2",running_lora_adapters="a",waiting_lora_adapters=""} 1.0'
        assert server.gauges()["num_lora_adapters_running"] == 1
    server.wait_until(lambda now: now["num_lora_adapters_running"] == 0, "the end of what nobody reads")


@pytest.fixture(scope="module")
def expected(model, folder):
    with started(model, folder) as server:
        alone = [answer(server, name, **change) for name, change in WORK]
        assert together(server, WORK) == alone
        assert len({tuple(numbers) for _, numbers in alone}) == len(WORK)
        metrics_name_what_runs(server)
        return alone


@pytest.mark.parametrize("layout", LAYOUTS, ids=" ".join)
def test_adapters_answer_like_one_process(model, folder, expected, layout):
    with started(model, folder, *layout) as server:
        assert together(server, WORK) == expected
        # Warm, one after the other, and of a third adapter that takes the place of another.
        assert [answer(server, name, **change) for name, change in WORK[:3]] == expected[:3]
        assert server.post("/v1/load_lora_adapter", {"lora_name": "c", "lora_path": f"{folder}/b"}).status_code == 200
        assert answer(server, "c", **WORK[2][1]) == expected[2]
        assert together(server, WORK) == expected
        assert server.stop() == 0


def test_names_that_change_hands_share_nothing(folder, tmp_path):
    for index, name in enumerate("ab"):
        adapters.write(tmp_path, name, adapters.TINY, seed=index)
    prompt = {"prompt": "abc def " * 40}

    def found(*layout):
        results = []
        with ServerProcess(TINY_MODEL, *OPTIONS, *layout) as server:
            def post(what, **body):
                response = server.post(f"/v1/{what}_lora_adapter", body)
                assert response.status_code == 200, response.text

            for name in "abab":
                post("load", lora_name="x", lora_path=f"{tmp_path}/{name}")
                # Twice, so that its prefix is there; the model's own in between.
                results.append([answer(server, model, **prompt) for model in ("x", "base", "x")])
                post("unload", lora_name="x")
            for name in "ab":
                post("load", lora_name="x", lora_path=f"{tmp_path}/{name}", load_inplace=True)
                results.append([answer(server, model, **prompt) for model in ("x", "base", "x")])
        return results

    one = found()
    assert one[0] == one[2] == one[4] and one[1] == one[3] == one[5]
    assert one[0][0] == one[0][2] != one[1][0] == one[1][2] and one[0][0] != one[0][1] == one[1][1] != one[1][0]
    assert found("--tp_size", "2", "--pp_size", "2") == one


def test_files_that_a_rank_lacks_or_has_otherwise_are_refused(tmp_path):
    """Each rank in a folder of its own, so that the same path is another directory, as it may be on another host."""
    port, meeting = free_port(), free_port()
    ranks = []
    for rank in range(2):
        own = tmp_path / f"host{rank}"
        own.mkdir()
        adapters.write(own, "same", adapters.TINY, seed=1)
        adapters.write(own, "other", adapters.TINY, seed=10 + rank)
        if rank == 0:
            adapters.write(own, "mine", adapters.TINY, seed=2)
        environment = {"TRTLLM_RANK": str(rank), "TRTLLM_RANK_SECRET": "a secret of ranks", "TRTLLM_WORLD_SIZE": "2",
                       "TRTLLM_RANK_ADDRESS": f"127.0.0.1:{meeting}"}
        ranks.append(subprocess.Popen(
            [LAUNCH, BINARY, "serve", TINY_MODEL, "--port", str(port), "--tp_size", "2", *OPTIONS], cwd=own,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment_with(environment)))
    server = ServerProcess.__new__(ServerProcess)
    server.port, server.process, server.output = port, ranks[0], lambda: ""
    try:
        server.wait_until_ready(60)

        def load(name):
            begin = time.monotonic()
            response = server.post("/v1/load_lora_adapter", {"lora_name": name, "lora_path": name}, timeout=20)
            assert time.monotonic() - begin < 10
            return response.status_code, response.text

        for name, words in (("mine", "rank 1: mine/adapter_config.json"), ("other", "rank 1: the adapter in other isn't")):
            status, text = load(name)
            assert status == 400 and words in text
        assert load("same")[0] == 200
        assert answer(server, "same", prompt="abc") != answer(server, "base", prompt="abc")
        # A rank that is gone leaves nobody waiting for it.
        ranks[1].kill()
        begin = time.monotonic()
        try:
            assert server.post("/v1/load_lora_adapter", {"lora_name": "x", "lora_path": "same"},
                               timeout=20).status_code in (400, 503)
        except Exception as error:
            assert "Connect" in type(error).__name__ or "Protocol" in type(error).__name__ or "Read" in type(error).__name__
        assert time.monotonic() - begin < 15
        wait_until_gone([ranks[0].pid], 20)
    finally:
        for process in ranks:
            process.kill()
            process.wait()


def test_ranks_that_are_started_again_have_the_adapters_that_there_were(tmp_path):
    for index, name in enumerate("ab"):
        adapters.write(tmp_path, name, adapters.TINY, seed=index)
    with ServerProcess(TINY_MODEL, *OPTIONS, "--tp_size", "2", "--restart_workers",
                       "--lora_modules", f"a={tmp_path}/a") as server:
        for name in ("b", "gone"):
            assert server.post("/v1/load_lora_adapter", {"lora_name": name, "lora_path": f"{tmp_path}/b"}).status_code == 200
        before = [answer(server, model, prompt="abc") for model in ("base", "a", "b")]
        assert server.post("/v1/unload_lora_adapter", {"lora_name": "gone"}).status_code == 200
        os.kill(workers(server)[0], signal.SIGKILL)
        server.wait_until_log("starting all ranks again")
        server.wait_until_ready()
        assert [card["id"] for card in server.get("/v1/models").json()["data"]] == ["base", "a", "b"]
        assert [answer(server, model, prompt="abc") for model in ("base", "a", "b")] == before


def test_an_adapter_of_the_start_that_cant_be_loaded_ends_all_ranks(folder, tmp_path):
    path = adapters.write(tmp_path, "broken", adapters.TINY, use_dora=True)
    with ServerProcess(TINY_MODEL, *OPTIONS, "--tp_size", "2", "--lora_modules", f"x={path}", wait=False) as server:
        others = wait_for_workers(server, 1)
        assert server.process.wait(60) == 1
        assert "use_dora" in server.output()
        wait_until_gone(others)
        assert not [process for process in others if os.path.exists(f"/proc/{process}/fd")]
