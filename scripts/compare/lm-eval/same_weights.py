"""The same weights for transformers and for our server: a checkpoint of a quantized file, and a server of a model."""

import os
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

import torch
import transformers

ROOT = Path(__file__).resolve().parents[3]
BINARY = os.environ.get("TRTLLM_SERVE_BINARY", str(ROOT / ".build/release/trtllm-serve"))


def checkpoint(gguf: Path, folder: Path, dtype: torch.dtype) -> Path:
    """The file's weights in a data type, with its tokenizer, as transformers writes them."""
    name = {"gguf_file": gguf.name}
    transformers.AutoTokenizer.from_pretrained(gguf.parent, **name).save_pretrained(folder)
    model = transformers.AutoModelForCausalLM.from_pretrained(gguf.parent, dtype=torch.float32, **name)
    # What was read from a quantized file isn't written by itself.
    vars(model.config).pop("quantization_config", None)
    written = transformers.AutoModelForCausalLM.from_config(model.config, dtype=dtype)
    written.load_state_dict(model.state_dict())
    written.save_pretrained(folder)
    return folder


class Server:
    """Our server of a model, at a port of its own."""

    def __init__(self, model: Path, *flags: str):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self.process = subprocess.Popen(
            [BINARY, "serve", str(model), "--host", "127.0.0.1", "--port", str(port), "--backend", "pytorch",
             "--max_seq_len", "512", *flags], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def __enter__(self):
        for _ in range(1200):
            if self.process.poll() is not None:
                raise SystemExit(f"the server ended with status {self.process.returncode}")
            try:
                urllib.request.urlopen(self.url + "/health", timeout=5)
                return self
            except OSError:
                time.sleep(0.1)
        raise SystemExit("the server isn't ready after two minutes")

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
