"""Small vocabularies of every kind that published families use, trained with their settings.

`make(folder)` writes one folder for each, with `tokenizer.json` and, where a family has one, `tokenizer_config.json`.
"""

import io
import json
import os
import pathlib
import string
import tempfile
import unicodedata

import sentencepiece
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

SENTENCES = """
The quick brown fox jumps over the lazy dog; it's 12:45 on 2024-02-29, isn't it? We'll see what they've done, I'm sure.
def main(argv: list[str]) -> int:\n    for index, value in enumerate(argv):\n        print(f"{index}: {value!r}")\n    return 0
Être ou ne pas être, voilà la question. L'été, à Noël, où ça ? Ça coûte 1 234,56 € déjà.
Übergrößenträger und Füße: Straße, Öl, Äpfel; die Königin heißt Änne. Das kostet 3.141.592 Mark.
El niño comió piñas mañana, ¿verdad? ¡Claro que sí! Año 2025, código 007.
Съешь же ещё этих мягких французских булок, да выпей чаю. Широкая электрификация южных губерний.
Ξεσκεπάζω την ψυχοφθόρα βδελυγμία. Η γλώσσα είναι όμορφη.
敏捷的棕色狐狸跳过了懒狗。今天是二〇二四年，天气很好，我们去公园吧！
色は匂へど散りぬるを、我が世誰ぞ常ならむ。カタカナとひらがなと漢字を混ぜる。
다람쥐 헌 쳇바퀴에 타고파. 오늘 날씨가 참 좋네요, 그렇죠?
مرحبا بالعالم، كيف حالك اليوم؟ هذا نص عربي طويل بعض الشيء.
שלום עולם, מה שלומך היום? זהו טקסט בעברית.
नमस्ते दुनिया, आज मौसम बहुत अच्छा है। हम साथ में खेलेंगे।
สวัสดีชาวโลก วันนี้อากาศดีมาก เราไปเที่ยวกันเถอะ
Zażółć gęślą jaźń, chwała Bogu. Příliš žluťoučký kůň úpěl ďábelské ódy. Ağaç, ışık, İstanbul, çiğ.
Emoji: 😀 👍🏽 👩‍👩‍👧‍👦 🇩🇪 ❤️ ✈️ and signs: → ≠ ∑ ½ ² ™ © № ﬁ ﬂ Ⅷ ①
SELECT name, COUNT(*) FROM users WHERE age >= 18 GROUP BY name HAVING COUNT(*) > 1000000;
{"name": "trtllm", "values": [1, 22, 333, 4444, 55555], "nested": {"true": false, "null": null}}
https://example.org/path/to/file.html?query=a%20b&lang=en#fragment user@example.com C:\\Windows\\System32
for (int i = 0; i < 100; ++i) {\n\tsum += array[i] * 0x1F;  // tab and two spaces\n}\n\n\n
""".strip().split("\n")
SENTENCES = [line.replace("\\n", "\n").replace("\\t", "\t") for line in SENTENCES]

LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
    r"|\s+(?!\S)|\s+"
)
QWEN2 = LLAMA3.replace(r"\p{N}{1,3}", r"\p{N}")
O200K = "|".join(
    [
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
        r"\p{N}{1,3}",
        r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
        r"\s*[\r\n]+",
        r"\s+(?!\S)",
        r"\s+",
    ]
)
TEKKEN = (
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"
    r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*"
    r"|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
KIMI = "|".join([r"[\p{Han}]+", O200K.replace(r"\p{Lo}", r"\p{Lo}&&[^\p{Han}]")])
DEEPSEEK = (
    r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+"
    r"| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
CL100K = (
    r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+"
)
BLOOM = " ?[^(\\s|[.,!?…。，、।۔،])]+"
CLIP = r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"

BYTES = pre_tokenizers.ByteLevel.alphabet()
SPLIT, BYTE = pre_tokenizers.Split, pre_tokenizers.ByteLevel


def regex(expression, behavior="isolated", invert=False):
    return SPLIT(Regex(expression), behavior, invert)


def small_rules(folds_case):
    """A few hundred of the rules that SentencePiece has by the name of nmt_nfkc, as lines of its own format."""
    rules = {"\r\n": " ", "\t": " ", "\n": " ", "\r": " ", "\u200b": " ", "\u0007": "", "\u00ad": ""}
    for point in [*range(0xA0, 0x180), *range(0x2000, 0x2070), *range(0x2100, 0x2200), *range(0x3000, 0x3100),
                  *range(0xFB00, 0xFB07), *range(0xFF01, 0xFF60)]:
        text = chr(point)
        folded = unicodedata.normalize("NFKC", text)
        folded = folded.casefold() if folds_case else folded
        if folded != text:
            rules[text] = folded
        apart = unicodedata.normalize("NFD", text)
        if len(apart) > 1:
            rules[apart] = folded
    if folds_case:
        rules.update((letter, letter.lower()) for letter in string.ascii_uppercase)

    def spelled(text):
        return " ".join(f"{ord(character):X}" for character in text)

    return "".join(f"{spelled(text)}\t{spelled(folded)}\n" for text, folded in rules.items())


def rule_settings(kind):
    """SentencePiece's own rules where WHOLE_RULES asks for them, which are 200 KB; else some of them."""
    if os.environ.get("WHOLE_RULES"):
        return {"normalization_rule_name": kind}
    file = pathlib.Path(tempfile.gettempdir()) / f"{kind}.{os.getpid()}.tsv"
    file.write_text(small_rules(kind.endswith("_cf")))
    return {"normalization_rule_tsv": str(file)}


def charsmap(kind):
    """Compiled rules."""
    from sentencepiece import sentencepiece_model_pb2 as model

    output = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(SENTENCES), model_writer=output, vocab_size=400, character_coverage=0.98,
        hard_vocab_limit=False, minloglevel=9, **rule_settings(kind),
    )
    proto = model.ModelProto()
    proto.ParseFromString(output.getvalue())
    return proto.normalizer_spec.precompiled_charsmap


def special(*texts, **settings):
    return [AddedToken(text, special=True, normalized=False, **settings) for text in texts]


def bpe(pre, *, normalizer=None, decoder=None, post=None, added=(), size=500, alphabet=BYTES, train=None, **model):
    tokenizer = Tokenizer(models.BPE(**model))
    tokenizer.pre_tokenizer = pre if train is None else train
    if normalizer is not None:
        tokenizer.normalizer = normalizer
    trainer = trainers.BpeTrainer(
        vocab_size=size, initial_alphabet=alphabet, show_progress=False,
        special_tokens=[model["unk_token"]] if model.get("unk_token") else [],
        **{key: model[key] for key in ("continuing_subword_prefix", "end_of_word_suffix") if key in model},
    )
    tokenizer.train_from_iterator(SENTENCES * 2, trainer)
    # The trainer keeps some settings of the model only.
    saved = json.loads(tokenizer.to_str())
    saved["model"].update(model)
    tokenizer = Tokenizer.from_str(json.dumps(saved))
    if pre is not None:
        tokenizer.pre_tokenizer = pre
    else:
        del saved
        tokenizer = without_pre_tokenizer(tokenizer)
    tokenizer.decoder = decoder if decoder is not None else decoders.ByteLevel()
    tokenizer.add_tokens(list(added))
    if post is not None:
        tokenizer.post_processor = post(tokenizer)
    return tokenizer


def without_pre_tokenizer(tokenizer):
    saved = json.loads(tokenizer.to_str())
    saved["pre_tokenizer"] = None
    return Tokenizer.from_str(json.dumps(saved))


def template(first=None, last=None):
    def make(tokenizer):
        parts = [first] if first else []
        parts.append("$A")
        if last:
            parts.append(last)
        return processors.TemplateProcessing(
            single=parts, special_tokens=[(name, tokenizer.token_to_id(name)) for name in {first, last} if name]
        )

    return make


def sentence_piece_bpe(pre, normalizer, decoder, added=(), first="<s>"):
    """BPE over characters with byte pieces, as converted from SentencePiece."""
    tokenizer = bpe(
        None, normalizer=normalizer, alphabet=[], size=700, decoder=decoder, train=pre_tokenizers.Metaspace(),
        unk_token="<unk>", fuse_unk=True, byte_fallback=True,
    )
    saved = json.loads(tokenizer.to_str())
    vocab = {"<unk>": 0, "<s>": 1, "</s>": 2}
    for byte in range(256):
        vocab[f"<0x{byte:02X}>"] = len(vocab)
    for piece in sorted(saved["model"]["vocab"], key=saved["model"]["vocab"].get):
        vocab.setdefault(piece, len(vocab))
    saved["model"]["vocab"] = vocab
    saved["added_tokens"] = []
    tokenizer = Tokenizer.from_str(json.dumps(saved))
    if pre is not None:
        tokenizer.pre_tokenizer = pre
    tokenizer.add_tokens(special("<unk>", "<s>", "</s>") + list(added))
    if first:
        tokenizer.post_processor = template(first)(tokenizer)
    return tokenizer


def unigram(normalizer, pre, *, decoder=None, first=None, last="</s>", added=(), byte_fallback=False, size=600):
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.pre_tokenizer = pre
    if normalizer is not None:
        tokenizer.normalizer = normalizer
    names = ["<pad>", "</s>", "<unk>", "<s>"]
    bytes_ = [f"<0x{byte:02X}>" for byte in range(256)] if byte_fallback else []
    trainer = trainers.UnigramTrainer(
        vocab_size=size + len(bytes_), special_tokens=names + bytes_, unk_token="<unk>", show_progress=False
    )
    tokenizer.train_from_iterator(SENTENCES * 3, trainer)
    saved = json.loads(tokenizer.to_str())
    saved["added_tokens"] = []
    saved["model"]["byte_fallback"] = byte_fallback
    tokenizer = Tokenizer.from_str(json.dumps(saved))
    tokenizer.decoder = decoder or decoders.Metaspace()
    tokenizer.add_tokens(special("<pad>", "</s>", "<unk>", "<s>") + list(added))
    tokenizer.post_processor = template(first, last)(tokenizer)
    return tokenizer


def word_piece(normalizer, pre=None, **decoder):
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre or pre_tokenizers.BertPreTokenizer()
    names = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    tokenizer.train_from_iterator(
        SENTENCES * 2, trainers.WordPieceTrainer(vocab_size=700, special_tokens=names, show_progress=False)
    )
    tokenizer.decoder = decoders.WordPiece(**decoder)
    ids = {name: tokenizer.token_to_id(name) for name in names}
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", ids["[SEP]"]), ("[CLS]", ids["[CLS]"]))
    return tokenizer


def word_level(pre, decoder=None, normalizer=None, added=()):
    tokenizer = Tokenizer(models.WordLevel(unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre
    if normalizer is not None:
        tokenizer.normalizer = normalizer
    tokenizer.train_from_iterator(
        SENTENCES, trainers.WordLevelTrainer(vocab_size=400, special_tokens=["[UNK]", "<pad>"], show_progress=False)
    )
    if decoder is not None:
        tokenizer.decoder = decoder
    tokenizer.add_tokens(list(added))
    return tokenizer


def families():
    sequence, norms = pre_tokenizers.Sequence, normalizers.Sequence
    nfc = normalizers.NFC()
    bytes_only = BYTE(add_prefix_space=False, use_regex=False)
    gpt2 = BYTE(add_prefix_space=False)
    mark = "\u2581"
    llama_decoder = decoders.Sequence(
        [decoders.Replace(mark, " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    gemma_decoder = decoders.Sequence([decoders.Replace(mark, " "), decoders.ByteFallback(), decoders.Fuse()])
    llama_normalizer = norms([normalizers.Prepend(mark), normalizers.Replace(" ", mark)])
    spaces = [AddedToken(" " * count, normalized=True) for count in range(24, 1, -1)]
    rules = charsmap("nmt_nfkc")
    folding = charsmap("nmt_nfkc_cf")
    ends = special("<|endoftext|>")
    chat = special("<|im_start|>", "<|im_end|>", "<|endoftext|>")
    yield "gpt2", bpe(gpt2, added=ends)
    yield "gpt2-prefix", bpe(BYTE(add_prefix_space=True), added=ends)
    yield "llama3", bpe(
        sequence([regex(LLAMA3), bytes_only]), ignore_merges=True, post=template("<|begin_of_text|>"),
        added=special("<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"),
    )
    yield "qwen2", bpe(sequence([regex(QWEN2), bytes_only]), normalizer=nfc, added=chat)
    yield "gpt4", bpe(sequence([regex(CL100K), bytes_only]), added=ends)
    yield "gpt4o", bpe(sequence([regex(O200K, "removed", True), bytes_only]), added=ends)
    yield "tekken", bpe(sequence([regex(TEKKEN), bytes_only]), ignore_merges=True, added=special("<s>", "[INST]"))
    yield "kimi", bpe(sequence([regex(KIMI), bytes_only]), added=special("[BOS]", "[EOS]", "<|im_end|>"))
    yield "deepseek-v3", bpe(
        sequence([regex(r"\p{N}{1,3}"), regex("[一-龥\u3040-ゟ゠-ヿ]+"), regex(DEEPSEEK), bytes_only]),
        added=special("<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>")
        + [AddedToken("<｜User｜>", normalized=False), AddedToken("<think>", normalized=True)],
        post=template("<｜begin▁of▁sentence｜>"),
    )
    yield "deepseek-coder", bpe(
        sequence(
            [
                regex("[\r\n]"), regex("\\s?\\p{L}+"), regex("\\s?\\p{P}+"), regex("[一-龥ࠀ-一가-\ud7ff]+"),
                pre_tokenizers.Digits(True), bytes_only,
            ]
        ),
        added=special("<|EOT|>"),
    )
    yield "falcon", bpe(
        sequence(
            [
                pre_tokenizers.Punctuation("contiguous"), gpt2, pre_tokenizers.Digits(False),
                regex("[0-9][0-9][0-9]"),
            ]
        ),
        added=ends,
    )
    yield "starcoder2", bpe(sequence([pre_tokenizers.Digits(True), gpt2]), added=special("<fim_prefix>", "<repo_name>"))
    yield "command-r", bpe(
        sequence([pre_tokenizers.Digits(True), gpt2]), normalizer=nfc, post=template("<BOS_TOKEN>"),
        added=special("<BOS_TOKEN>", "<|END_OF_TURN_TOKEN|>"),
    )
    yield "neox", bpe(gpt2, normalizer=nfc, added=ends + spaces)
    yield "codegen", bpe(gpt2, added=ends + spaces + [AddedToken("\t\t"), AddedToken("word", single_word=True)])
    yield "roberta", bpe(
        gpt2, added=special("<s>", "</s>", "<pad>") + special("<mask>", lstrip=True),
        post=lambda made: processors.RobertaProcessing(
            ("</s>", made.token_to_id("</s>")), ("<s>", made.token_to_id("<s>"))
        ),
    )
    yield "bloom", bpe(sequence([regex(BLOOM), bytes_only]), added=special("<s>", "</s>"))
    yield "clip", bpe(
        sequence([regex(CLIP, "removed", True), BYTE(add_prefix_space=False)]), end_of_word_suffix="</w>",
        normalizer=norms([nfc, normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()]),
        added=special("<|startoftext|>", "<|endoftext|>"), unk_token="<|endoftext|>",
    )
    yield "byte-normalizer", bpe(
        None, normalizer=norms([normalizers.NFKC(), normalizers.ByteLevel()]), train=regex("Ġ?[^Ġ]+"), added=ends
    )
    yield "spelled-digits", bpe(
        sequence([gpt2, pre_tokenizers.Digits(True)]), added=ends, continuing_subword_prefix="##"
    )
    yield "openai-gpt", bpe(
        pre_tokenizers.BertPreTokenizer(), normalizer=normalizers.BertNormalizer(lowercase=True), alphabet=[],
        decoder=decoders.BPEDecoder(suffix="</w>"), unk_token="<unk>", end_of_word_suffix="</w>", size=700,
    )
    yield "llama2", sentence_piece_bpe(None, llama_normalizer, llama_decoder)
    yield "phi3", sentence_piece_bpe(
        None, llama_normalizer, llama_decoder,
        added=[AddedToken("<|end|>", special=True, normalized=False, rstrip=True), AddedToken("<|user|>", rstrip=True)],
    )
    yield "mistral", sentence_piece_bpe(
        pre_tokenizers.Metaspace(prepend_scheme="first", split=False), norms([]), llama_decoder,
        added=special("[INST]", "[/INST]"),
    )
    yield "gemma", sentence_piece_bpe(
        SPLIT(" ", "merged_with_previous"), normalizers.Replace(" ", mark), gemma_decoder,
        added=[AddedToken("\n" * count, normalized=False) for count in range(2, 9)]
        + special("<start_of_turn>", "<end_of_turn>") + [AddedToken("<b>", normalized=False)],
    )
    metaspace = pre_tokenizers.Metaspace
    yield "xlm-r", unigram(
        normalizers.Precompiled(rules), sequence([pre_tokenizers.WhitespaceSplit(), metaspace()]), first="<s>",
        added=special("<mask>", lstrip=True),
    )
    yield "t5", unigram(normalizers.Precompiled(rules), metaspace(), added=special("<extra_id_0>", "<extra_id_1>"))
    yield "albert", unigram(
        norms(
            [
                normalizers.Replace("``", '"'), normalizers.Replace("''", '"'), normalizers.NFKD(),
                normalizers.StripAccents(), normalizers.Lowercase(), normalizers.Precompiled(rules),
                normalizers.Replace(Regex(" {2,}"), " "),
            ]
        ),
        metaspace(prepend_scheme="first"), first="<s>",
    )
    yield "pegasus", unigram(
        norms([normalizers.Precompiled(folding), normalizers.Strip(left=False, right=True), normalizers.Nmt()]),
        metaspace(), added=special("<mask_1>"),
    )
    yield "unigram-bytes", unigram(
        normalizers.Replace(" ", mark), pre_tokenizers.FixedLength(40) if hasattr(pre_tokenizers, "FixedLength")
        else metaspace(prepend_scheme="never", split=False), byte_fallback=True, decoder=gemma_decoder, last=None,
        first="<s>", size=500,
    )
    yield "bert-uncased", word_piece(normalizers.BertNormalizer(lowercase=True))
    yield "bert-cased", word_piece(normalizers.BertNormalizer(lowercase=False), cleanup=False)
    yield "bert-accents", word_piece(normalizers.BertNormalizer(lowercase=True, strip_accents=False))
    yield "electra-plain", word_piece(
        normalizers.BertNormalizer(clean_text=False, handle_chinese_chars=False, lowercase=False, strip_accents=True)
    )
    yield "word-piece-spaces", word_piece(
        norms([normalizers.NFD(), normalizers.Lowercase(), normalizers.StripAccents(), normalizers.Strip()]),
        pre_tokenizers.Whitespace(), prefix="##", cleanup=True,
    )
    yield "word-level", word_level(pre_tokenizers.Whitespace(), normalizer=normalizers.NFKC())
    yield "word-level-parts", word_level(
        sequence(
            [
                pre_tokenizers.CharDelimiterSplit(" "), pre_tokenizers.Punctuation("merged_with_previous"),
                pre_tokenizers.Digits(False), regex("[aeiou]+", "merged_with_next"),
            ]
        ),
        added=[AddedToken("token", single_word=True, lstrip=True, rstrip=True)],
    )
    yield "ctc", word_level(
        regex("", "isolated") if False else SPLIT(Regex("."), "isolated"),
        decoder=decoders.CTC(pad_token="<pad>", word_delimiter_token="|", cleanup=True),
        normalizer=norms([normalizers.Replace(" ", "|"), normalizers.Lowercase()]),
    )


CONFIGURATIONS = {
    "llama3": {"bos_token": "<|begin_of_text|>", "eos_token": "<|eot_id|>", "clean_up_tokenization_spaces": True},
    "qwen2": {
        "add_bos_token": False, "eos_token": "<|im_end|>", "pad_token": "<|endoftext|>",
        "added_tokens_decoder": {},
    },
    "llama2": {
        "add_bos_token": True, "add_eos_token": True, "unk_token": "<unk>",
        **{
            f"{role}_token": {
                "__type": "AddedToken", "content": text, "lstrip": False, "normalized": False, "rstrip": False,
                "single_word": False,
            }
            for role, text in (("bos", "<s>"), ("eos", "</s>"))
        },
    },
    "gemma": {"add_bos_token": True, "bos_token": "<s>", "eos_token": "</s>"},
    "bert-uncased": {"clean_up_tokenization_spaces": True, "cls_token": "[CLS]", "sep_token": "[SEP]"},
}


def make(folder):
    for name, tokenizer in families():
        place = pathlib.Path(folder) / name
        place.mkdir(parents=True, exist_ok=True)
        tokenizer.no_padding()
        tokenizer.save(str(place / "tokenizer.json"), pretty=False)
        if name in CONFIGURATIONS:
            (place / "tokenizer_config.json").write_text(json.dumps(CONFIGURATIONS[name]))
