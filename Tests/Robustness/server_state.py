"""What a server must give back when its clients are gone: blocks, descriptors, memory."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

# Bytes by which memory may stay higher: what the allocator keeps of freed pieces that lie between others.
SLACK = 96 << 20


@dataclass
class ServerState:
    resident: int
    descriptors: int

    @classmethod
    def of(cls, server) -> "ServerState":
        """Once everything has been given back; fails when that doesn't happen within a minute."""
        server.wait_until(
            lambda now: now["num_requests_running"] == now["num_requests_waiting"] == now["kv_cache_used_blocks"] == 0,
            "an engine without requests and blocks in use")
        wait_until_pages_are_made(server)
        return cls(settled(lambda: resident_bytes(server)), settled(lambda: descriptors(server)))


def wait_until_pages_are_made(server, seconds: float = 600):
    """The KV cache's pages are made by a thread that runs only when no other wants the core, and until then memory grows."""
    deadline = time.monotonic() + seconds
    while any(policy(int(task.name)) == os.SCHED_IDLE for task in Path(f"/proc/{server.process.pid}/task").iterdir()):
        assert time.monotonic() < deadline, f"the KV cache has no pages after {seconds} s"
        time.sleep(0.1)


def policy(thread: int) -> int | None:
    try:
        return os.sched_getscheduler(thread)
    except ProcessLookupError:
        return None


def status_bytes(server, field: str) -> int:
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith(field + ":"))


def resident_bytes(server) -> int:
    return status_bytes(server, "VmRSS")


def descriptors(server) -> int:
    return len(list(Path(f"/proc/{server.process.pid}/fd").iterdir()))


def settled(measure, seconds: float = 60) -> int:
    """The value once it has stayed, but for a thousandth, for two seconds."""
    deadline = time.monotonic() + seconds
    values = [measure()]
    while time.monotonic() < deadline:
        time.sleep(0.5)
        values = [*values[-4:], measure()]
        if len(values) == 5 and max(values) - min(values) <= max(values) // 1000:
            return values[-1]
    return values[-1]


def check_given_back(server, before: ServerState):
    """Everything is as it was, and the server answers as it did."""
    after = ServerState.of(server)
    assert after.descriptors <= before.descriptors, f"{before} became {after}"
    assert after.resident <= before.resident + SLACK, f"{before} became {after}"
    assert server.get("/health").status_code == 200
