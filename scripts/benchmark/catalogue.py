"""The models that are measured, and their files."""

import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from gguf import GGUFReader
from places import ROOT

NAMES = ["smollm2", "gemma3-270m", "qwen2.5-coder-0.5b", "qwen2.5-coder-1.5b"]
SMALLEST = "smollm2"
MIDDLE = "qwen2.5-coder-0.5b"


@dataclass(frozen=True)
class Model:
    name: str
    path: Path

    @property
    def file_bytes(self) -> int:
        return self.path.stat().st_size

    @cached_property
    def vocabulary_size(self) -> int:
        """Rows of the embeddings; shapes are stored innermost first."""
        tensors = GGUFReader(self.path).tensors
        return int(next(tensor for tensor in tensors if tensor.name == "token_embd.weight").shape[1])


def find(name: str) -> Model:
    """The model of a name, fetched unless it is there."""
    output = subprocess.run(
        [ROOT / "scripts/fetch-model", name], check=True, stdout=subprocess.PIPE, text=True).stdout
    return Model(name, Path(output.strip()))
