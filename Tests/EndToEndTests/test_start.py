"""What a start survives: numbers at the ends of their type, files without an end, missing descriptors."""

import os
import re
import signal
import subprocess
import time

import httpx
import pytest

from server_process import BINARY, TINY_MODEL, ServerProcess, free_port, run

LARGEST = str(2 ** 63 - 1)
INTEGER_KEYS = [
    "max_batch_size", "max_num_tokens", "max_seq_len", "max_beam_width", "tensor_parallel_size",
    "pipeline_parallel_size", "moe_expert_parallel_size", "iter_stats_max_iterations", "stream_interval",
    "kv_cache_config.max_tokens", "kv_cache_config.tokens_per_block", "kv_cache_config.max_gpu_total_bytes",
    "gpus_per_node", "num_postprocess_workers", "request_stats_max_iterations",
]


def integer_options() -> list[tuple[str, int]]:
    """Every option of `serve` that refuses a number as too large, with the largest that it takes."""
    names = re.findall(r"(--[a-z_]+) <", run("serve", "--help").stdout.decode())
    largest = []
    for name in dict.fromkeys(names):
        ended = run("serve", "nowhere.gguf", name, LARGEST)
        if match := re.search(rb"is %s, but must be from \d+ to (\d+)" % LARGEST.encode(), ended.stderr):
            assert ended.returncode == 2
            largest.append((name, int(match[1])))
    return largest


def serve(*options: str, model: str = TINY_MODEL) -> subprocess.CompletedProcess:
    return run("serve", model, "--host", "127.0.0.1", "--port", str(free_port()), *options, timeout=30)


def yaml_file(tmp_path, text: str) -> str:
    path = tmp_path / "options.yaml"
    path.write_text(text)
    return str(path)


def nested(key: str, value) -> str:
    section, _, name = key.rpartition(".")
    return f"{section}: {{{name}: {value}}}" if section else f"{name}: {value}"


def test_numbers_without_bound_are_usage_errors_that_give_the_bound():
    options = integer_options()
    assert {"--max_seq_len", "--max_batch_size", "--max_num_tokens", "--max_queue_size", "--max_stop_bytes",
            "--max_body_bytes", "--max_iteration_ms"} <= {name for name, _ in options}
    assert len(options) >= 20


@pytest.mark.parametrize("key", INTEGER_KEYS)
@pytest.mark.parametrize("value", [LARGEST, "-9223372036854775808", "9223372036854775807:9223372036854775807"])
def test_numbers_of_the_file_without_bound_end_with_the_key(tmp_path, key, value):
    ended = serve("--config", yaml_file(tmp_path, nested(key, value)))
    assert ended.returncode == 1
    assert b"Error: " in ended.stderr and key.encode() in ended.stderr


@pytest.mark.parametrize("options", [
    ("--max_seq_len", "16777216", "--kv_cache_free_gpu_memory_fraction", "0.001"),
    ("--max_seq_len", "16777216", "--max_batch_size", "1048576", "--kv_cache_free_gpu_memory_fraction", "0.001"),
])
def test_a_sequence_beyond_the_memory_says_how_much_it_needs(options):
    ended = serve(*options)
    assert ended.returncode == 1
    assert re.search(rb"tokens needs 524288 \([\d.]+ GiB\).*\([\d.]+ [GT]iB are free\)", ended.stderr), ended.stderr


@pytest.mark.parametrize("options", [
    ("--max_batch_size", "1048576", "--max_num_tokens", "16777216", "--max_queue_size", "1048576",
     "--kv_cache_free_gpu_memory_fraction", "0.01"),
    ("--max_batch_size", "1", "--max_num_tokens", "1", "--max_queue_size", "1", "--max_seq_len", "2"),
    ("--max_connections", "1048576", "--max_body_bytes", "1099511627776", "--max_choices", "1048576",
     "--max_stop_strings", "1048576", "--max_stop_bytes", "1073741824", "--max_logit_bias", "1048576",
     "--max_logits_bytes", "1099511627776", "--chat_template_timeout_ms", "3600000", "--max_iteration_ms", "3600000",
     "--max_prefill_iteration_ms", "3600000"),
    ("--chat_template_timeout_ms", "1", "--max_iteration_ms", "1", "--max_prefill_iteration_ms", "1"),
])
def test_the_ends_of_the_ranges_serve(options):
    body = {"model": "m", "prompt": [1], "max_tokens": 1}
    with ServerProcess(TINY_MODEL, *options) as server:
        assert server.post("/v1/completions", body).status_code == 200
        assert server.stop() == 0


