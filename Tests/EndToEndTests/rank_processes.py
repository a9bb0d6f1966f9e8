"""Looks after the processes of a server that computes its model with several of them."""

import contextlib
import ctypes
import os
import platform
import signal
import threading
import time
from pathlib import Path

import pytest

from server_process import BINARY, ServerProcess

ROOT = Path(__file__).resolve().parents[2]
LAUNCH = str(ROOT / "scripts/trtllm-llmapi-launch")


def workers(server: ServerProcess) -> list[int]:
    """The processes that the server has started, in the order of their ranks."""
    return sorted(children(server.process.pid), key=rank)


def children(parent: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[1]) == parent and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


def rank(process: int) -> int:
    """Which rank a process was started as."""
    variables = Path(f"/proc/{process}/environ").read_bytes().split(b"\0")
    return next((int(text[12:]) for text in variables if text.startswith(b"TRTLLM_RANK=")), 0)


def lives(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_until_gone(processes: list[int], seconds: float = 10):
    """Waits until none of the processes is left."""
    deadline = time.monotonic() + seconds
    while any(lives(process) for process in processes):
        assert time.monotonic() < deadline, f"of {processes}, {[p for p in processes if lives(p)]} are left"
        time.sleep(0.05)


def wait_for_workers(server: ServerProcess, count: int, seconds: float = 30) -> list[int]:
    deadline = time.monotonic() + seconds
    while len(found := workers(server)) < count:
        assert server.process.poll() is None, server.output()
        assert time.monotonic() < deadline, f"{len(found)} of {count} processes have come:\n{server.output()}"
        time.sleep(0.01)
    return found


def shared_memory_files() -> set[str]:
    """What lies in the folders where programs leave shared memory."""
    return {name for name in os.listdir("/dev/shm")}


PEEK, POKE, CONTINUE, REGISTERS, DETACH, SEIZE, INTERRUPT = 1, 4, 7, 12, 17, 0x4206, 0x4207
ALL_CHILDREN = 0x40000000


def trace(request: int, thread: int, address=None, data=None) -> int:
    call = ctypes.CDLL(None, use_errno=True).ptrace
    call.restype = ctypes.c_long
    call.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
    return call(request, thread, address, data)


def computing_thread(process: int, which: str) -> int:
    """`engine` is the one that computes in rank 0; elsewhere `caller` is that which makes a rank's calls, and `pool` one of
    those that help it."""
    name, index = {"engine": ("engine", 0), "caller": ("model-loader", 0), "pool": ("model-loader", 1)}[which]
    return sorted(int(task.name) for task in Path(f"/proc/{process}/task").iterdir()
                  if (task / "comm").read_text().strip() == name)[index]


def spin(process: int, which: str):
    """Has a thread that computes run in a circle, for ever: what it would do next becomes a jump to itself.

    Its process has a copy of that piece of the program of its own.
    """
    thread, program = computing_thread(process, which), os.readlink(f"/proc/{process}/exe")
    code = [tuple(int(border, 16) for border in line.split()[0].split("-"))
            for line in Path(f"/proc/{process}/maps").read_text().splitlines() if "r-xp" in line and line.endswith(program)]
    if platform.machine() != "x86_64" or trace(SEIZE, thread) != 0:
        pytest.skip("threads of other processes can't be changed here")
    registers = (ctypes.c_uint64 * 64)()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        trace(INTERRUPT, thread)
        os.waitpid(thread, ALL_CHILDREN)
        trace(REGISTERS, thread, None, ctypes.addressof(registers))
        place = registers[16]
        # In a library it would hold up others, too.
        if any(first <= place < end for first, end in code):
            word = trace(PEEK, thread, place) & ~0xFFFF | 0xFEEB
            assert trace(POKE, thread, place, word & (1 << 64) - 1) == 0
            trace(DETACH, thread)
            return
        trace(CONTINUE, thread)
        time.sleep(0.003)
    raise AssertionError("the thread was never seen in the program")


@contextlib.contextmanager
def frozen_thread(process: int, which: str):
    """Keeps one thread of a process from running, while all its others go on: see `computing_thread`."""
    thread, is_over, result = computing_thread(process, which), threading.Event(), []

    def hold():
        # Only the thread that traces may ask about what it traces, and nobody else learns of its end before.
        result.append(trace(SEIZE, thread) == 0 and trace(INTERRUPT, thread) == 0)
        is_held.set()
        with contextlib.suppress(ChildProcessError):
            while result[0] and not is_over.is_set():
                found, status = os.waitpid(thread, ALL_CHILDREN | os.WNOHANG)
                if found and (os.WIFEXITED(status) or os.WIFSIGNALED(status)):
                    return
                time.sleep(0.02)
        trace(DETACH, thread)

    is_held = threading.Event()
    holder = threading.Thread(target=hold, daemon=True)
    holder.start()
    try:
        assert is_held.wait(5)
        if not result[0]:
            pytest.skip("threads of other processes can't be stopped here")
        yield
    finally:
        is_over.set()
        holder.join(5)


def kill_all(server: ServerProcess):
    for process in [*children(server.process.pid), server.process.pid]:
        try:
            os.kill(process, signal.SIGKILL)
        except ProcessLookupError:
            pass


__all__ = ["BINARY", "LAUNCH", "ROOT", "children", "frozen_thread", "kill_all", "lives", "rank", "shared_memory_files", "spin",
           "wait_for_workers", "wait_until_gone", "workers"]
