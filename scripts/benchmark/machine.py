"""What a run was made on and against."""

import os
import re
from importlib.metadata import version
from pathlib import Path


def describe(threads: int, probe: dict) -> dict:
    """The machine; `probe` is what `trtllm-bench probe` says of it."""
    return {
        "cpu": cpu_name(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "l3_bytes": last_level_cache(),
        "threads": threads,
        "kernels": probe["kernels"],
        "probe": probe,
    }


def peers() -> dict:
    return {
        "llama.cpp": {"llama-cpp-python": version("llama-cpp-python")},
        "OpenVINO GenAI": {"openvino-genai": version("openvino-genai"), "openvino": version("openvino")},
    }


def cpu_name() -> str:
    found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return found[1] if found else "unknown"


def last_level_cache() -> int | None:
    """Bytes of the first core's third-level cache, where the system tells."""
    size = Path("/sys/devices/system/cpu/cpu0/cache/index3/size")
    return int(size.read_text().strip().removesuffix("K")) << 10 if size.exists() else None
