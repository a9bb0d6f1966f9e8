"""Starts the built server as a child on a free port and stops it like an operator would."""

import os
import re
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import httpx
from openai import AsyncOpenAI, OpenAI

ROOT = Path(__file__).resolve().parents[2]
TINY_MODEL = str(ROOT / "Tests/Fixtures/tiny-models/qwen2.gguf")
# A connection for each request. Clients are dear: each makes a TLS context, which takes more time than most answers.
HTTP = httpx.Client(verify=False, trust_env=False, timeout=120,
                    limits=httpx.Limits(max_connections=None, max_keepalive_connections=0))
BINARY = os.environ.get("TRTLLM_SERVE_BINARY", str(ROOT / ".build/release/trtllm-serve"))

# No test leaves engines where the user's are, nor finds one of an earlier test unless it wants to.
NO_CACHE = {"TRTLLM_SERVE_ENGINE_CACHE": str(Path(tempfile.gettempdir()) / "trtllm-serve-tests-without-engines"),
            "TRTLLM_SERVE_ENGINE_CACHE_LIMIT": "0"}


def environment_with(more: dict[str, str] | None = None) -> dict[str, str]:
    """This process's environment without a cache of engines, and with what a test adds."""
    return {**os.environ, **NO_CACHE, **(more or {})}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def run(*arguments: str, input: bytes = b"", timeout: float = 60, environment=None,
        **options) -> subprocess.CompletedProcess:
    """Runs the program to its end."""
    return subprocess.run([BINARY, *arguments], input=input, capture_output=True, timeout=timeout,
                          env=environment_with(environment), **options)


class ServerProcess:
    """`with ServerProcess(model, "--max_batch_size", "8") as server:` gives a server that is ready."""

    def __init__(self, model: str, *options: str, wait: bool = True, yaml: str | None = None, environment=None,
                 cores: set[int] | None = None, launcher: tuple[str, ...] = ()):
        self.port = free_port()
        self.log = tempfile.NamedTemporaryFile(mode="w+b", suffix=".log")
        arguments = [*launcher, BINARY, "serve", model, "--host", "127.0.0.1", "--port", str(self.port), *options]
        if yaml is not None:
            self.yaml = tempfile.NamedTemporaryFile(mode="w", suffix=".yaml")
            self.yaml.write(yaml)
            self.yaml.flush()
            arguments += ["--extra_llm_api_options", self.yaml.name]
        self.process = subprocess.Popen(
            arguments, stdout=self.log, stderr=self.log, stdin=subprocess.DEVNULL,
            env=environment_with(environment),
            preexec_fn=(lambda: os.sched_setaffinity(0, cores)) if cores else None,
        )
        if wait:
            self.wait_until_ready()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self, **options) -> OpenAI:
        return OpenAI(base_url=self.url + "/v1", api_key="tensorrt_llm", max_retries=0, timeout=120, **options)

    def async_client(self) -> AsyncOpenAI:
        return AsyncOpenAI(base_url=self.url + "/v1", api_key="tensorrt_llm", max_retries=0, timeout=240)

    def get(self, path: str, **options) -> httpx.Response:
        return HTTP.get(self.url + path, **{"timeout": 30, **options})

    def post(self, path: str, body=None, **options) -> httpx.Response:
        return HTTP.post(self.url + path, json=body, **options)

    def wait_until_ready(self, seconds: float = 120):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise AssertionError(f"the server ended with {self.process.returncode}:\n{self.output()}")
            try:
                if self.get("/health").status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.05)
        raise AssertionError(f"the server isn't ready after {seconds} s:\n{self.output()}")

    def wait_until_log(self, words: str, seconds: float = 60):
        """Waits until the log has these words."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if words in self.output():
                return
            time.sleep(0.01)
        raise AssertionError(f"'{words}' didn't come within {seconds} s:\n{self.output()}")

    def output(self) -> str:
        return Path(self.log.name).read_text(errors="replace")

    def iterations(self) -> list[dict]:
        return self.get("/metrics").json()

    def iterations_of(self, requests: int, seconds: float = 60) -> list[dict]:
        """The iterations up to the one that ended so many requests: an answer may be there before its statistics."""
        deadline = time.monotonic() + seconds
        records = []
        while time.monotonic() < deadline:
            records += self.iterations()
            if sum(record["numCompletedRequests"] for record in records) >= requests:
                return records
            time.sleep(0.02)
        raise AssertionError(f"the statistics of {requests} requests didn't come within {seconds} s")

    def wait_until(self, condition, what: str, seconds: float = 60):
        """Waits until the gauges of the Prometheus text, by name without the prefix, fulfil a condition."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            gauges = self.gauges()
            if condition(gauges):
                return
            time.sleep(0.02)
        raise AssertionError(f"{what} didn't come within {seconds} s: {gauges}")

    def gauges(self) -> dict[str, float]:
        """What the Prometheus text says now, histograms left out: `num_requests_running` and the like."""
        lines = re.findall(r"^trtllm_(\w+)\{([^}]*)\} (\S+)$", self.get("/prometheus/metrics").text, re.MULTILINE)
        return {name: float(value) for name, labels, value in lines if 'le="' not in labels}

    def wait_until_active(self, running: int, waiting: int = 0):
        """Waits until the engine has so many running and at least so many waiting requests."""
        self.wait_until(
            lambda now: now["num_requests_running"] >= running and now["num_requests_waiting"] >= waiting,
            f"{running} running and {waiting} waiting requests")

    def memory(self, field: str = "VmRSS") -> int:
        """Bytes of the server's memory, of a kind that the kernel counts."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(field + ":"))

    def context_switches(self) -> int:
        """How often threads of the server have been given or have left a core, of those that live now."""
        count = 0
        for status in Path(f"/proc/{self.process.pid}/task").glob("*/status"):
            try:
                count += sum(int(number) for number in re.findall(r"ctxt_switches:\s+(\d+)", status.read_text()))
            except (FileNotFoundError, ProcessLookupError):
                pass
        return count

    def wait_until_idle(self, seconds: float = 30):
        """Waits until the engine reports no work: the statistics' last record has no active request."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            records = self.iterations()
            if not records:
                return
            time.sleep(0.1)
        raise AssertionError("the engine is still running iterations")

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(35)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise AssertionError(f"the server ignored SIGTERM:\n{self.output()}")
        return self.process.returncode

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is not None:
            print(self.output()[-5000:])
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
