"""Endpoints that describe the server."""

import json
import time
from pathlib import Path

from server_process import TINY_MODEL, ServerProcess, run

ITERATION_KEYS = {
    "cpuMemUsage", "gpuMemUsage", "inflightBatchingStats", "iter", "iterLatencyMS", "kvCacheStats",
    "maxBatchSizeRuntime", "maxBatchSizeStatic", "maxBatchSizeTunerRecommended", "maxNumActiveRequests",
    "maxNumTokensRuntime", "maxNumTokensStatic", "maxNumTokensTunerRecommended", "newActiveRequestsQueueLatencyMS",
    "numActiveRequests", "numCompletedRequests", "numNewActiveRequests", "numQueuedRequests", "pinnedMemUsage",
    "specDecodingStats", "staticBatchingStats", "timestamp",
}
KV_CACHE_KEYS = {
    "allocNewBlocks", "allocTotalBlocks", "cacheHitRate", "freeNumBlocks", "maxNumBlocks", "missedBlocks",
    "reusedBlocks", "tokensPerBlock", "usedNumBlocks",
}
BATCHING_KEYS = {
    "avgNumDecodedTokensPerIter", "microBatchId", "numContextRequests", "numCtxTokens", "numGenRequests",
    "numPausedRequests", "numScheduledRequests",
}


def test_health_is_an_empty_200(server):
    answer = server.get("/health")
    assert answer.status_code == 200
    assert answer.content == b""


def test_version_has_one_key(server):
    body = server.get("/version").json()
    assert list(body) == ["version"]
    assert body["version"]


def test_models_lists_the_served_model(server, client):
    before = int(time.time())
    models = client.models.list().data
    assert [model.id for model in models] == ["SmolLM2-135M-Instruct.Q4_1.gguf"]
    assert models[0].owned_by == "tensorrt_llm"
    assert before <= models[0].created <= time.time() + 1


def test_metrics_have_all_keys_and_are_drained(server, client):
    server.iterations()
    client.completions.create(model="Server", prompt="A B C", max_tokens=10, extra_body={"ignore_eos": True})
    records = server.iterations_of(requests=1)
    for record in records:
        assert ITERATION_KEYS <= set(record)
        assert list(record)[:len(ITERATION_KEYS)] == sorted(ITERATION_KEYS)
        assert set(record["kvCacheStats"]) == KV_CACHE_KEYS
        assert set(record["inflightBatchingStats"]) == BATCHING_KEYS
        assert record["cpuMemUsage"] > 50_000_000
        assert record["gpuMemUsage"] == 0
        assert 0 < record["iterLatencyMS"] < 60_000
        assert record["maxBatchSizeStatic"] == 64
    assert [record["iter"] for record in records] == sorted(record["iter"] for record in records)
    assert sum(record["inflightBatchingStats"]["numContextRequests"] for record in records) == 1
    assert sum(record["numCompletedRequests"] for record in records) == 1
    assert server.iterations() == []


def test_unknown_path_is_404_in_every_shape(server):
    answer = server.get("/v1/nothing")
    assert answer.status_code == 404
    assert answer.json()["detail"] == "Not Found"
    assert answer.json()["error"]["code"] == 404


def test_wrong_method_is_405(server):
    assert server.get("/v1/completions").status_code == 405
    assert server.post("/health").status_code == 405


def test_prometheus_text_counts_requests(server, client):
    client.completions.create(model="Server", prompt="A", max_tokens=1)
    text = server.get("/prometheus/metrics").text
    assert "trtllm_request_success_total" in text
    assert "trtllm_time_to_first_token_seconds_bucket" in text


def test_the_model_is_tried_out(server):
    reply = server.get("/health_generate")
    assert (reply.status_code, reply.text) == (200, "Generation health check OK")


def test_what_the_server_is(server):
    facts = server.get("/server_info").json()
    assert facts["model"] == "SmolLM2-135M-Instruct.Q4_1.gguf"
    assert facts["max_seq_len"] == 2048 and facts["vocab_size"] == 49152 and facts["embeddings"] is False


