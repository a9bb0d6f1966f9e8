"""Everything together for a while: chats, completions, clients that leave, bad input, tokenizing, metrics."""

import random
import threading
import time

import httpx

from mutations import CHAT, COMPLETION, Mutator
from server_process import HTTP
from server_state import ServerState, check_given_back

CLIENTS = 12


class Traffic:
    """Clients that do one random thing after the other until told to stop."""

    def __init__(self, server, seed: int):
        self.server, self.seed = server, seed
        self.failures: list[str] = []
        self.counts: dict[str, int] = {}
        self.longest = (0.0, "")
        self.stopping = threading.Event()
        self.lock = threading.Lock()

    def run(self, seconds: float):
        threads = [threading.Thread(target=self.client, args=(index,)) for index in range(CLIENTS)]
        for thread in threads:
            thread.start()
        self.stopping.wait(seconds)
        self.stopping.set()
        for thread in threads:
            thread.join()

    def client(self, index: int):
        generator = random.Random(self.seed * 1009 + index)
        actions = [self.chat, self.complete, self.stream, self.leave, self.damaged, self.tokenize, self.read]
        while not self.stopping.is_set():
            action = generator.choice(actions)
            started = time.monotonic()
            try:
                status = action(generator)
                if status >= 500 and status != 503:
                    raise AssertionError(f"status {status}")
            except Exception as error:
                self.failures.append(f"{action.__name__}: {error!r}")
                self.stopping.set()
            with self.lock:
                self.counts[action.__name__] = self.counts.get(action.__name__, 0) + 1
                self.longest = max(self.longest, (time.monotonic() - started, action.__name__))

    def post(self, path, body) -> int:
        return HTTP.post(self.server.url + path, json=body).status_code

    def chat(self, generator) -> int:
        content = "word " * generator.choice([1, 5, 60])
        return self.post("/v1/chat/completions", {**CHAT, "messages": [{"role": "user", "content": content}],
                                                  "seed": generator.randrange(1000)})

    def complete(self, generator) -> int:
        return self.post("/v1/completions", {**COMPLETION, "prompt": "x " * generator.choice([1, 40, 100]),
                                             "n": generator.randint(1, 3), "max_tokens": generator.randint(1, 16)})

    def stream(self, generator) -> int:
        with HTTP.stream("POST", self.server.url + "/v1/chat/completions", json={
                **CHAT, "stream": True, "max_tokens": generator.randint(1, 16)}) as answer:
            text = answer.read().decode()
            assert answer.status_code != 200 or text.endswith("data: [DONE]\n\n"), text[-200:]
            return answer.status_code

    def leave(self, generator) -> int:
        try:
            with HTTP.stream("POST", self.server.url + "/v1/completions", timeout=generator.choice([0.01, 0.2, 120]), json={
                    "model": "m", "prompt": "a", "max_tokens": 150, "ignore_eos": True,
                    "stream": generator.random() < 0.5}) as answer:
                next(answer.iter_raw())
                return answer.status_code
        except httpx.TimeoutException:
            return 0

    def damaged(self, generator) -> int:
        path, raw = Mutator(self.seed, generator.randrange(1 << 30)).request()
        return HTTP.post(self.server.url + path, content=raw).status_code

    def tokenize(self, generator) -> int:
        return self.post("/tokenize", {"prompt": "some words and 🦄 " * generator.choice([1, 10, 200])})

    def read(self, generator) -> int:
        path = generator.choice(["/health", "/metrics", "/prometheus/metrics", "/v1/models", "/version", "/nothing"])
        return self.server.get(path).status_code


def test_mixed_traffic_leaves_nothing_behind(server, number):
    Traffic(server, number("seed")).run(3)
    before = ServerState.of(server)
    good = server.post("/v1/completions", COMPLETION).json()["choices"]
    traffic = Traffic(server, number("seed") + 1)
    traffic.run(number("minutes") * 60)
    assert not traffic.failures, traffic.failures[:5]
    assert len(traffic.counts) == 7, traffic.counts
    assert traffic.longest[0] <= number("longest-answer"), traffic.longest
    check_given_back(server, before)
    assert server.post("/v1/completions", COMPLETION).json()["choices"] == good
