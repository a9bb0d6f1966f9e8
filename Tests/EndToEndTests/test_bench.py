"""The benchmark program: what it reports, not how fast anything is."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from server_process import BINARY, free_port

BENCH = os.environ.get("TRTLLM_BENCH_BINARY", str(Path(BINARY).with_name("trtllm-bench")))

LATENCIES = {"ttft_ms", "tpot_ms", "itl_ms", "e2e_ms"}
RATES = {"prefill_tokens_per_s", "decode_tokens_per_s", "output_tokens_per_s", "total_tokens_per_s"}
SETTINGS = {"model", "num_threads", "concurrency", "num_requests", "input_len", "output_len"}
SAMPLING = {"temperature", "top_p", "top_k", "score_prompts"}
MODEL_FIGURES = {"kernels", "layer_weights", "head_weights", "packed_layer_bytes", "packed_head_bytes",
                 "kv_bytes_per_token"}
LOAD_FIGURES = {"base_url", "request_rate", "failed_requests", "first_failure", "output_tokens",
                "request_throughput_per_s"}


def bench(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run([BENCH, *arguments], capture_output=True, text=True, timeout=120)


@pytest.fixture
def report(tmp_path):
    """Runs the program, which must succeed, and gives its JSON."""

    def run(*arguments: str) -> dict:
        file = tmp_path / "report.json"
        ended = bench(*arguments, "--report_json", str(file))
        assert ended.returncode == 0, ended.stdout + ended.stderr
        assert "nan" not in ended.stdout
        return json.loads(file.read_text())

    return run


def check_figures(figures: dict):
    assert all(figures[name] > 0 for name in RATES)
    for name in LATENCIES:
        latency = figures[name]
        assert set(latency) == {"p50", "p95", "p99"}
        assert 0 <= latency["p50"] <= latency["p95"] <= latency["p99"]


def test_serve_measures_every_request(server, report):
    figures = report("serve", "--base_url", server.url + "/v1", "--num_requests", "6", "--concurrency", "3",
                     "--input_len", "20", "--output_len", "9", "--goodput", "ttft:60000", "tpot:60000")
    assert set(figures) == SETTINGS | LOAD_FIGURES | RATES | LATENCIES | {"goodput_requests_per_s"}
    check_figures(figures)
    assert figures["base_url"] == server.url
    assert figures["failed_requests"] == 0
    assert figures["output_tokens"] == 6 * 9
    assert figures["request_rate"] is None
    assert figures["goodput_requests_per_s"] == figures["request_throughput_per_s"]


def test_serve_keeps_a_rate(server, report):
    figures = report("serve", "--base_url", server.url, "--num_requests", "4", "--request_rate", "20",
                     "--input_len", "4", "--output_len", "1", "--seed", "3")
    assert figures["request_rate"] == 20
    assert figures["output_tokens"] == 4
    assert figures["tpot_ms"] == {"p50": None, "p95": None, "p99": None}
    assert "goodput_requests_per_s" not in figures


def test_serve_counts_failures(server, tmp_path):
    file = tmp_path / "report.json"
    ended = bench("serve", "--base_url", server.url, "--num_requests", "3", "--input_len", "4000",
                  "--output_len", "4", "--report_json", str(file))
    assert ended.returncode == 1
    assert "all 3 requests failed" in ended.stderr
    assert "status 400" in ended.stderr and "2048" in ended.stderr
    figures = json.loads(file.read_text())
    assert figures["failed_requests"] == 3
    assert figures["ttft_ms"] == {"p50": None, "p95": None, "p99": None}


def test_serve_says_when_there_is_no_server():
    port = free_port()
    for model in ([], ["--model", "m"]):
        ended = bench("serve", "--base_url", f"http://127.0.0.1:{port}", "--num_requests", "2", *model)
        assert ended.returncode == 1
        assert f"no connection to http://127.0.0.1:{port}: Connection refused" in ended.stderr


def test_serve_refuses_https():
    ended = bench("serve", "--base_url", "https://127.0.0.1")
    assert ended.returncode != 0
    assert "https isn't supported" in ended.stderr


@pytest.mark.parametrize("verb", [["latency"], ["throughput", "--concurrency", "2"]])
def test_the_engine_in_process(model, report, verb):
    figures = report(*verb, "--model", model, "--num_requests", "2", "--input_len", "8", "--output_len", "4",
                     "--num_threads", "1")
    settings = SETTINGS | {"adapters", "adapter_rank", "tp_size", "pp_size"} | SAMPLING
    assert set(figures) == settings | MODEL_FIGURES | RATES | LATENCIES
    check_figures(figures)
    assert figures["num_requests"] == 2
    assert figures["layer_weights"] > figures["head_weights"] > 0
    # Weights of all forms take between 2 and 33 bits.
    for part in ("layer", "head"):
        assert 0.25 < figures[f"packed_{part}_bytes"] / figures[f"{part}_weights"] < 4.2
    assert figures["kv_bytes_per_token"] > 0


def test_what_memory_gives_meanwhile(model, report):
    figures = report("latency", "--model", model, "--num_requests", "1", "--input_len", "8", "--output_len", "4",
                     "--kv_cache_dtype", "int8", "--with_read_bandwidth")
    assert figures["read_gb_per_s"] > 0


def test_an_unknown_cache_type_is_refused(model):
    ended = bench("latency", "--model", model, "--kv_cache_dtype", "fp8")
    assert ended.returncode != 0
    assert "bfloat16, int8" in ended.stderr


def test_probe(report):
    figures = report("probe", "--num_threads", "1")
    assert set(figures) == {"kernels", "num_threads", "int8_gops", "bf16_gflops", "f32_gflops", "barrier_ns",
                            "read_gb_per_s"}
    assert figures["num_threads"] == 1
    assert figures["int8_gops"] > 0 and figures["f32_gflops"] > 0
    assert figures["bf16_gflops"] is None or figures["bf16_gflops"] > 0
    assert list(figures["read_gb_per_s"]) == ["1", "8", "32", "128", "512"]


def test_kernels(report):
    figures = report("kernels", "--form", "u4_32", "f32", "--rows", "1", "4", "--features", "64", "--columns", "256")
    assert set(figures) == {"kernels", "num_threads", "features", "columns", "int8_gops", "bf16_gflops", "f32_gflops",
                            "measurements"}
    measurements = figures["measurements"]
    assert [(m["form"], m["rows"], m["peak"]) for m in measurements] == [
        ("f32", 1, "f32"), ("f32", 4, "f32"), ("u4_32", 1, "int8"), ("u4_32", 4, "int8")]
    assert all(m["gops"] > 0 and m["share_of_peak"] > 0 for m in measurements)
    assert all((m["weights_gb_per_s"] is None) == (m["rows"] > 1) for m in measurements)
