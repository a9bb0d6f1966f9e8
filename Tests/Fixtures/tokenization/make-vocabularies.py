"""What the reference libraries make of hard texts, for the tests.

    python make-vocabularies.py                      writes vocabularies/: small vocabularies with texts and ids
    python make-vocabularies.py FOLDER COUNT SEED    writes expected.json, of COUNT texts, into each folder in FOLDER
                                                     that has a tokenizer.json, tokenizer.model or tekken.json

The tests run over the latter where TOKENIZER_VOCABULARIES names FOLDER. Needs tokenizers==0.23.3,
transformers==5.24.0, sentencepiece==0.2.3, tiktoken==0.14.0, mistral_common==1.13.1 and protobuf.
"""

import base64
import json
import pathlib
import sys
import tempfile

import sentencepiece
import tiktoken
from tokenizers import Tokenizer
from transformers import PreTrainedTokenizerFast

import corpus
import vocabularies

HERE = pathlib.Path(__file__).resolve().parent


class Fast:
    """A `tokenizer.json` as the library reads it, or as `transformers` does where there is a configuration."""

    def __init__(self, folder):
        self.core = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.core.no_truncation()
        self.core.no_padding()
        self.whole = None
        if (folder / "tokenizer_config.json").exists():
            self.whole = PreTrainedTokenizerFast.from_pretrained(folder)
            self.core = self.whole.backend_tokenizer
        self.names = [token.content for token in self.core.get_added_tokens_decoder().values()][:200]
        self.size = self.core.get_vocab_size()

    def encode(self, text, special=False, parse=True):
        self.core.encode_special_tokens = not parse
        return self.core.encode(text, add_special_tokens=special).ids

    def decode(self, ids, skip):
        if self.whole is not None:
            return self.whole.decode(ids, skip_special_tokens=skip)
        return self.core.decode(ids, skip_special_tokens=skip)


class SentencePiece:
    def __init__(self, folder):
        self.core = sentencepiece.SentencePieceProcessor(model_file=str(folder / "tokenizer.model"))
        self.size = self.core.vocab_size()
        self.names = [self.core.id_to_piece(id) for id in range(self.size)][3:40]

    def encode(self, text, special=False, parse=False):
        return self.core.encode(text, add_bos=special, add_eos=False)

    def decode(self, ids, skip):
        return self.core.decode([id for id in ids if not self.core.is_control(id)])


class Ranked:
    """Mistral's `tekken.json`, whose words and ranks tiktoken takes."""

    def __init__(self, folder):
        file = json.loads((folder / "tekken.json").read_text())
        config = file["config"]
        self.reserved = config["default_num_special_tokens"]
        count = config["default_vocab_size"] - self.reserved
        ranks = {base64.b64decode(entry["token_bytes"]): entry["rank"] for entry in file["vocab"][:count]}
        self.core = tiktoken.Encoding("tekken", pat_str=config["pattern"], mergeable_ranks=ranks, special_tokens={})
        self.size = config["default_vocab_size"]
        self.names = ["<s>", "[INST]"]

    def encode(self, text, special=False, parse=False):
        ids = [id + self.reserved for id in self.core.encode_ordinary(text)]
        return ([1] if special else []) + ids

    def decode(self, ids, skip):
        return self.core.decode([id - self.reserved for id in ids if id >= self.reserved])


def reference(folder):
    if (folder / "tokenizer.json").exists():
        return Fast(folder)
    return SentencePiece(folder) if (folder / "tokenizer.model").exists() else Ranked(folder)


