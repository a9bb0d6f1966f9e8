"""Our hidden states, and embeddings made of them, against those of `transformers`, in single precision throughout."""

import numpy as np
import pytest

import gguf_files
import ours
import reference
from architectures import ARCHITECTURES, ENCODERS
from random_weights import seed
from test_logits import TOLERANCE, difference

#: Texts of one batch, of which one lies on both sides of a row chunk's end, at 512 tokens.
LENGTHS = [320, 1, 250, 129]
#: Decoders from which embeddings are made: of all kinds of norms, positions and attention.
DECODERS = ["qwen3", "mistral", "gemma3", "gpt2", "gpt-neox", "deepseek3"]
POOLINGS = ["mean", "cls", "last"]


@pytest.fixture
def texts(name) -> list[np.ndarray]:
    numbers = np.random.default_rng(seed(name)).integers(8, ARCHITECTURES[name].config["vocab_size"], sum(LENGTHS))
    return np.split(numbers, np.cumsum(LENGTHS)[:-1])


@pytest.fixture
def theirs(name, checkpoint, texts) -> dict[str, np.ndarray]:
    model = reference.load(name, checkpoint)
    padding = ARCHITECTURES[name].config.get("pad_token_id") or 0
    return {pooling: reference.embeddings(model, texts, pooling, padding) for pooling in POOLINGS}


@pytest.mark.parametrize("name", ENCODERS)
def test_hidden_states_are_those_of_transformers(name, checkpoint, expected, differences):
    found = difference(ours.vectors(checkpoint, [expected.tokens], "none"), expected.rows)
    differences[name, "hidden states"] = found
    assert found <= TOLERANCE


@pytest.mark.parametrize("name", [*ENCODERS, *DECODERS])
def test_embeddings_are_those_of_transformers(name, checkpoint, texts, theirs, differences):
    found = max(difference(ours.vectors(checkpoint, texts, pooling), theirs[pooling]) for pooling in POOLINGS)
    differences[name, "embeddings"] = found
    assert found <= TOLERANCE


@pytest.mark.parametrize("name", [*ENCODERS, *DECODERS])
def test_texts_in_a_batch_change_no_bit_of_each_other(checkpoint, texts):
    for pooling in POOLINGS:
        together = ours.vectors(checkpoint, texts, pooling)
        alone = np.concatenate([ours.vectors(checkpoint, [text], pooling) for text in texts])
        assert np.array_equal(together, alone)


@pytest.mark.parametrize("name", DECODERS)
def test_chunks_change_no_bit(checkpoint, texts):
    for pooling in POOLINGS:
        whole = ours.vectors(checkpoint, texts, pooling)
        assert np.array_equal(ours.vectors(checkpoint, texts, pooling, "--max_num_tokens", "37"), whole)


@pytest.mark.parametrize("name", ENCODERS)
def test_gguf_files_give_the_embeddings_of_transformers(name, checkpoint, texts, theirs, differences):
    file = checkpoint.with_suffix(".gguf")
    gguf_files.write(name, checkpoint, file)
    found = difference(ours.vectors(file, texts, "mean"), theirs["mean"])
    differences[name, "embeddings, GGUF"] = found
    assert found <= TOLERANCE
