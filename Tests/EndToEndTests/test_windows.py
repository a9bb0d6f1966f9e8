"""Layers with a window free what fell out of it, which nobody can tell from the answers."""

from server_process import ROOT, ServerProcess

# Six layers in six groups, the last without a window, the others with one of 40 tokens; contexts of 512.
MODEL = str(ROOT / "Tests/Fixtures/tiny-models/gemma3.gguf")
REQUEST = {"model": "m", "prompt": [(7 * index) % 180 + 5 for index in range(440)], "max_tokens": 40, "logprobs": 3,
           "temperature": 0.8, "seed": 3, "ignore_eos": True, "detokenize": False}


def answer(server, **change):
    body = server.post("/v1/completions", {**REQUEST, **change}).json()
    choice = body["choices"][0]
    return (choice["text"], choice["logprobs"]), (body["usage"].get("prompt_tokens_details") or {}).get("cached_tokens")


def test_a_repeated_prompt_of_many_windows_comes_from_the_cache_and_gives_the_same_answer():
    with ServerProcess(MODEL, yaml="kv_cache_config: {enable_block_reuse: false}") as server:
        alone, _ = answer(server)
    with ServerProcess(MODEL) as server:
        first, _ = answer(server)
        second, cached = answer(server)
        assert first == second == alone
        assert cached == 439


def test_a_sequence_that_decodes_holds_only_its_windows():
    with ServerProcess(MODEL) as server:
        answer(server)
        decoding = [record["kvCacheStats"]["usedNumBlocks"] for record in server.iterations_of(requests=1)
                    if record["inflightBatchingStats"]["numGenRequests"] and not record["numCompletedRequests"]]
        # 14 or 15 blocks of 32 tokens in one group, two or three in each of five; without windows it would be 84 or more.
        assert len(decoding) > 30
        assert all(14 + 5 * 2 <= used <= 15 + 5 * 3 for used in decoding)
