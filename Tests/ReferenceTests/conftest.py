import os
from pathlib import Path

import pytest
import torch
import transformers

import checkpoints
import reference

ROOT = Path(__file__).resolve().parents[2]


def pytest_configure():
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()


#: The largest difference of a number that was found, by checkpoint and kind of file or output.
DIFFERENCES: dict[tuple[str, str], float] = {}


def pytest_terminal_summary(terminalreporter):
    for (name, kind), found in sorted(DIFFERENCES.items()):
        terminalreporter.write_line(f"largest difference: {name} {kind} {found:.1e} of the range")


@pytest.fixture
def differences() -> dict[tuple[str, str], float]:
    return DIFFERENCES


@pytest.fixture(scope="session")
def checkpoint_folder() -> Path:
    """Where the checkpoints are kept from one run to the next."""
    return Path(os.environ.get("TRTLLM_SERVE_REFERENCE", ROOT / "models/reference"))


@pytest.fixture
def checkpoint(name, checkpoint_folder) -> Path:
    directory = checkpoint_folder / name
    checkpoints.write(name, directory)
    return directory


@pytest.fixture
def expected(name, checkpoint) -> reference.Expected:
    return reference.expected(name, checkpoint)
