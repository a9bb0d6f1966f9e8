"""Engines: built by trtllm-build, and cached by starts of the default backend."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from server_process import BINARY, TINY_MODEL, ServerProcess, environment_with, free_port, run

BUILD = os.environ.get("TRTLLM_BUILD_BINARY", str(Path(BINARY).with_name("trtllm-build")))
PROMPT = {"prompt": "The capital of France is", "max_tokens": 24, "temperature": 0, "logprobs": 2}


def build(*arguments: str, **options) -> subprocess.CompletedProcess:
    return subprocess.run([BUILD, *arguments], capture_output=True, timeout=120, env=environment_with(), **options)


def completion(server) -> dict:
    """What is answered, without what differs from request to request."""
    answer = server.post("/v1/completions", {"model": "any", **PROMPT}).json()
    return {key: answer[key] for key in ("choices", "usage", "system_fingerprint")}


def cache(path) -> dict[str, str]:
    return {"TRTLLM_SERVE_ENGINE_CACHE": str(path), "TRTLLM_SERVE_ENGINE_CACHE_LIMIT": ""}


@pytest.fixture(scope="module")
def expected(model):
    with ServerProcess(model, "--backend", "pytorch", "--max_seq_len", "512") as server:
        yield completion(server)


@pytest.fixture(scope="module")
def engine(model, tmp_path_factory):
    """An engine of the real model."""
    path = tmp_path_factory.mktemp("engines") / "smollm2"
    ended = build("--checkpoint_dir", model, "--output_dir", str(path), "--max_batch_size", "8", "--max_num_tokens", "512",
                  "--max_seq_len", "512", "--max_beam_width", "1")
    assert ended.returncode == 0, ended.stderr
    assert b"writing: 100 %" in ended.stderr
    return path


def test_an_engine_answers_as_its_checkpoint_does(engine, expected):
    assert sorted(os.listdir(engine)) == ["metadata.gguf", "rank0.engine"]
    assert os.listdir(engine.parent) == ["smollm2"]
    with ServerProcess(str(engine)) as server:
        assert completion(server) == expected
        too_long = server.post("/v1/completions", {"model": "any", "prompt": [5] * 600, "max_tokens": 1})
        assert too_long.status_code == 400 and "512" in too_long.text
        assert "max_seq_len" in server.output()


def test_an_engine_may_be_cut_short_under_a_server(engine, expected, tmp_path):
    copy = shutil.copytree(engine, tmp_path / "engine")
    with ServerProcess(str(copy)) as server:
        for file in copy.iterdir():
            os.truncate(file, 0)
        assert completion(server) == expected


@pytest.mark.parametrize("option", ["--max_batch_size", "--max_num_tokens", "--max_seq_len"])
def test_more_than_an_engine_was_built_for_is_refused(engine, option):
    ended = run("serve", str(engine), "--port", str(free_port()), option, "1024")
    assert ended.returncode == 1
    assert f"{option[2:]} is 1024, but must be at most".encode() in ended.stderr


def test_a_tokenizer_of_another_checkpoint(engine, model, expected):
    with ServerProcess(str(engine), "--tokenizer", model) as server:
        assert completion(server) == expected
    ended = run("serve", str(engine), "--port", str(free_port()), "--tokenizer", "./nowhere")
    assert ended.returncode == 1 and b"nowhere" in ended.stderr


@pytest.mark.parametrize("damage, words", [
    (lambda file: os.truncate(file, 5000), b"truncated"),
    (lambda file: file.write_bytes(b"TRT engine".ljust(9000, b" ")), b"isn't an engine of this program"),
    (lambda file: file.write_bytes(file.read_bytes()[:8] + b"\xff" + file.read_bytes()[9:]), b"newer"),
    (lambda file: file.write_bytes(file.read_bytes()[:-100_000] + bytes(100_000)), b"damaged"),
])
def test_an_engine_that_cannot_be_used_says_why(engine, tmp_path, damage, words):
    copy = shutil.copytree(engine, tmp_path / "engine")
    damage(copy / "rank0.engine")
    ended = run("serve", str(copy), "--port", str(free_port()))
    assert ended.returncode == 1
    assert words in ended.stderr and b"rank0.engine" in ended.stderr or b"damaged" in ended.stderr, ended.stderr


def test_building_refuses_what_it_cannot_do(tmp_path):
    for arguments, status, words in [
        (["--output_dir", "x"], 2, b"checkpoint_dir"),
        (["--checkpoint_dir", TINY_MODEL], 2, b"output_dir"),
        (["--checkpoint_dir", TINY_MODEL, "--output_dir", "x", "--max_batch_size", "0"], 2, b"max_batch_size is 0"),
        (["--checkpoint_dir", TINY_MODEL, "--output_dir", "x", "--max_beam_width", "0"], 2, b"max_beam_width is 0"),
        (["--checkpoint_dir", TINY_MODEL, "--output_dir", "x", "--quantization", "INT3"], 2, b"W4A16"),
        (["--checkpoint_dir", TINY_MODEL, "--output_dir", "x", "--quantization", "W4A16", "--group_size", "33"], 2,
         b"group_size is 33"),
        (["--checkpoint_dir", TINY_MODEL, "--output_dir", "x", "--group_size", "64"], 2, b"there is none"),
        (["--checkpoint_dir", TINY_MODEL, "--output_dir", "x", "--quantization", "W4A16", "--calibration", "y"], 2,
         b"--calibration is for W4A16_AWQ"),
        (["--checkpoint_dir", TINY_MODEL, "--output_dir", "x", "--quantization", "W4A16_AWQ", "--calibration", "y"], 1,
         b"y: "),
        (["--checkpoint_dir", "./nowhere.gguf", "--output_dir", "x"], 1, b"nowhere.gguf"),
        (["--checkpoint_dir", TINY_MODEL, "--output_dir", str(Path(TINY_MODEL).parent)], 1, b"isn't an engine"),
    ]:
        ended = build(*arguments, cwd=tmp_path)
        assert ended.returncode == status, ended.stderr
        assert words in ended.stderr, ended.stderr
    assert os.listdir(tmp_path) == []


def test_a_quantized_engine_answers_as_its_checkpoint_quantized_at_load(tmp_path):
    ended = build("--checkpoint_dir", TINY_MODEL, "--output_dir", str(tmp_path / "engine"), "--quantization", "W8A16")
    assert ended.returncode == 0, ended.stderr
    answers = []
    for model, options in [(str(tmp_path / "engine"), []), (TINY_MODEL, ["--quantization", "W8A16"]), (TINY_MODEL, [])]:
        with ServerProcess(model, "--backend", "pytorch", *options) as server:
            answers.append(completion(server))
    engine, quantized, stored = answers
    assert engine == quantized
    assert engine["system_fingerprint"] != stored["system_fingerprint"] and engine["choices"] != stored["choices"]


def test_a_text_of_ones_own_measures_activations(tmp_path):
    (tmp_path / "text").write_text("One two three four five six seven. " * 30)
    weights = []
    for name, options in [("first", []), ("second", []), ("own", ["--calibration", str(tmp_path / "text")])]:
        ended = build("--checkpoint_dir", TINY_MODEL, "--output_dir", str(tmp_path / name), "--quantization", "W4A16_AWQ",
                      *options)
        assert ended.returncode == 0, ended.stderr
        weights.append((tmp_path / name / "rank0.engine").read_bytes())
    assert weights[0] == weights[1] != weights[2]


def test_an_engine_may_be_built_where_a_file_system_is_mounted(tmp_path):
    place = tmp_path / "a volume"
    place.mkdir()
    script = 'mount --bind "$1" "$1" && "$2" --checkpoint_dir "$3" --output_dir "$1" && "$2" --checkpoint_dir "$3" --output_dir "$1"'
    command = ["unshare", "--mount", "sh", "-ec", script, "sh", str(place), BUILD, TINY_MODEL]
    if subprocess.run(["unshare", "--mount", "mount", "--bind", str(place), str(place)], capture_output=True).returncode:
        pytest.skip("nothing can be mounted here")
    ended = subprocess.run(command, capture_output=True, timeout=120, env=environment_with())
    assert ended.returncode == 0, ended.stderr
    assert sorted(os.listdir(place)) == ["metadata.gguf", "rank0.engine"]
    with ServerProcess(str(place)) as server:
        assert completion(server)["choices"]


def test_an_interrupted_build_leaves_nothing(model, tmp_path):
    process = subprocess.Popen([BUILD, "--checkpoint_dir", model, "--output_dir", str(tmp_path / "engine")],
                               stderr=subprocess.PIPE, env=environment_with())
    for line in process.stderr:
        if b"packing: 100 %" in line:
            break
    process.send_signal(signal.SIGINT)
    # Either it was in time, or the engine was whole already.
    if process.wait(60) == 0:
        assert os.listdir(tmp_path) == ["engine"]
    else:
        assert b"interrupted" in process.stderr.read() and os.listdir(tmp_path) == []


def test_the_first_start_leaves_an_engine_and_the_second_uses_it(model, expected, tmp_path):
    here = cache(tmp_path / "engines")
    with ServerProcess(model, "--max_seq_len", "512", environment=here) as server:
        assert completion(server) == expected
        server.wait_until_log("the engine is cached: ")
    listed = run("cache", "list", environment=here).stdout.decode()
    assert "1 engines" in listed and "Smollm2" in listed and "NO_QUANT" in listed
    with ServerProcess(model, "--max_seq_len", "512", environment=here) as server:
        assert f"opened {tmp_path}/engines/" in server.output()
        assert completion(server) == expected
        time.sleep(0.2)
        assert "cached" not in server.output()
    cleared = run("cache", "clear", environment=here).stdout.decode()
    assert cleared.startswith("removed 1 engines")
    assert "0 engines" in run("cache", "list", environment=here).stdout.decode()


def test_a_damaged_engine_in_the_cache_is_built_anew(tmp_path):
    here = cache(tmp_path / "engines")
    with ServerProcess(TINY_MODEL, environment=here) as server:
        server.wait_until_log("the engine is cached: ")
    [file] = (tmp_path / "engines").glob("*/rank0.engine")
    file.write_bytes(file.read_bytes()[:-2000] + bytes(2000))
    with ServerProcess(TINY_MODEL, environment=here) as server:
        assert "the cached engine can't be used and is built anew: " in server.output()
        server.wait_until_log("the engine is cached: ")
    with ServerProcess(TINY_MODEL, environment=here) as server:
        assert f"opened {tmp_path}/engines/" in server.output()


def test_servers_that_start_at_once_leave_one_engine(tmp_path):
    here = cache(tmp_path / "engines")
    servers = [ServerProcess(TINY_MODEL, environment=here, wait=False) for _ in range(3)]
    try:
        for server in servers:
            server.wait_until_ready()
            server.wait_until_log("engine is cached")
        assert len(list((tmp_path / "engines").glob("*/rank0.engine"))) == 1
        assert list((tmp_path / "engines").glob("*.partial*")) == []
    finally:
        for server in servers:
            assert server.stop() == 0


@pytest.mark.parametrize("options, yaml", [(["--backend", "pytorch"], None), ([], "enable_build_cache: false")])
def test_nothing_is_written_where_nobody_wants_it(tmp_path, options, yaml):
    here = cache(tmp_path / "engines")
    with ServerProcess(TINY_MODEL, *options, yaml=yaml, environment=here) as server:
        time.sleep(0.5)
        assert "cached" not in server.output()
        assert server.stop() == 0
    assert os.listdir(tmp_path) == []


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path):
    (tmp_path / "file").write_text("")
    with ServerProcess(TINY_MODEL, environment=cache(tmp_path / "file" / "engines")) as server:
        server.wait_until_log("no engine is cached: ")
        assert server.get("/health").status_code == 200


def test_limits_of_the_cache_that_are_none_are_named(tmp_path):
    here = {**cache(tmp_path), "TRTLLM_SERVE_ENGINE_CACHE_LIMIT": "much"}
    ended = run("cache", "list", environment=here)
    assert ended.returncode == 1 and b"TRTLLM_SERVE_ENGINE_CACHE_LIMIT is 'much'" in ended.stderr
    with ServerProcess(TINY_MODEL, environment=here) as server:
        assert "TRTLLM_SERVE_ENGINE_CACHE_LIMIT is 'much'" in server.output()
    assert run("cache", "clear", environment={"TRTLLM_SERVE_ENGINE_CACHE": "", "HOME": "", "XDG_CACHE_HOME": ""}).returncode == 1
