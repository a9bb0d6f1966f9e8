"""The same checkpoints as GGUF files, where llama.cpp has names for what they are."""

import pytest

import checkpoints
import gguf_files
import ours
import reference
from architectures import DECODERS
from test_logits import TOLERANCE, difference


@pytest.mark.parametrize("name", [name for name in gguf_files.CONVERTED if name in DECODERS])
def test_gguf_files_give_the_logits_of_transformers(name, checkpoint_folder, differences):
    directory = checkpoint_folder / (f"{name}-as-gguf" if name in gguf_files.CHANGES else name)
    checkpoints.write(name, directory, gguf_files.config(name))
    file = directory.with_suffix(".gguf")
    gguf_files.write(name, directory, file)
    expected = reference.expected(name, directory)
    found = differences[name, "GGUF"] = difference(ours.rows(file, expected.tokens), expected.rows)
    assert found <= TOLERANCE