def expected(folder, count, seed):
    tokenizer = reference(folder)
    parses = isinstance(tokenizer, Fast)
    texts = corpus.texts(seed, count, tokenizer.names)
    ids = [tokenizer.encode(text) for text in texts]
    lists = corpus.id_lists(seed, count // 2, tokenizer.size, ids)
    if isinstance(tokenizer, Ranked):
        # Their bytes needn't be text where special tokens are left out, so they are left out before.
        lists = [[id for id in found if id >= tokenizer.reserved] for found in lists]
    made = {
        "texts": texts,
        "ids": ids,
        "template": tokenizer.encode("a", special=True),
        "lists": lists,
        "decoded": [tokenizer.decode(found, True) for found in lists],
    }
    if parses:
        made["withoutSpecial"] = [tokenizer.encode(text, parse=False) for text in texts]
        made["decodedWhole"] = [tokenizer.decode(found, False) for found in lists]
    return made


def sentence_piece(folder):
    """SentencePiece models with and without byte pieces, squeezed spaces and rules."""
    kinds = [
        ("sp-bpe", "bpe", dict(byte_fallback=True, normalization_rule_name="identity", remove_extra_whitespaces=False)),
        ("sp-bpe-rules", "bpe", dict(**vocabularies.rule_settings("nmt_nfkc"), user_defined_symbols=["<user>", "\u2581\u2581"])),
        ("sp-unigram", "unigram", dict(**vocabularies.rule_settings("nmt_nfkc"), user_defined_symbols=["<user>", "token"])),
        ("sp-unigram-bytes", "unigram", dict(byte_fallback=True, add_dummy_prefix=False, **vocabularies.rule_settings("nmt_nfkc"))),
    ]
    for name, kind, settings in kinds:
        place = folder / name
        place.mkdir(parents=True, exist_ok=True)
        with open(place / "tokenizer.model", "wb") as file:
            sentencepiece.SentencePieceTrainer.train(
                sentence_iterator=iter(vocabularies.SENTENCES * 2), model_writer=file, vocab_size=800, model_type=kind,
                hard_vocab_limit=False, minloglevel=9, **settings,
            )


def tekken(folder):
    """Ranked bytes in Mistral's format, of merges that were trained."""
    trained = dict(vocabularies.families())["tekken"]
    alphabet = {character: byte for byte, character in enumerate(byte_alphabet())}
    added = {token.content for token in trained.get_added_tokens_decoder().values()}
    pieces = [bytes([byte]) for byte in range(256)]
    for text, _ in sorted(trained.get_vocab().items(), key=lambda item: item[1]):
        if text not in added and len(text) > 1:
            pieces.append(bytes(alphabet[character] for character in text))
    vocab = [
        {"rank": rank, "token_bytes": base64.b64encode(piece).decode(), "token_str": None}
        for rank, piece in enumerate(pieces)
    ]
    config = {
        "pattern": vocabularies.TEKKEN, "num_vocab_tokens": len(vocab), "default_vocab_size": len(vocab) + 30,
        "default_num_special_tokens": 30, "version": "v3",
    }
    place = folder / "tekken-ranked"
    place.mkdir(parents=True, exist_ok=True)
    (place / "tekken.json").write_text(json.dumps({"config": config, "vocab": vocab}))


def byte_alphabet():
    kept = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = iter(range(0x100, 0x200))
    return [chr(byte) if byte in kept else chr(next(others)) for byte in range(256)]


def fixtures():
    target = HERE / "vocabularies"
    target.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        vocabularies.make(folder)
        sentence_piece(folder)
        tekken(folder)
        for place in sorted(folder.iterdir()):
            made = expected(place, 70, 1)
            for file in place.iterdir():
                if file.suffix == ".json":
                    made[file.name] = json.loads(file.read_text())
                else:
                    made[file.name] = base64.b64encode(file.read_bytes()).decode()
            text = json.dumps(made, ensure_ascii=False, separators=(",", ":"))
            (target / f"{place.name}.json").write_text(text + "\n")


if __name__ == "__main__":
    if len(sys.argv) == 1:
        fixtures()
    else:
        for place in sorted(pathlib.Path(sys.argv[1]).iterdir()):
            made = expected(place, int(sys.argv[2]), int(sys.argv[3]))
            (place / "expected.json").write_text(json.dumps(made, ensure_ascii=False))