def test_a_model_for_text_makes_embeddings_only_when_asked(model, server):
    reply = server.post("/v1/embeddings", {"model": "m", "input": "a"})
    assert reply.status_code == 400 and "--pooling" in reply.json()["message"]
    with ServerProcess(model, "--pooling", "mean") as other:
        data = other.post("/v1/embeddings", {"model": "m", "input": ["a", "b"]}).json()["data"]
        assert len(data[0]["embedding"]) == 576 and data[0]["embedding"] != data[1]["embedding"]


def test_times_of_requests_are_told_once_when_asked_for():
    yaml = "{return_perf_metrics: true, perf_metrics_max_requests: 2}"
    with ServerProcess(TINY_MODEL, yaml=yaml) as server:
        for _ in range(3):
            server.post("/v1/completions", {"model": "m", "prompt": "a", "max_tokens": 3})
        offset = server.post("/steady_clock_offset", {"offset": 1e6})
        assert offset.status_code == 200 and offset.content == b""
        records = server.get("/perf_metrics").json()
        assert [record["request_id"] for record in records] == [2, 3]
        for record in records:
            times = record["perf_metrics"]["timing_metrics"]
            order = ["arrival_time", "first_scheduled_time", "first_token_time", "last_token_time"]
            assert [times[name] for name in order] == sorted(times[name] for name in order)
            assert times["server_arrival_time"] <= times["arrival_time"]
            assert times["first_token_time"] <= times["server_first_token_time"]
            assert times["arrival_time"] > 1e6
        assert server.get("/perf_metrics").json() == []


def test_iterations_and_blocks_of_requests_are_told_when_asked_for():
    yaml = "{return_perf_metrics: true, perf_metrics_max_requests: 8, enable_iter_req_stats: true}"
    with ServerProcess(TINY_MODEL, "--backend", "tensorrt", yaml=yaml) as server:
        prompt = [5 + index % 100 for index in range(70)]
        for tokens in (3, 40):
            server.post("/v1/completions", {"model": "m", "prompt": prompt, "max_tokens": tokens, "ignore_eos": True})
        first, second = (record["perf_metrics"] for record in server.get("/perf_metrics").json())
        iterations = server.iterations_of(requests=2)
        begun = [iteration["iter"] for iteration in iterations if iteration["numNewActiveRequests"]]
        done = [iteration["iter"] for iteration in iterations if iteration["numCompletedRequests"]]
        assert [first["first_iter"], second["first_iter"]] == begun and begun[0] == 1
        assert [first["last_iter"], second["last_iter"]] == done
        assert first["kv_cache_metrics"] == {
            "num_total_allocated_blocks": 3, "num_new_allocated_blocks": 3, "num_reused_blocks": 0,
            "num_missed_blocks": 3}
        # All blocks of the prompt are found, the last of them copied, and a fourth holds what follows.
        assert second["kv_cache_metrics"] == {
            "num_total_allocated_blocks": 4, "num_new_allocated_blocks": 2, "num_reused_blocks": 3,
            "num_missed_blocks": 0}
        ended = [record for iteration in iterations for record in iteration.get("requestStats", [])
                 if record["stage"] == "GENERATION_COMPLETE"]
        assert [record["allocTotalBlocksPerRequest"] for record in ended] == [3, 4]


def test_the_kv_cache_tells_which_prefixes_it_holds():
    with ServerProcess(TINY_MODEL, yaml="{kv_cache_config: {event_buffer_max_size: 64}}") as server:
        def events(prompt):
            server.post("/v1/completions", {"model": "m", "prompt": prompt, "max_tokens": 1})
            return server.post("/kv_cache_events").json()

        prompt = [5 + index % 100 for index in range(70)]
        told = events(prompt)
        assert [event["event_id"] for event in told] == [0, 1, 2]
        made, first, second = (event["data"] for event in told)
        assert made["type"] == "created" and made["num_blocks_per_cache_level"][0] > 0
        assert first["type"] == second["type"] == "stored" and first["parent_hash"] is None
        assert second["parent_hash"] == first["blocks"][0]["block_hash"]
        tokens = [token["token_id"] for block in (first, second) for token in block["blocks"][0]["tokens"]]
        assert tokens == prompt[:64]
        assert events(prompt) == []
        other, = events(prompt[:32] + prompt[:32])
        assert other["event_id"] == 3 and other["data"]["parent_hash"] == first["blocks"][0]["block_hash"]


