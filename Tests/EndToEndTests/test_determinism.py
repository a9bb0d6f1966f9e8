"""The same request gives the same bits, whatever else the server is doing."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from server_process import ServerProcess

LONG = "The quick brown fox jumps over the lazy dog while the rain in Spain stays mainly in the plain. " * 12
REQUEST = {"model": "m", "prompt": LONG + "Once upon a time", "max_tokens": 24, "temperature": 0.9, "seed": 7, "logprobs": 3}


def answer(server, **change):
    body = server.post("/v1/completions", {**REQUEST, **change}).json()
    return body["choices"][0]["text"], body["choices"][0]["logprobs"]["token_logprobs"], (
        body["choices"][0]["logprobs"]["top_logprobs"])


@pytest.fixture(scope="module")
def alone(model):
    """The answer of a fresh server with an empty cache."""
    with ServerProcess(model, "--max_seq_len", "2048", yaml="kv_cache_config: {enable_block_reuse: false}") as server:
        yield answer(server)


def test_with_a_warm_cache(server, alone):
    assert answer(server) == alone
    assert answer(server) == alone


def test_inside_a_batch_of_sixteen(server, alone):
    def other(index):
        return server.post("/v1/completions", {
            "model": "m", "prompt": f"{index} " * (3 + 17 * index), "max_tokens": 40, "temperature": 1.0, "seed": index,
            "ignore_eos": True})

    with ThreadPoolExecutor(16) as pool:
        others = [pool.submit(other, index) for index in range(15)]
        mine = pool.submit(answer, server)
        assert mine.result() == alone
        assert all(future.result().status_code == 200 for future in others)


def test_with_an_8_bit_cache_in_chunks_and_from_a_warm_cache(model, alone):
    with ServerProcess(model, "--max_seq_len", "2048", "--kv_cache_dtype", "int8") as server:
        whole = answer(server)
        assert answer(server) == whole
    with ServerProcess(model, "--max_seq_len", "2048", "--max_num_tokens", "48",
                       yaml="kv_cache_config: {dtype: int8}") as server:
        assert answer(server) == whole
    # Rounding keys and values to 8 bits shows in the log-probabilities, if only a little.
    assert whole[1][0] != alone[1][0]
    assert whole[1][0] == pytest.approx(alone[1][0], abs=0.5)


def test_with_the_prompt_cut_into_chunks(model, alone):
    with ServerProcess(model, "--max_seq_len", "2048", "--max_num_tokens", "48",
                       yaml="enable_chunked_prefill: true") as server:
        assert answer(server) == alone


def test_with_one_thread(model, alone):
    with ServerProcess(model, "--max_seq_len", "2048", "--num_threads", "1") as server:
        assert answer(server) == alone


def test_under_pressure_of_a_tiny_cache(model, alone):
    yaml = "kv_cache_config: {max_tokens: 2048}\nscheduler_config: {capacity_scheduler_policy: MAX_UTILIZATION}\n"
    with ServerProcess(model, "--max_seq_len", "2048", yaml=yaml) as server:
        with ThreadPoolExecutor(6) as pool:
            futures = [pool.submit(answer, server) for _ in range(2)]
            others = [pool.submit(server.post, "/v1/completions", {
                "model": "m", "prompt": f"{index} story:", "max_tokens": 400, "ignore_eos": True}) for index in range(4)]
            assert [future.result() for future in futures] == [alone, alone]
            assert all(other.result().status_code == 200 for other in others)


def test_different_seeds_differ(server, alone):
    assert answer(server, seed=8) != alone
