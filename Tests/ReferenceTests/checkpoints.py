"""Checkpoints of random numbers, as published ones lie on disk: `checkpoints.py DIRECTORY [NAME...]`."""

import json
import sys
from pathlib import Path

import torch
import transformers
from transformers import AutoConfig, PreTrainedModel

from architectures import ARCHITECTURES
from random_weights import fill


def build(name: str, config: dict) -> PreTrainedModel:
    """The model that a `config.json` describes, in single precision and with attention in plain operations."""
    fields = {key: value for key, value in config.items() if key not in ("torch_dtype", "dtype", "transformers_version")}
    parsed = AutoConfig.for_model(**fields)
    model = getattr(transformers, config["architectures"][0])._from_config(
        parsed, attn_implementation="eager", dtype=torch.float32
    )
    fill(model, name, ARCHITECTURES[name].gains)
    return model.eval()


def write(name: str, directory: Path, config: dict | None = None) -> None:
    """Writes one checkpoint, unless it is there; its `config.json` says what ours does, not what `transformers` would."""
    config = config or ARCHITECTURES[name].config
    marker = directory / "config.json"
    if marker.exists() and marker.read_text() == written(config):
        return
    directory.mkdir(parents=True, exist_ok=True)
    save(build(name, config), config, directory)


def save(model: PreTrainedModel, config: dict, directory: Path) -> None:
    """Saves a model under the names that published checkpoints have; `config.json` comes last."""
    model.save_pretrained(directory, max_shard_size="20MB")
    (directory / "generation_config.json").unlink(missing_ok=True)
    (directory / "config.json").write_text(written(config))


def written(config: dict) -> str:
    return json.dumps(config, indent=2) + "\n"


if __name__ == "__main__":
    root = Path(sys.argv[1])
    for name in sys.argv[2:] or ARCHITECTURES:
        write(name, root / name)
        print(f"{root / name}: {sum(file.stat().st_size for file in (root / name).iterdir()) / 1e6:.1f} MB", flush=True)
