"""One rank on each of two hosts: network namespaces with a cable between them."""

import contextlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rank_processes import BINARY, LAUNCH
from server_process import ServerProcess, environment_with

FIRST, SECOND = "10.83.7.1", "10.83.7.2"


def shell(command: str, check: bool = True) -> subprocess.CompletedProcess:
    return subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=check)


@pytest.fixture
def namespaces():
    """Names of two hosts that nothing connects yet."""
    names = [f"trtllm-{os.getpid()}-{index}" for index in range(2)]
    if shell(f"ip netns add {names[0]}", check=False).returncode != 0:
        pytest.skip("network namespaces aren't allowed here")
    try:
        shell(f"ip netns add {names[1]}")
        for name in names:
            shell(f"ip -n {name} link set lo up")
        yield names
    finally:
        for name in names:
            shell(f"ip netns del {name}", check=False)


@pytest.fixture
def hosts(namespaces):
    """The same with a cable between them."""
    shell(f"ip link add cable netns {namespaces[0]} type veth peer name cable netns {namespaces[1]}")
    for name, address in zip(namespaces, (FIRST, SECOND)):
        shell(f"ip -n {name} addr add {address}/24 dev cable && ip -n {name} link set cable up")
    return namespaces


@contextlib.contextmanager
def slow_cable(namespaces: list[str], seconds: float, rate: float):
    """The same with a cable through which everything travels so long, and no more than so many bits a second."""
    program = [sys.executable, Path(__file__).parent / "slow_cable.py", namespaces[0], FIRST, namespaces[1], SECOND]
    relay = subprocess.Popen([*program, str(seconds), str(rate)], stdout=subprocess.PIPE, text=True)
    try:
        assert relay.stdout.readline() == "ready\n"
        yield
    finally:
        relay.kill()
        relay.wait()


class TwoHosts(ServerProcess):
    """A server whose second rank is on another host."""

    def __init__(self, model: str, hosts: list[str], *options: str):
        self.hosts = hosts
        shared = {"TRTLLM_WORLD_SIZE": "2", "TRTLLM_RANK_ADDRESS": f"{FIRST}:12010", "TRTLLM_RANK_SECRET": "known to both hosts"}
        options = ("--max_seq_len", "1024", "--num_threads", "1", *options)
        self.second = subprocess.Popen(
            ["ip", "netns", "exec", hosts[1], LAUNCH, BINARY, "serve", model, *options],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            env=environment_with({**shared, "TRTLLM_RANK": "1"}))
        super().__init__(model, *options, launcher=("ip", "netns", "exec", hosts[0], LAUNCH), wait=False,
                         environment={**shared, "TRTLLM_RANK": "0"})
        deadline = time.monotonic() + 120
        while self.ask("/health") != "200":
            assert self.process.poll() is None and time.monotonic() < deadline, self.output()
            time.sleep(0.1)

    def command(self, path: str, body: str | None = None, write: str = "%{http_code}") -> list[str]:
        data = ["-d", body, "-H", "Content-Type: application/json"] if body else []
        return ["ip", "netns", "exec", self.hosts[0], "curl", "-s", "-N", "-m", "60", "-w", write, *data, self.url + path]

    def ask(self, path: str, body: str | None = None, write: str = "%{http_code}") -> str:
        return subprocess.run(self.command(path, body, write), capture_output=True, text=True).stdout


def body(tokens: int, stream: bool = False) -> str:
    return ('{"model":"m","prompt":"The capital of France is","temperature":0,"ignore_eos":true,'
            f'"max_tokens":{tokens},"stream":{str(stream).lower()}}}')


def answer(server: TwoHosts, tokens: int) -> str:
    return json.loads(server.ask("/v1/completions", body(tokens), ""))["choices"][0]["text"]


@pytest.mark.parametrize("layout", ["--tp_size", "--pp_size"])
def test_two_hosts_answer_like_one_until_the_cable_is_cut(model, hosts, layout):
    with ServerProcess(model, "--max_seq_len", "1024", layout, "2") as one_host:
        expected = one_host.client().completions.create(
            model="m", prompt="The capital of France is", max_tokens=24, temperature=0,
            extra_body={"ignore_eos": True}).choices[0].text
    with TwoHosts(model, hosts, layout, "2") as pair:
        assert answer(pair, 24) == expected
        assert "2 ranks on 2 hosts, data by TCP" in pair.output()
        running = subprocess.Popen(pair.command("/v1/completions", body(900, stream=True)), stdout=subprocess.PIPE,
                                   text=True)
        assert running.stdout.readline().startswith("data:")
        shell(f"ip -n {hosts[0]} link set cable down")
        start = time.monotonic()
        rest = running.stdout.read()
        assert time.monotonic() - start < 6
        assert "rank 1 is lost: it hasn't answered" in rest
        assert pair.ask("/health", write="%{http_code}").endswith("503")
        assert pair.process.wait(20) == 1
        assert pair.second.wait(20) == 1
        assert "it hasn't answered" in pair.second.stderr.read()


def milliseconds_per_token(server: TwoHosts) -> float:
    """How long a token takes, without what a request takes besides."""
    def seconds(tokens: int) -> float:
        start = time.monotonic()
        answer(server, tokens)
        return time.monotonic() - start

    seconds(4)
    return min(seconds(20) - seconds(4) for _ in range(3)) / 16 * 1000


@pytest.mark.parametrize("layout,messages", [("--tp_size", 120), ("--pp_size", 2)])
def test_a_slow_cable_changes_no_answer_and_costs_what_it_must(model, namespaces, layout, messages, record_property):
    if not os.access("/dev/net/tun", os.R_OK | os.W_OK):
        pytest.skip("there are no tunnels here")
    figures, answers = {}, {}
    for name, delay, rate in (("fast", 0, 1e10), ("slow", 0.0005, 1e8)):
        with slow_cable(namespaces, delay, rate), TwoHosts(model, namespaces, layout, "2") as pair:
            answers[name] = answer(pair, 24)
            figures[name] = milliseconds_per_token(pair)
    record_property("milliseconds_per_token", figures)
    print(layout, figures)
    assert answers["slow"] == answers["fast"]
    # A token waits for the cable half a millisecond for each of them.
    assert figures["slow"] > 0.5 * messages
