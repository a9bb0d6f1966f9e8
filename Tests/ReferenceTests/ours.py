"""What `trtllm-bench logits` and `trtllm-bench embed` compute for a checkpoint."""

import os
import subprocess
import tempfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
BENCH = os.environ.get("TRTLLM_BENCH_BINARY", str(ROOT / ".build/release/trtllm-bench"))


def rows(checkpoint: Path, tokens: np.ndarray, *flags: str) -> np.ndarray:
    """Logits after each token, `[tokens, vocabulary]`."""
    count = len(tokens) + (int(flags[flags.index("--output_len") + 1]) if "--output_len" in flags else 0)
    return run("logits", checkpoint, tokens, *flags).reshape(count, -1)


def vectors(checkpoint: Path, texts: list[np.ndarray], pooling: str, *flags: str) -> np.ndarray:
    """Embeddings of texts that share a batch, `[texts, width]`; with pooling "none" hidden states, `[tokens, width]`."""
    lengths = ",".join(str(len(text)) for text in texts)
    tokens = np.concatenate(texts)
    numbers = run("embed", checkpoint, tokens, "--lengths", lengths, "--pooling", pooling, *flags)
    return numbers.reshape(len(tokens) if pooling == "none" else len(texts), -1)


def run(command: str, checkpoint: Path, tokens: np.ndarray, *flags: str) -> np.ndarray:
    """The numbers that a command writes, with the cache in single precision."""
    with tempfile.TemporaryDirectory() as folder:
        prompt, output = Path(folder, "tokens.i32"), Path(folder, "output.f32")
        tokens.astype("<i4").tofile(prompt)
        arguments = ["--model", str(checkpoint), "--token_ids", str(prompt), "--output", str(output)]
        done = subprocess.run(
            [BENCH, command, *arguments, "--kv_cache_dtype", "float32", *flags],
            capture_output=True, text=True, timeout=300, check=False,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return np.fromfile(output, "<f4")
