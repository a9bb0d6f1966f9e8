"""The checkpoints are fit for comparing: what they hold is what was made, and each of their features shows."""

import numpy as np
import pytest
import torch

import checkpoints
import reference
from architectures import ARCHITECTURES, DECODERS
from test_logits import TOLERANCE, difference


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_configurations_as_published_describe_the_model(name, checkpoint, expected):
    made = checkpoints.build(name, ARCHITECTURES[name].config)
    assert np.array_equal(reference.rows(made, torch.from_numpy(expected.tokens.astype(np.int64))), expected.rows)


@pytest.mark.parametrize(
    ("name", "feature"), [(name, feature) for name, made in ARCHITECTURES.items() for feature in made.without]
)
def test_every_feature_changes_logits_far_beyond_the_tolerance(name, feature, expected):
    architecture = ARCHITECTURES[name]
    other = checkpoints.build(name, architecture.changed(architecture.without[feature]))
    tokens = torch.from_numpy(expected.tokens.astype(np.int64))
    assert difference(reference.rows(other, tokens), expected.rows) > 20 * TOLERANCE


@pytest.mark.parametrize("name", DECODERS)
def test_greedy_decoding_does_not_repeat_itself(name, expected):
    assert len(set(expected.greedy.tolist())) >= 12
