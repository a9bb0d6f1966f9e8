"""Starting and stopping."""

import os
import re
import signal
import socket
import struct
import threading
import time

import httpx
import pytest

from server_process import HTTP, ServerProcess, free_port, run


def test_no_arguments_prints_help():
    assert b"serve" in run().stdout + run().stderr
    assert b"--kv_cache_free_gpu_memory_fraction" in run("serve", "--help").stdout


@pytest.mark.parametrize("arguments", [
    ("serve",), ("serve", "m", "--nope"), ("m", "--port", "x"), ("serve", "m", "--backend", "cuda"),
    ("--port", "9000", "m"), ("serve", "m", "--log_level", "loud"),
])
def test_usage_errors_end_with_2(arguments):
    ended = run(*arguments)
    assert ended.returncode == 2
    assert ended.stderr


@pytest.mark.parametrize("options, word", [
    (("--tp_size", "99"), "tp_size"), (("--pp_size", "99"), "pp_size"), (("--ep_size", "2"), "ep_size"),
    (("--max_beam_width", "0"), "max_beam_width"), (("--max_batch_size", "0"), "max_batch_size"),
    (("--kv_cache_free_gpu_memory_fraction", "1.5"), "kv_cache_free_gpu_memory_fraction"),
    (("--max_seq_len", "-1"), "max_seq_len"), (("--extra_llm_api_options", "/nonexistent.yaml"), "/nonexistent.yaml"),
    (("--chat_template", "{% if %}"), "chat_template"),
])
def test_bad_settings_name_themselves(model, options, word):
    ended = run("serve", model, "--port", str(free_port()), *options)
    assert ended.returncode not in (0, -signal.SIGKILL)
    assert word.encode() in ended.stderr, ended.stderr


@pytest.mark.parametrize("yaml, word", [
    ("no_such_key: 1", "no_such_key"), ("kv_cache_config: {nope: 1}", "nope"), ("max_batch_size: many", "max_batch_size"),
    ("[1, 2]", "mapping"), ("a: [", "yaml"), ("scheduler_config: {capacity_scheduler_policy: SOMETIMES}", "SOMETIMES"),
    ("kv_cache_config: {max_tokens: 10}\nmax_seq_len: 2048", "max_seq_len"),
])
def test_bad_yaml_names_its_key(model, tmp_path, yaml, word):
    file = tmp_path / "options.yaml"
    file.write_text(yaml)
    ended = run("serve", model, "--port", str(free_port()), "--extra_llm_api_options", str(file))
    assert ended.returncode != 0
    assert word.encode() in ended.stderr, ended.stderr


def test_the_file_wins_over_the_command_line(model):
    with ServerProcess(model, "--tp_size", "99", yaml="tensor_parallel_size: 1\nmax_num_tokens: 1024") as server:
        server.post("/v1/completions", {"model": "m", "prompt": "a", "max_tokens": 1})
        assert server.iterations_of(requests=1)[0]["maxNumTokensStatic"] == 1024


def test_an_empty_file_is_no_options(model):
    with ServerProcess(model, yaml="") as server:
        assert server.get("/health").status_code == 200


def test_statistics_follow_the_backend(model):
    body = {"model": "m", "prompt": "a", "max_tokens": 2}
    with ServerProcess(model, "--backend", "pytorch") as server:
        server.post("/v1/completions", body)
        assert server.iterations() == []
    for yaml in ("enable_iter_perf_stats: true", "pytorch_backend_config: {enable_iter_perf_stats: true}"):
        with ServerProcess(model, "--backend", "pytorch", yaml=yaml) as server:
            server.post("/v1/completions", body)
            assert server.iterations_of(requests=1)
    with ServerProcess(model, "--backend", "tensorrt") as server:
        server.post("/v1/completions", body)
        assert server.iterations_of(requests=1)


def test_the_served_model_name(model):
    with ServerProcess(model, "--served_model_name", "demo") as server:
        assert server.get("/v1/models").json()["data"][0]["id"] == "demo"


