"""Our logits against those of `transformers`, in single precision throughout."""

import numpy as np
import pytest

import ours
from architectures import DECODERS
from reference import GREEDY_LENGTH, GREEDY_PROMPT

pytestmark = pytest.mark.parametrize("name", DECODERS)

#: Largest difference of a logit, in shares of the logits' range.
TOLERANCE = 1e-3


def difference(ours: np.ndarray, theirs: np.ndarray) -> float:
    return float(np.abs(ours - theirs).max() / (theirs.max() - theirs.min()))


def test_logits_are_those_of_transformers(name, checkpoint, expected, differences):
    found = differences[name, "safetensors"] = difference(ours.rows(checkpoint, expected.tokens), expected.rows)
    assert found <= TOLERANCE


@pytest.mark.parametrize("flags", [("--max_num_tokens", "37"), ("--reused_tokens", "96")], ids=["chunks", "reused prefix"])
def test_chunks_and_reused_prefixes_change_no_bit(checkpoint, expected, flags):
    whole = ours.rows(checkpoint, expected.tokens)
    assert np.array_equal(ours.rows(checkpoint, expected.tokens, *flags), whole)
    assert difference(whole, expected.rows) <= TOLERANCE


def test_greedy_tokens_are_those_of_transformers(checkpoint, expected):
    prompt = expected.tokens[:GREEDY_PROMPT]
    rows = ours.rows(checkpoint, prompt, "--output_len", str(GREEDY_LENGTH))
    assert rows[len(prompt) - 1:-1].argmax(-1).tolist() == expected.greedy.tolist()
