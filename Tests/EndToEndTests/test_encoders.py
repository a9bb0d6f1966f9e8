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


TEXTS = ["hello world", "word1 word2 word3", "world"]


def test_embeddings_have_length_one_and_come_in_order(server):
    client = server.client()
    answer = client.embeddings.create(model="bert", input=TEXTS, encoding_format="float")
    vectors = [entry.embedding for entry in answer.data]
    assert [entry.index for entry in answer.data] == [0, 1, 2]
    for vector in vectors:
        assert abs(sum(number * number for number in vector) - 1) < 1e-5
    tokens = [server.post("/tokenize", {"prompt": text}).json()["tokens"] for text in TEXTS]
    assert answer.usage.prompt_tokens == answer.usage.total_tokens == sum(map(len, tokens))
    alone = client.embeddings.create(model="bert", input=TEXTS[1], encoding_format="float")
    assert alone.data[0].embedding == vectors[1]
    as_ids = client.embeddings.create(model="bert", input=tokens, encoding_format="float")
    assert [entry.embedding for entry in as_ids.data] == vectors
    # Without being asked otherwise the client wants base64 and decodes it.
    packed = client.embeddings.create(model="bert", input=TEXTS)
    for entry, vector in zip(packed.data, vectors, strict=True):
        assert entry.embedding == pytest.approx(vector)


def test_embeddings_are_cut_to_fewer_dimensions(server):
    client = server.client()
    whole = client.embeddings.create(model="bert", input="hello", encoding_format="float").data[0].embedding
    cut = client.embeddings.create(model="bert", input="hello", encoding_format="float", dimensions=4).data[0].embedding
    length = sum(number * number for number in whole[:4]) ** 0.5
    assert cut == pytest.approx([number / length for number in whole[:4]], abs=1e-6)
    reply = server.post("/v1/embeddings", {"model": "bert", "input": "hello", "dimensions": len(whole) + 1})
    assert reply.status_code == 400 and str(len(whole)) in reply.json()["message"]


def test_many_inputs_fill_batches(server):
    server.iterations()
    inputs = [f"word{index % 57} hello" for index in range(300)]
    answer = server.post("/v1/embeddings", {"model": "bert", "input": inputs}).json()
    assert len(answer["data"]) == 300
    assert answer["data"][3]["embedding"] == answer["data"][60]["embedding"]
    assert len(server.iterations()) < 150


def test_documents_are_reranked_and_pairs_scored(server):
    body = {"model": "bert", "query": "hello world", "documents": [*TEXTS, {"text": "hello world"}]}
    results = server.post("/v1/rerank", body).json()["results"]
    scores = [result["relevance_score"] for result in results]
    assert scores == sorted(scores, reverse=True) and scores[0] == pytest.approx(1)
    assert {result["index"] for result in results[:2]} == {0, 3}
    assert len(server.post("/v1/rerank", {**body, "top_n": 1}).json()["results"]) == 1
    pairs = server.post("/v1/score", {"model": "bert", "text_1": "hello world", "text_2": TEXTS}).json()["data"]
    by_index = {result["index"]: result["relevance_score"] for result in results}
    assert [pair["score"] for pair in pairs] == pytest.approx([by_index[index] for index in range(3)])


def test_an_encoder_is_healthy_when_it_makes_embeddings(server):
    reply = server.get("/health_generate")
    assert (reply.status_code, reply.text) == (200, "Generation health check OK")
    assert server.get("/server_info").json()["embeddings"] is True


def test_a_text_that_is_too_long_is_refused(server):
    reply = server.post("/v1/embeddings", {"model": "bert", "input": "hello " * 5000})
    assert reply.status_code == 400 and reply.json()["param"] == "input"