def test_blocks_of_the_largest_size_serve():
    with ServerProcess(TINY_MODEL, yaml="kv_cache_config: {tokens_per_block: 65536}") as server:
        assert server.post("/v1/completions", {"model": "m", "prompt": [1, 2], "max_tokens": 3}).status_code == 200


@pytest.mark.parametrize("option", ["--chat_template", "--config"])
def test_files_that_are_none_are_refused(tmp_path, option):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in ("/dev/zero", "/dev/tty", str(tmp_path), str(pipe)):
        ended = serve(option, path)
        assert ended.returncode == 1
        assert b"Error: can't read %s" % path.encode() in ended.stderr


@pytest.mark.parametrize("option, limit", [("--chat_template", b"1 MiB"), ("--config", b"64 KiB")])
def test_files_beyond_their_limit_are_refused_unread(tmp_path, option, limit):
    path = tmp_path / "endless"
    with open(path, "wb") as file:
        file.truncate(1 << 40)
    ended = serve(option, str(path))
    assert ended.returncode == 1
    assert b"longer than %s" % limit in ended.stderr


@pytest.mark.parametrize("command", [("tokenize", TINY_MODEL), ("render", "--chat_template", "{{ 1 }}")])
def test_endless_standard_input_is_refused(command):
    with open("/dev/zero", "rb") as endless:
        ended = subprocess.run([BINARY, *command], stdin=endless, capture_output=True, timeout=60)
    assert ended.returncode == 1
    assert b"standard input: it is longer than 64 MiB" in ended.stderr


def test_an_alias_bomb_is_refused(tmp_path):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]" for level in range(1, 12)]
    ended = serve("--config", yaml_file(tmp_path, "\n".join(lines + ["? *a11", ": 1"])))
    assert ended.returncode == 1
    assert b"references" in ended.stderr


def test_a_signal_while_a_model_loads_ends_the_program_at_once(model):
    with ServerProcess(model, wait=False) as server:
        deadline = time.monotonic() + 60
        while "opened " not in server.output():
            assert time.monotonic() < deadline
            time.sleep(0.01)
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(20) == 0
        assert "stopped while loading" in server.output()
        assert "ready:" not in server.output()


def test_a_failed_start_logs_its_reason_and_nothing_else(model):
    port = free_port()
    command = [BINARY, "serve", model, "--host", "127.0.0.1", "--port", str(port), "--max_seq_len", "16000000"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
    answers = []
    with httpx.Client(timeout=20) as client:
        while process.poll() is None:
            try:
                answers.append(client.get(f"http://127.0.0.1:{port}/health").status_code)
            except httpx.TransportError:
                pass
    lines = process.stderr.read().decode().splitlines()
    assert process.returncode == 1
    assert set(answers) == {503}
    assert [line for line in lines if not re.search(r"(info|warning) trtllm-serve: ", line)] == [lines[-1]]
    assert lines[-1].startswith("Error: the KV cache would have ")


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_missing_standard_descriptors_become_no_sockets(closed):
    launcher = ("bash", "-c", f'exec "$@" {closed}', "bash")
    with ServerProcess(TINY_MODEL, launcher=launcher) as server:
        assert server.post("/v1/completions", {"model": "m", "prompt": [1], "max_tokens": 1}).status_code == 200
        for number in range(3):
            target = os.readlink(f"/proc/{server.process.pid}/fd/{number}")
            assert not target.startswith(("socket:", "anon_inode:")), target
        assert server.stop() == 0


def test_writing_to_a_missing_standard_output_is_still_an_error():
    ended = subprocess.run(
        ["bash", "-c", 'exec "$@" >&-', "bash", BINARY, "tokenize", TINY_MODEL], input=b"a", capture_output=True,
        timeout=60)
    assert ended.returncode == 1
    assert b"can't write standard output" in ended.stderr
