"""Request bodies with damage are answered or refused, each in time, and change nothing for others."""

import time
from concurrent.futures import ThreadPoolExecutor

import httpx

from mutations import COMPLETION, Mutator
from server_process import HTTP
from server_state import ServerState, check_given_back

ALLOWED = {200, 400, 404, 413, 422, 429, 503}
AT_ONCE = 8
BATCH = 100


def send(server, seed: int, index: int) -> tuple[int, float, int]:
    """Status and seconds of one damaged body, and its index."""
    path, raw = Mutator(seed, index).request()
    started = time.monotonic()
    try:
        answer = HTTP.post(server.url + path, content=raw)
    except httpx.HTTPError as error:
        raise AssertionError(f"body {index} of seed {seed} for {path}: {error!r}\n{raw[:500]!r}") from error
    seconds = time.monotonic() - started
    assert answer.status_code in ALLOWED, f"body {index} of seed {seed} for {path}: {answer.status_code}\n{raw[:500]!r}"
    if answer.status_code >= 400:
        body = answer.json()
        message = body["error"]["message"]
        if path == "/v1/messages":
            assert body["type"] == "error" and message
        else:
            assert body["object"] == "error" and message and body["message"] == message
        assert len(message) < 2000, f"body {index} of seed {seed} for {path}: {message[:500]}"
    return answer.status_code, seconds, index


def test_damaged_bodies_are_answered_or_refused(tiny_server, number):
    server = tiny_server
    seed, count = number("seed"), number("bodies")
    good = server.post("/v1/completions", COMPLETION).json()["choices"]
    statuses, longest = [], (0.0, 0)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda index: send(server, seed + 1, index), range(BATCH)))
        before = ServerState.of(server)
        for start in range(0, count, BATCH):
            results = list(pool.map(lambda index: send(server, seed, index), range(start, min(count, start + BATCH))))
            statuses += [status for status, *_ in results]
            longest = max(longest, *((seconds, index) for _, seconds, index in results))
            assert server.post("/v1/completions", COMPLETION).json()["choices"] == good
    # Enough of both: bodies that are all refused at the first byte would try nothing.
    assert statuses.count(200) > count / 20 and statuses.count(400) > count / 4, {s: statuses.count(s) for s in statuses}
    assert longest[0] <= number("longest-answer"), f"body {longest[1]} of seed {seed} took {longest[0]} s"
    check_given_back(server, before)
