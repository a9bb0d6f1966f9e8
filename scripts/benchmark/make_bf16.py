"""A model with matrices of BF16, made from a quantized one: `make_bf16.py MODEL.gguf` prints its path."""

import re
import sys
from pathlib import Path

# `make compare` expands the same models to single precision.
sys.path.append(str(Path(__file__).resolve().parents[1] / "compare"))
from expansion import BF16, ensured  # noqa: E402


def made_from(source: Path) -> Path:
    """The path of the BF16 model beside the quantized one, which it is named after; written unless it is there."""
    name = re.sub(r"(-instruct)?-q\d\w*$", "", source.stem, flags=re.IGNORECASE)
    return ensured(source, source.with_name(f"{name}-bf16.gguf"), BF16)


if __name__ == "__main__":
    print(made_from(Path(sys.argv[1])))
