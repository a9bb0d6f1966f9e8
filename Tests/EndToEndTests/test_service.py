"""Endpoints that describe the server."""

import time

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
    time.sleep(0.1)
    records = server.iterations()
    assert records
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
