"""What a server answers whose model makes embeddings only."""

import json
import shutil

import pytest

from server_process import ROOT, ServerProcess

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
WORDS = SPECIAL + ["hello", "world", "##s"] + [f"word{index}" for index in range(57)]


def tokenizer() -> dict:
    """The WordPiece vocabulary of as many tokens as the fixture has embeddings."""
    template = [{"SpecialToken": {"id": "[CLS]", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}},
                {"SpecialToken": {"id": "[SEP]", "type_id": 0}}]
    return {
        "version": "1.0", "truncation": None, "padding": None,
        "added_tokens": [{"id": index, "content": word, "single_word": False, "lstrip": False, "rstrip": False,
                          "normalized": False, "special": True} for index, word in enumerate(SPECIAL)],
        "normalizer": {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True,
                       "strip_accents": None, "lowercase": True},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {
            "type": "TemplateProcessing", "single": template, "pair": template,
            "special_tokens": {word: {"id": word, "ids": [SPECIAL.index(word)], "tokens": [word]}
                               for word in ("[CLS]", "[SEP]")},
        },
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
        "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                  "max_input_chars_per_word": 100, "vocab": {word: index for index, word in enumerate(WORDS)}},
    }


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    directory = tmp_path_factory.mktemp("encoder") / "bert"
    shutil.copytree(ROOT / "Tests/Fixtures/reference/bert", directory)
    (directory / "tokenizer.json").write_text(json.dumps(tokenizer()))
    with ServerProcess(str(directory)) as server:
        yield server


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(("path", "prompt"), [
    ("/v1/chat/completions", {"messages": [{"role": "user", "content": "hello"}]}),
    ("/v1/completions", {"prompt": "hello"}),
    ("/v1/completions", {"prompt": "hello", "max_tokens": 1, "logprobs": 1}),
])
def test_requests_for_text_are_refused_with_the_reason(server, path, prompt, stream):
    reply = server.post(path, {"model": "bert", "stream": stream, **prompt})
    assert reply.status_code == 400
    assert "this model makes embeddings only" in reply.json()["message"]


def test_the_model_is_listed_and_its_tokenizer_works(server):
    assert [model["id"] for model in server.get("/v1/models").json()["data"]] == ["bert"]
    tokens = server.post("/tokenize", {"model": "bert", "prompt": "Hello worlds"}).json()["tokens"]
    assert tokens == [2, 4, 5, 6, 3]