def test_the_steady_clock_is_told_twice(server):
    moments = server.get("/steady_clock_offset").json()
    assert 0.2 <= moments["transmit_ts"] - moments["receive_ts"] < 5


def test_a_profile_tells_what_iterations_did_when(tmp_path):
    def chat(server, tokens):
        server.post("/v1/completions", {"model": "m", "prompt": [5] * 40, "max_tokens": tokens, "ignore_eos": True})

    with ServerProcess(TINY_MODEL, "--profile_dir", str(tmp_path)) as server:
        reply = server.post("/stop_profile")
        assert reply.status_code == 409 and reply.json()["success"] is False
        started = server.post("/start_profile").json()
        assert started["message"] == "Profiling started"
        reply = server.post("/start_profile", {"num_steps": 3})
        assert reply.status_code == 409 and "already" in reply.json()["message"]
        chat(server, 5)
        stopped = server.post("/stop_profile").json()
        assert stopped == {"message": "Profiling stopped", "path": started["path"]}
        chat(server, 2)
        events = json.loads(Path(stopped["path"]).read_text())["traceEvents"]
        computed = [event["args"] for event in events if event["name"] == "compute"]
        assert sum(event["prompt_tokens"] for event in computed) == 40
        assert [event["decoding_sequences"] for event in computed][-5:] == [0, 1, 1, 1, 1]
        spans = [event for event in events if event["ph"] == "X"]
        assert {event["name"] for event in spans} == {
            "plan", "compute", "choose tokens", "deliver", "embedding", "attention", "feed-forward", "logits"}
        layers = {event["args"]["layer"] for event in spans if event["name"] == "attention"}
        assert layers == set(range(len(layers)))
        compute = [event for event in spans if event["name"] == "compute"]
        for event in spans:
            if event["name"] in ("attention", "feed-forward", "embedding"):
                assert any(whole["ts"] - 1 <= event["ts"]
                           and event["ts"] + event["dur"] <= whole["ts"] + whole["dur"] + 1 for whole in compute)

        # One that ends by itself is whole before anybody stops it, and another may begin.
        path = Path(server.post("/start_profile", {"num_steps": 2, "activities": ["CPU"]}).json()["path"])
        chat(server, 6)
        server.wait_until(lambda _: path.read_text().endswith("]}\n"), "the profile's end")
        events = json.loads(path.read_text())["traceEvents"]
        assert sum(event["name"] == "compute" for event in events) == 2
        assert server.post("/stop_profile").json()["path"] == str(path)
        for body, field in (({"output_dir": "/tmp"}, "output_dir"), ({"activities": ["GPU"]}, "activities[0]"),
                            ({"num_steps": 0}, "num_steps")):
            reply = server.post("/start_profile", body)
            assert reply.status_code == 400 and field in reply.json()["message"]
        path = Path(server.post("/start_profile", {"start_step": 1 << 30}).json()["path"])
        # The server's end ends a profile too.
        server.stop()
        assert json.loads(path.read_text())["traceEvents"]


def test_a_directory_for_profiles_must_be_there(tmp_path):
    result = run("serve", TINY_MODEL, "--profile_dir", str(tmp_path / "none"))
    assert result.returncode != 0 and b"--profile_dir" in result.stderr


def test_nothing_is_noted_that_nobody_asked_for(server):
    assert server.post("/kv_cache_events").json() == []  # none is noted without event_buffer_max_size
    assert server.get("/perf_metrics").json() == []
