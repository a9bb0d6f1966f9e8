"""LoRA adapters over HTTP: by model's name, by request, loaded and unloaded, in one batch."""

from concurrent.futures import ThreadPoolExecutor
from random import Random

import pytest

import adapters
from server_process import HTTP, TINY_MODEL, ServerProcess, free_port, run


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("adapters")
    for index, name in enumerate("abc"):
        adapters.write(folder, name, adapters.TINY, rank=[4, 7, 16][index], seed=index)
    return folder


@pytest.fixture(scope="module")
def open_server(folder):
    """A server whose clients may load adapters."""
    with ServerProcess(TINY_MODEL, "--lora_modules", f"a={folder}/a", "--max_loras", "2", "--max_cpu_loras", "2",
                       "--served_model_name", "tiny", "--allow_runtime_lora_updating") as server:
        yield server
        assert server.process.poll() is None, "the server died:\n" + server.output()[-5000:]


def answer(server, model="tiny", prompt="abc def", **change):
    response = server.post("/v1/completions", {
        "model": model, "prompt": prompt, "max_tokens": 12, "temperature": 0, "ignore_eos": True, "logprobs": 2, **change})
    assert response.status_code == 200, response.text
    choice = response.json()["choices"][0]
    assert response.json()["model"] == model
    return choice["text"], choice["logprobs"]["token_logprobs"]


def request(folder, name):
    return {"lora_name": name, "lora_int_id": 1, "lora_path": f"{folder}/{name}"}


def test_adapters_change_the_answer_and_the_base_stays(open_server, folder):
    with ServerProcess(TINY_MODEL, "--served_model_name", "tiny") as plain:
        base = answer(plain)
    assert answer(open_server) == base
    a = answer(open_server, "a")
    assert a[1] != base[1]
    assert answer(open_server, lora_request=request(folder, "a")) == a
    b = answer(open_server, lora_request=request(folder, "b"))
    assert b[1] not in (a[1], base[1])
    assert answer(open_server, "b") == b
    assert answer(open_server) == base
    chats = [open_server.post("/v1/chat/completions", {
        "model": model, "messages": [{"role": "user", "content": "abc"}], "chat_template": None, "max_tokens": 4,
        "temperature": 0, "logprobs": True}).json() for model in ("tiny", "a")]
    if "choices" in chats[0]:
        assert chats[0]["choices"][0]["logprobs"] != chats[1]["choices"][0]["logprobs"]


def test_two_adapters_and_the_base_in_one_batch_get_what_they_get_alone(open_server, folder):
    models = ["tiny", "a", "b"]
    answer(open_server, lora_request=request(folder, "b"))
    work = [(models[index % 3], "xyz " * (index + 1)) for index in range(18)]
    alone = [answer(open_server, model, prompt, max_tokens=40) for model, prompt in work]
    with ThreadPoolExecutor(18) as pool:
        together = list(pool.map(lambda each: answer(open_server, *each, max_tokens=40), work))
    assert together == alone


def test_more_adapters_than_run_or_fit_take_turns(open_server, folder):
    for name in "bc":
        answer(open_server, lora_request=request(folder, name))
    work = [("abc"[index % 3], f"{index} xyz") for index in range(24)]
    with ThreadPoolExecutor(24) as pool:
        together = list(pool.map(lambda each: answer(open_server, *each, max_tokens=30), work))
    assert together == [answer(open_server, *each, max_tokens=30) for each in work]


def test_loading_and_unloading(open_server, folder):
    def load(**body):
        return open_server.post("/v1/load_lora_adapter", body)

    def unload(**body):
        return open_server.post("/v1/unload_lora_adapter", body)

    response = load(lora_name="x", lora_path=f"{folder}/a")
    assert (response.status_code, response.text) == (200, "Success: LoRA adapter 'x' added successfully.")
    cards = {card["id"]: card for card in open_server.get("/v1/models").json()["data"]}
    assert cards["x"]["parent"] == "tiny" and cards["x"]["root"] == f"{folder}/a" and "parent" not in cards["tiny"]
    assert open_server.get("/v1/models/x").json()["id"] == "x"
    first = answer(open_server, "x")
    assert first == answer(open_server, "a")
    again = load(lora_name="x", lora_path=f"{folder}/b")
    assert again.status_code == 400 and "has already been loaded" in again.json()["error"]["message"]
    assert load(lora_name="x", lora_path=f"{folder}/c", load_inplace=True).status_code == 200
    # The same prompt: nothing of what the other computed is used.
    assert answer(open_server, "x") not in (first, answer(open_server))
    assert unload(lora_name="x").text == "Success: LoRA adapter 'x' removed successfully."
    assert unload(lora_name="x").status_code == 404
    assert "x" not in [card["id"] for card in open_server.get("/v1/models").json()["data"]]
    # The name is nobody's any more: like other names that nobody has, it is the model's.
    assert answer(open_server, "x") == answer(open_server)
    assert load(lora_name="y", lora_path="/nowhere").status_code == 404
    assert load(lora_name="tiny", lora_path=f"{folder}/a").status_code == 400
    assert load(lora_name="y").status_code == 400 and unload().status_code == 400


