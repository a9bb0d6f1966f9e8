"""What `transformers` computes for a checkpoint, kept beside it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import transformers
from transformers import PreTrainedModel

from architectures import ARCHITECTURES, DECODERS
from random_weights import seed

#: Tokens of the compared prompt, more than any window.
LENGTH = 320
#: Tokens of the prompt of greedy decoding, longer than the original context of any scaled rotary embedding here.
GREEDY_PROMPT = 144
GREEDY_LENGTH = 256
#: The least lead of a greedy choice, in shares of the logits' range, for it to be comparable at all.
CLEAR_LEAD = 3e-5


@dataclass(frozen=True)
class Expected:
    """Results of one checkpoint."""

    #: `[LENGTH]`.
    tokens: np.ndarray
    #: `[LENGTH, vocabulary]` of a decoder, hidden states `[LENGTH, width]` of an encoder.
    rows: np.ndarray
    #: The tokens that greedy decoding adds to the first `GREEDY_PROMPT`; none for an encoder.
    greedy: np.ndarray


def expected(name: str, directory: Path) -> Expected:
    """The results for the checkpoint in a directory, computed unless they lie there since it was written."""
    kept = directory / "expected"
    files = [kept / "tokens.i32", kept / "rows.f32", kept / "greedy.i32"]
    written = (directory / "config.json").stat().st_mtime
    if not all(file.exists() and file.stat().st_mtime >= written for file in files):
        kept.mkdir(exist_ok=True)
        result = compute(name, directory)
        for file, numbers in zip(files, (result.tokens, result.rows, result.greedy), strict=True):
            numbers.tofile(file)
    tokens = np.fromfile(files[0], "<i4")
    return Expected(tokens, np.fromfile(files[1], "<f4").reshape(len(tokens), -1), np.fromfile(files[2], "<i4"))


def load(name: str, directory: Path) -> PreTrainedModel:
    """The checkpoint as `transformers` reads it, in single precision and with attention in plain operations."""
    model_class = getattr(transformers, ARCHITECTURES[name].config["architectures"][0])
    model = model_class.from_pretrained(directory, dtype=torch.float32, attn_implementation="eager")
    return model.eval()


def rows(model: PreTrainedModel, tokens: torch.Tensor) -> np.ndarray:
    """Logits, or an encoder's last hidden states, of one sequence."""
    with torch.no_grad():
        output = model(tokens[None])
    return (output.logits if "logits" in output else output.last_hidden_state)[0].float().numpy()


def embeddings(model: PreTrainedModel, texts: list[np.ndarray], pooling: str, padding: int) -> np.ndarray:
    """Vectors of texts, `[texts, width]`, as `sentence-transformers` makes them: of a padded batch, behind its mask."""
    longest = max(len(text) for text in texts)
    tokens = torch.tensor(np.stack([np.pad(text, (0, longest - len(text)), constant_values=padding) for text in texts]))
    mask = torch.tensor([[index < len(text) for index in range(longest)] for text in texts])
    with torch.no_grad():
        states = model.base_model(tokens.long(), attention_mask=mask.long()).last_hidden_state
    if pooling == "mean":
        pooled = (states * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
    else:
        pooled = states[range(len(texts)), 0 if pooling == "cls" else mask.sum(1) - 1]
    return pooled.float().numpy()


def compute(name: str, directory: Path) -> Expected:
    model = load(name, directory)
    vocabulary = ARCHITECTURES[name].config["vocab_size"]
    for attempt in range(8):
        generator = torch.Generator().manual_seed(seed(f"{name}/{attempt}"))
        tokens = torch.randint(8, vocabulary, (LENGTH,), generator=generator)
        if name not in DECODERS:
            return Expected(tokens.numpy().astype("<i4"), rows(model, tokens), np.empty(0, "<i4"))
        greedy, lead = decode(model, tokens[:GREEDY_PROMPT])
        if lead >= CLEAR_LEAD:
            return Expected(tokens.numpy().astype("<i4"), rows(model, tokens), greedy)
    raise AssertionError(f"{name}: every greedy sequence has a choice that is too close to call")


def decode(model: PreTrainedModel, prompt: torch.Tensor) -> tuple[np.ndarray, float]:
    """The greedy continuation of a prompt, and the smallest lead of a choice in shares of the logits' range."""
    model.generation_config.eos_token_id = None
    with torch.no_grad():
        whole = model.generate(
            prompt[None], attention_mask=torch.ones_like(prompt[None]), max_new_tokens=GREEDY_LENGTH, do_sample=False,
            pad_token_id=0,
        )[0]
    greedy = whole[len(prompt):].numpy().astype("<i4")
    logits = rows(model, whole)[len(prompt) - 1:-1]
    assert (logits.argmax(-1) == greedy).all(), "transformers' own cache changes its choices"
    best = np.sort(logits, axis=-1)[:, -2:]
    return greedy, float((best[:, 1] - best[:, 0]).min() / (logits.max() - logits.min()))