def test_a_busy_port_fails_at_once(model):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = run("serve", model, "--host", "127.0.0.1", "--port", str(port))
        assert ended.returncode == 1
        assert b"Failed to bind socket to 127.0.0.1:%d" % port in ended.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_drains_and_exits_0(model, number):
    with ServerProcess(model) as server:
        answers = []
        thread = threading.Thread(target=lambda: answers.append(server.post("/v1/completions", {
            "model": "m", "prompt": "a", "max_tokens": 60, "ignore_eos": True})))
        thread.start()
        server.wait_until_active(1)
        server.process.send_signal(number)
        thread.join()
        assert server.process.wait(35) == 0
        assert answers[0].json()["usage"]["completion_tokens"] == 60
        with pytest.raises(httpx.TransportError):
            server.get("/health")


def test_a_second_signal_exits_now(model):
    with ServerProcess(model) as server:
        with HTTP.stream("POST", server.url + "/v1/completions", timeout=60, json={
                "model": "m", "prompt": "a", "max_tokens": 8000, "ignore_eos": True, "stream": True}) as stream:
            parts = stream.iter_raw()
            next(parts)
            server.process.send_signal(signal.SIGTERM)
            time.sleep(0.5)
            assert server.process.poll() is None
            server.process.send_signal(signal.SIGTERM)
            assert server.process.wait(5) is not None


@pytest.mark.parametrize("cores", [None, {min(os.sched_getaffinity(0))}], ids=["all cores", "one core"])
def test_health_is_503_while_loading(model, cores):
    seen = []
    with ServerProcess(model, wait=False, cores=cores) as server:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and (not seen or seen[-1].status_code != 200):
            try:
                seen.append(server.get("/health"))
            except httpx.ConnectError:
                assert not seen, "the port was open and isn't any more"
    *loading, ready = seen
    assert ready.status_code == 200 and ready.content == b""
    assert loading and {answer.status_code for answer in loading} == {503}
    shares = [int(share) for answer in loading for share in re.findall(r"loading the model: (\d+) %", answer.text)]
    assert shares and shares == sorted(shares)


def damaged(model, tmp_path, change):
    data = bytearray(open(model, "rb").read(4_000_000))
    change(data)
    path = tmp_path / "damaged.gguf"
    path.write_bytes(data)
    return str(path)


@pytest.mark.parametrize("change, words", [
    (lambda data: None, [b"damaged.gguf"]),
    (lambda data: data.__delitem__(slice(20, None)), [b"damaged.gguf"]),
    (lambda data: data.__setitem__(slice(0, 4), b"NOPE"), [b"damaged.gguf"]),
    (lambda data: data.__setitem__(slice(8, 16), struct.pack("<Q", 1 << 60)), [b"damaged.gguf"]),
    (lambda data: data.__setitem__(slice(16, 24), struct.pack("<Q", 1 << 62)), [b"damaged.gguf"]),
    (lambda data: data.clear(), [b"damaged.gguf"]),
])
def test_damaged_files_are_named(model, tmp_path, change, words):
    path = damaged(model, tmp_path, change)
    for command in (("serve", path, "--port", str(free_port())), ("tokenize", path)):
        if command[0] == "tokenize" and change.__code__.co_consts == (None,):
            continue
        ended = run(*command)
        assert ended.returncode == 1
        for word in words:
            assert word in ended.stderr, ended.stderr


def test_a_model_that_is_not_there(tmp_path):
    ended = run("serve", str(tmp_path / "nowhere.gguf"), "--port", str(free_port()))
    assert ended.returncode == 1
    assert b"nowhere.gguf" in ended.stderr


def test_directories_say_what_is_missing(tmp_path):
    (tmp_path / "config.json").write_text('{"builder_config": {}, "pretrained_config": {}}')
    (tmp_path / "rank0.engine").write_bytes(b"x")
    ended = run("serve", str(tmp_path), "--port", str(free_port()))
    assert ended.returncode == 1
    assert b"engine" in ended.stderr