def test_broken_adapters_are_named(open_server, folder):
    for name, change, words in (("dora", {"use_dora": True}, "use_dora"), ("large", {"r": 65}, "max_lora_rank"),
                                ("rank", {"r": 5}, "its rank is 5")):
        path = adapters.write(folder, name, adapters.TINY, **change)
        response = open_server.post("/v1/load_lora_adapter", {"lora_name": name, "lora_path": path})
        assert response.status_code == 400 and words in response.json()["error"]["message"], response.text
    assert open_server.get("/health").status_code == 200


def test_clients_load_nothing_unless_they_may(folder, tmp_path):
    elsewhere = adapters.write(tmp_path, "e", adapters.TINY)
    yaml = f"lora_config: {{lora_dir: [{folder}/a], max_lora_rank: 16, max_loras: 2, max_cpu_loras: 3}}"
    with ServerProcess(TINY_MODEL, yaml=yaml) as server:
        assert [card["id"] for card in server.get("/v1/models").json()["data"]][1:] == ["a"]
        base, a = answer(server, "qwen2.gguf"), answer(server, "a")
        assert base != a
        # The same directory under a name of the client's.
        assert answer(server, "qwen2.gguf", lora_request={"lora_name": "mine", "lora_path": f"{folder}/a"})[1] == a[1]
        for path in (elsewhere, f"{folder}/a/../b", "/nowhere"):
            response = server.post("/v1/completions", {"model": "m", "prompt": "a", "lora_request": {
                "lora_name": "e", "lora_path": path}})
            assert response.status_code == 403, response.text
        assert server.post("/v1/completions", {"model": "m", "prompt": "a", "lora_request": {
            "lora_name": "unknown"}}).status_code == 404
        for path, body in (("load", {"lora_name": "e", "lora_path": elsewhere}), ("unload", {"lora_name": "a"})):
            assert server.post(f"/v1/{path}_lora_adapter", body).status_code == 403


@pytest.mark.parametrize("layout", [(), ("--tp_size", "2")], ids=["one process", "two ranks"])
def test_loads_unloads_and_requests_at_the_same_time_lose_nothing(folder, layout):
    """Adapters come, are replaced and go while others run requests, some of which leave in the middle."""
    with ServerProcess(TINY_MODEL, "--max_loras", "2", "--max_cpu_loras", "3", "--served_model_name", "tiny",
                       "--allow_runtime_lora_updating", *layout, yaml="kv_cache_config: {max_tokens: 8192}") as server:
        expected = {}
        for name in "abc":
            server.post("/v1/load_lora_adapter", {"lora_name": name, "lora_path": f"{folder}/{name}"})
            expected[name] = answer(server, name)
        expected["tiny"] = answer(server)

        def step(index):
            random = Random(index)
            kind, name = random.choice(["run", "run", "run", "leave", "load", "unload", "swap"]), random.choice("abc")
            if kind == "run":
                model = random.choice(["a", "b", "c", "tiny"])
                assert answer(server, model) == expected[model]
            elif kind == "leave":
                body = {"model": name, "prompt": "abc", "max_tokens": 200, "ignore_eos": True, "stream": True}
                with HTTP.stream("POST", server.url + "/v1/completions", json=body) as response:
                    assert response.status_code == 200
                    next(response.iter_lines())
            elif kind == "swap":
                body = {"lora_name": f"x{index % 3}", "lora_path": f"{folder}/{name}", "load_inplace": True}
                assert server.post("/v1/load_lora_adapter", body).status_code == 200
            else:
                body = {"lora_name": f"y{index % 5}"} | ({"lora_path": f"{folder}/{name}"} if kind == "load" else {})
                assert server.post(f"/v1/{kind}_lora_adapter", body).status_code in (200, 400, 404)

        with ThreadPoolExecutor(12) as pool:
            list(pool.map(step, range(100)))
            first = server.memory()
            list(pool.map(step, range(100, 300)))
        assert server.memory() < first + (16 << 20)
        server.wait_until(lambda now: now["num_requests_running"] == now["num_requests_waiting"] == 0, "rest")
        for name, known in expected.items():
            assert answer(server, name) == known


def test_without_adapters_a_request_for_one_is_refused(server):
    response = server.post("/v1/completions", {"model": "m", "prompt": "a", "lora_request": {"lora_name": "a"}})
    assert response.status_code == 400 and "--enable_lora" in response.json()["error"]["message"]


@pytest.mark.parametrize("arguments, words", [
    (["--lora_modules", "a=/nowhere"], "/nowhere"), (["--lora_modules", "a"], "NAME=DIRECTORY"),
    (["--enable_lora", "--max_loras", "5", "--max_cpu_loras", "4"], "max_cpu_loras"),
    (["--max_lora_rank", "0"], "--max_lora_rank"),
])
def test_what_cant_be_is_said_at_the_start(arguments, words):
    ended = run("serve", TINY_MODEL, "--port", str(free_port()), *arguments)
    assert ended.returncode != 0 and words in (ended.stderr + ended.stdout).decode()
