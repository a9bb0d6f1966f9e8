"""Many clients at once, and clients that leave."""

import asyncio
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from server_process import HTTP, ServerProcess


def test_32_concurrent_clients(server):
    async def one(client, index):
        stream = await client.chat.completions.create(
            model="Server", messages=[{"role": "user", "content": f"Tell me about the number {index}."}],
            max_tokens=24, temperature=0.7, seed=index, stream=True, stream_options={"include_usage": True})
        text, usage = "", None
        async for chunk in stream:
            usage = chunk.usage or usage
            text += "".join(choice.delta.content or "" for choice in chunk.choices)
        return text, usage.completion_tokens

    async def all_of_them():
        async with server.async_client() as client:
            return await asyncio.gather(*(one(client, index) for index in range(32)))

    first = asyncio.run(all_of_them())
    assert all(text and 1 <= tokens <= 24 for text, tokens in first)
    assert asyncio.run(all_of_them()) == first


def blocks_in_use(server, client):
    """Blocks that requests hold after the iteration of a tiny request that ended when all others were gone."""
    server.wait_until_idle()
    client.completions.create(model="Server", prompt="x", max_tokens=1)
    last = server.iterations_of(requests=1)[-1]
    assert last["numCompletedRequests"] == 1
    return last["kvCacheStats"]["usedNumBlocks"]


def test_abandoned_requests_are_cancelled(server, client):
    def leave(index):
        with pytest.raises(httpx.TimeoutException):
            HTTP.post(server.url + "/v1/completions", timeout=0.3, json={
                "model": "m", "prompt": f"{index} things:", "max_tokens": 1900, "ignore_eos": True,
                "stream": index % 2 == 0})

    def leave_streaming(index):
        with HTTP.stream("POST", server.url + "/v1/completions", timeout=60, json={
                "model": "m", "prompt": f"{index} things:", "max_tokens": 1900, "ignore_eos": True,
                "stream": True}) as stream:
            next(stream.iter_raw())

    with ThreadPoolExecutor(20) as pool:
        jobs = [pool.submit(leave if index % 4 else leave_streaming, index) for index in range(60)]
        outcomes = [job.exception() for job in jobs]
    assert all(outcome is None or "DID NOT RAISE" in str(outcome) for outcome in outcomes), outcomes
    # Had only one of them run on, many more tokens would have been made than those who left can have seen.
    before = server.gauges()["generation_tokens_total"]
    client.completions.create(model="Server", prompt="x", max_tokens=5)
    assert blocks_in_use(server, client) == 0
    after = server.gauges()
    assert after["num_requests_running"] == after["num_requests_waiting"] == 0
    assert after["generation_tokens_total"] - before < 1000


def test_a_client_that_leaves_while_queued(model):
    with ServerProcess(model, "--max_batch_size", "1", "--max_seq_len", "4096") as server:
        body = b'{"model":"m","prompt":"a","max_tokens":3000,"ignore_eos":true}'
        head = b"POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % len(body)
        sockets = []
        for _ in range(5):
            connection = socket.create_connection(("127.0.0.1", server.port))
            connection.sendall(head + body)
            sockets.append(connection)
        server.wait_until_active(1, waiting=4)
        for connection in sockets:
            connection.close()
        answer = server.post("/v1/completions", {"model": "m", "prompt": "x", "max_tokens": 2})
        assert answer.status_code == 200
        server.wait_until_idle()


def test_health_answers_under_load(server):
    with ThreadPoolExecutor(17) as pool:
        jobs = [pool.submit(server.post, "/v1/completions", {
            "model": "m", "prompt": "y " * 900, "max_tokens": 30, "ignore_eos": True}) for _ in range(16)]
        checked = 0
        while not all(job.done() for job in jobs):
            assert server.get("/health").status_code == 200
            checked += 1
        assert checked > 3
        assert all(job.result().status_code == 200 for job in jobs)


def test_a_full_queue_refuses_with_429(model):
    with ServerProcess(model, "--max_batch_size", "1", "--max_queue_size", "2") as server:
        body = {"model": "m", "prompt": "a", "max_tokens": 300, "ignore_eos": True, "stream": True}
        with ThreadPoolExecutor(12) as pool:
            answers = list(pool.map(lambda _: server.post("/v1/completions", body), range(12)))
        statuses = [answer.status_code for answer in answers]
        assert set(statuses) == {200, 429}
        refused = next(answer for answer in answers if answer.status_code == 429)
        assert refused.headers["retry-after"]
        assert "2" in refused.json()["message"]


def test_a_long_prefill_does_not_freeze_running_streams(model):
    """While a 4,000-token prompt is computed, a running stream keeps getting tokens."""
    with ServerProcess(model, "--max_seq_len", "8192") as server:
        with HTTP.stream("POST", server.url + "/v1/completions", timeout=120, json={
                "model": "m", "prompt": "a", "max_tokens": 4000, "ignore_eos": True, "stream": True}) as stream:
            parts = stream.iter_raw()
            next(parts)
            with ThreadPoolExecutor(1) as pool:
                long = pool.submit(server.post, "/v1/completions", {
                    "model": "m", "prompt": "word " * 4000, "max_tokens": 1})
                during = 0
                while not long.done():
                    next(parts)
                    during += 1
            assert long.result().status_code == 200
            assert during >= 5


def test_an_idle_server_comes_to_rest(server):
    """Once the work is done no thread polls: there comes a second in which hardly any is given a core."""
    server.wait_until_idle()
    # Something stays to be done for a while: pages of the KV cache are made in the background.
    for _ in range(60):
        before = server.context_switches()
        time.sleep(1)
        switches = server.context_switches() - before
        if 0 <= switches <= 5:
            return
    raise AssertionError(f"{switches} context switches in the last second")
