"""What `trtllm-bench logits` computes for a checkpoint."""

import os
import subprocess
import tempfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
BENCH = os.environ.get("TRTLLM_BENCH_BINARY", str(ROOT / ".build/release/trtllm-bench"))


def rows(checkpoint: Path, tokens: np.ndarray, *flags: str) -> np.ndarray:
    """Logits after each token, `[tokens, vocabulary]`, with the cache in single precision."""
    with tempfile.TemporaryDirectory() as folder:
        prompt, output = Path(folder, "tokens.i32"), Path(folder, "logits.f32")
        tokens.astype("<i4").tofile(prompt)
        command = [BENCH, "logits", "--model", str(checkpoint), "--token_ids", str(prompt), "--output", str(output)]
        done = subprocess.run(
            [*command, "--kv_cache_dtype", "float32", *flags], capture_output=True, text=True, timeout=300, check=False
        )
        assert done.returncode == 0, done.stderr[-2000:]
        count = len(tokens) + (int(flags[flags.index("--output_len") + 1]) if "--output_len" in flags else 0)
        return np.fromfile(output, "<f4").reshape(count, -1)
