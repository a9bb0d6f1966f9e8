"""Our server as a child process, looked at from outside."""

import os
import re
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import httpx
from bench import Bench
from catalogue import Model
from children import flags

# A small explicit cache: room for 32 sequences of 256 tokens. Prompts repeat from one load to the next, and a cached
# prefix would make the later ones look fast.
OPTIONS = """\
kv_cache_config:
  max_tokens: 8192
  enable_block_reuse: false
"""
LONGEST_SEQUENCE = 512
READY_SECONDS = 120


class Server:
    """`with Server(bench, model) as server:` is ready for requests.

    A plain one has no options but its address, and isn't waited for.
    """

    def __init__(self, bench: Bench, model: Model, plain: bool = False):
        self.folder = tempfile.TemporaryDirectory()
        self.log = Path(self.folder.name) / "log"
        self.port = free_port()
        command = [
            bench.binaries / "trtllm-serve", "serve", model.path, *flags(host="127.0.0.1", port=self.port)]
        if not plain:
            options = Path(self.folder.name) / "options.yaml"
            options.write_text(OPTIONS)
            command += flags(
                num_threads=bench.threads, max_seq_len=LONGEST_SEQUENCE, extra_llm_api_options=options)
        with self.log.open("w") as log:
            self.started = time.monotonic()
            self.process = subprocess.Popen(
                [str(part) for part in command], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                # No engine is written while something is measured.
                env={**os.environ, "TRTLLM_SERVE_ENGINE_CACHE_LIMIT": "0"})
        if not plain:
            self.wait_until_ready()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(40)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.folder.cleanup()

    def check_running(self):
        if self.process.poll() is not None or time.monotonic() - self.started > READY_SECONDS:
            text = self.log.read_text(errors="replace")[-2000:]
            self.__exit__()
            raise SystemExit(f"the server didn't start:\n{text}")

    def wait_until_ready(self):
        while True:
            self.check_running()
            try:
                if httpx.get(self.url + "/health").status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.05)

    def cpu_seconds(self) -> float:
        """Processor time so far, in user and system mode."""
        # The program's name, in parentheses, may itself hold spaces.
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def idle_cpu_seconds(self, seconds: float) -> float:
        """Processor time over some seconds, after as many seconds without requests."""
        time.sleep(seconds)
        before = self.cpu_seconds()
        time.sleep(seconds)
        return self.cpu_seconds() - before

    def peak_bytes(self) -> int:
        """The most memory that was ever resident."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) * 1024

    def cache_bytes(self) -> int:
        """The KV cache's size, as the log has it."""
        return int(re.search(r"\bbytes=(\d+) .*KV cache: ", self.log.read_text())[1])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
