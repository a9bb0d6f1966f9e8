"""Makes the tokenization fixtures. Needs: pip install regex==2026.11.15 tokenizers==0.23.3 sentencepiece==0.2.3 protobuf

splits.json         words of cruel texts per pre-tokenizer, by the regex module (expressions as llama.cpp has them)
byte-level.json     a tiny byte-level BPE trained with tokenizers, and ids for three pre-tokenizers
sentencepiece.json  a tiny BPE and a tiny unigram model trained with sentencepiece, and their ids
"""

import io
import json
import random

import regex
import sentencepiece
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

random.seed(11)

# White space as Unicode has it; what Python's \s adds to it (U+001C to U+001F) belongs to no pre-tokenizer.
S = r"\p{White_Space}"
GPT2 = rf"'s|'t|'re|'ve|'m|'ll|'d| ?\p{{L}}+| ?\p{{N}}+| ?[^{S}\p{{L}}\p{{N}}]+|{S}+(?!\P{{White_Space}})|{S}+"
TAIL = rf"|{S}*[\r\n]+|{S}+(?!\P{{White_Space}})|{S}+"
CONTRACTIONS = r"'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD]"
WORD = r"|[^\r\n\p{L}\p{N}]?\p{L}+"
SIGNS = rf"| ?[^{S}\p{{L}}\p{{N}}]+[\r\n]*"
UPPER, LOWER = r"(?:(?=\p{L})[^a-z])", r"(?:(?=\p{L})[^A-Z])"
LEAD = r"[^\r\n\p{L}\p{N}]?"
SLASH_SIGNS = rf"| ?[^{S}\p{{L}}\p{{N}}]+[\r\n/]*"
BLOOM = rf" ?[^({S}|.,!?…。，、।۔،)]+"
CASED_RANGES = (
    "B5-B5 C0-D6 D8-F6 F8-1BA 1BC-1BF 1C4-293 295-2AF 370-373 376-376 377-377 37B-37D 37F-37F 386-386 388-38A "
    "38C-38C 38E-3A1 3A3-3F5 3F7-481 48A-52F 531-556 10A0-10C5 13A0-13F5 13F8-13FD 1C90-1CBA 1CBD-1CBF "
    "1D00-1D2B 1D6B-1D77 1D79-1D9A 1E00-1F15 1F18-1F1D 1F20-1F45 1F48-1F4D 1F50-1F57 1F59-1F59 1F5B-1F5B "
    "1F5D-1F5D 1F5F-1F7D 1F80-1FB4 1FB6-1FBC 1FBE-1FBE 1FC2-1FC4 1FC6-1FCC 1FD0-1FD3 1FD6-1FDB 1FE0-1FEC "
    "1FF2-1FF4 1FF6-1FFC 2102-2102 2107-2107 210A-2113 2115-2115 2119-211D 2124-2124 2126-2126 2128-2128 "
    "212A-212D 212F-2134 2139-2139 213C-213F 2145-2149 214E-214E 2183-2183 2184-2184 2C00-2C7B 2C7E-2CE4 "
    "2CEB-2CEE 2CF2-2CF2 2CF3-2CF3 A640-A66D A680-A69B A722-A76F A771-A787 A78B-A78E AB70-ABBF FB00-FB06 "
    "FB13-FB17 FF21-FF3A FF41-FF5A 10400-1044F 104B0-104D3 104D8-104FB 10C80-10CB2 10CC0-10CF2 118A0-118DF "
    "1E900-1E943"
)
CASED = "A-Za-z" + "".join(
    "-".join(chr(int(end, 16)) for end in both.split("-"))
    for both in CASED_RANGES.split()
)
EASTERN = rf"(?:(?!{S})[一-龥ࠀ-一가-퟿])+"

STAGES = {
    "gpt-2": [GPT2],
    "default": [r"[\p{P}$+<=>^~|]+", GPT2, r"\p{N}+", r"[0-9][0-9][0-9]"],
    "smollm": [r"\p{N}", GPT2],
    "falcon": [r"[\p{P}$+<=>^~|`]+", GPT2, r"[0-9][0-9][0-9]"],
    "llama-bpe": [CONTRACTIONS + WORD + r"|\p{N}{1,3}" + SIGNS + TAIL],
    "qwen2": [CONTRACTIONS + WORD + r"|\p{N}" + SIGNS + TAIL],
    "qwen35": [
        CONTRACTIONS
        + r"|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}"
        + rf"| ?[^{S}\p{{L}}\p{{M}}\p{{N}}]+[\r\n]*"
        + TAIL
    ],
    "seed-coder": [CONTRACTIONS + WORD + r"|\p{N}" + rf"| ?[^{S}\p{{L}}\p{{N}}\r\n]+" + TAIL],
    "ufakzeka": [WORD[1:] + r"|\p{N}" + SIGNS + TAIL],
    "minicpm5": [r"\p{N}{1,3}", CONTRACTIONS + WORD + r"|\p{N}+" + SIGNS + TAIL],
    "laguna": [r"[^\n]+|[\n]+", CONTRACTIONS + WORD + r"|\p{N}" + SIGNS + TAIL],
    "jais-2": [
        CONTRACTIONS + WORD + r"|\p{N}{1,3}" + SIGNS + rf"|{S}*[\r\n]+|"
        + "|".join(rf"{S}{{{n}}}(?!\P{{White_Space}})" for n in ["512", "256", "128", "64", "32", "16", "8", "4", "1,2"])
        + rf"|{S}"
    ],
    "gpt-4o": [
        f"{LEAD}{UPPER}*{LOWER}+(?:{CONTRACTIONS})?|{LEAD}{UPPER}+{LOWER}*(?:{CONTRACTIONS})?|"
        + r"\p{N}{1,3}" + SLASH_SIGNS + TAIL
    ],
    "tekken": [f"{LEAD}{UPPER}*{LOWER}+|{LEAD}{UPPER}+{LOWER}*|" + r"\p{N}" + SLASH_SIGNS + TAIL],
    "deepseek-llm": [
        r"[\r\n]",
        rf"{S}?[{CASED}]+",
        rf"{S}?(?:(?!{S})[!-/:-~！-／：-～‘-‟\u3000-。])+",
        rf"{S}+\Z",
        EASTERN,
        r"\p{N}+",
    ],
    "deepseek-coder": [r"[\r\n]", rf"{S}?\p{{L}}+", rf"{S}?\p{{P}}+", EASTERN, r"\p{N}"],
    "deepseek-v3": [
        r"\p{N}{1,3}",
        r"[一-龥぀-ゟ゠-ヿ]+",
        r"[!-/:-@\[-`{-~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*" + TAIL,
    ],
    "bloom": [BLOOM],
    "viking": [BLOOM, r"\p{N}"],
    "gemma4": [r"[^\n]+|[\n]+"],
}

WORDS = (
    "don't I'LL we'Ve it's 'S 'T ſ'ſ naïve café Straße ΑΒΓδ éABC ABCdef HTTPServer xX Éa aÉ ABÉ ÉÉA camelCase "
    "1234567 12 ٣٤٥ ½ Ⅷ 3.14 1,000,000 한국어 日本語テキスト 中文字符，好。 العربية، हिन्दी ไทย 🙂 👩‍👩‍👧‍👦 🇩🇪 e\u0301 \u0301 `code` "
    "$x+=<y> ~|^ !!! ... … — «q» _foo_bar /path/to http://x.y/z?q=1 ' ''s 're'RE \ufeff \ufffd (a|b) a\u200bb <|im_end|> "
    "</s> ▁x ''' #include {x:[1]} x=y; 第3章 ①② a\u0300\u0301b 𝔘𝔫𝔦 𐐷𐐯 \U00020000\U00020001 ｆｕｌｌ！ “q” \u1c90ა ℝ Ωmega µ"
).split(" ")
SPACES = ["", " ", "  ", "   ", "\n", "\n\n", " \n ", "\r\n", "\r", "\t", "\t\t", "\u00a0", "\u3000", "\u2028", "\x0b",
          "\x85", " \t\n  ", "    \n\n    ", "\u2003\u2003"]
CONTROLS = ["\x00", "\x01\x02", "\x1c", "\x1f ", "\x7f", "\u200e"]


def texts():
    out = ["", " ", "  ", "\n", "\r\n", "a", "1", " a ", "  a", "a  ", "a \n", " " * 600 + "x", "\n" * 40, "\t" * 9 + "x"]
    for _ in range(160):
        parts = []
        for _ in range(random.randint(1, 9)):
            parts += [random.choice(WORDS), random.choice(SPACES)]
            if random.random() < 0.06:
                parts.append(random.choice(CONTROLS))
        out.append("".join(parts))
    return out


def split(stages, text):
    pieces = [text] if text else []
    for stage in stages:
        expression = regex.compile(stage, regex.V0)
        cut = []
        for piece in pieces:
            place = 0
            for match in expression.finditer(piece):
                if match.end() == match.start():
                    continue
                if match.start() > place:
                    cut.append(piece[place : match.start()])
                cut.append(match.group())
                place = match.end()
            if place < len(piece):
                cut.append(piece[place:])
        pieces = cut
    return pieces


def write(name, value):
    with open(name, "w", encoding="ascii") as file:
        json.dump(value, file, separators=(",", ":"))
        file.write("\n")


CORPUS = (
    "The quick brown fox jumps over the lazy dog. Don't stop: it's we'll they've 123 4567 89.\n"
    "def main(argument):\n    return [value for value in argument if value]\n\n"
    "for index in range(100):\n\tprint(index, 'text', \"more\")\n"
    "Tokenization turns a text into tokens and tokens into a text; naïve café Straße 日本語 中文 한국어 العربية 🙂.\n"
    "the then there these this that thing think thinking thinks thought through\n"
)


def byte_level(sample):
    made = {}
    stage = {name: STAGES[name][0] for name in ["gpt-2", "llama-bpe", "qwen2"]}

    def pre(name):
        return pre_tokenizers.Sequence(
            [
                pre_tokenizers.Split(Regex(stage[name].replace(S, r"\s").replace(r"\P{White_Space}", r"\S")), "isolated"),
                pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
            ]
        )

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre("qwen2")
    trainer = trainers.BpeTrainer(
        vocab_size=420, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False
    )
    tokenizer.train_from_iterator([CORPUS] * 4, trainer)
    model = json.loads(tokenizer.to_str())["model"]
    vocabulary = sorted(model["vocab"], key=model["vocab"].get)
    # A piece no merge leads to: only `ignore_merges` finds it.
    vocabulary.append("Ġzzz")
    merges = [tuple(merge) for merge in model["merges"]]
    made["pieces"] = vocabulary
    made["merges"] = [" ".join(merge) for merge in merges]
    made["texts"] = sample
    made["ids"] = {}
    for name in stage:
        one = Tokenizer(
            models.BPE(
                vocab={piece: index for index, piece in enumerate(vocabulary)},
                merges=merges,
                ignore_merges=name == "llama-bpe",
            )
        )
        one.pre_tokenizer = pre(name)
        one.decoder = decoders.ByteLevel()
        made["ids"][name] = [one.encode(text).ids for text in sample]
    return made


def sentence_piece(kind, sample):
    with open("rules.tsv", "w", encoding="utf-8") as file:
        # Fullwidth A and B, and the ligature fi with its parts: one code point to one and to two.
        file.write("FF21\t41\nFF22\t42\nFB01\t66 69\n65 301\tE9\n")
    blob = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter((CORPUS * 3).split("\n")),
        model_writer=blob,
        model_type=kind,
        vocab_size=400 if kind == "bpe" else 150,
        hard_vocab_limit=False,
        byte_fallback=kind == "bpe",
        character_coverage=1.0 if kind == "bpe" else 0.98,
        user_defined_symbols=["<added>", "=>"],
        remove_extra_whitespaces=kind == "unigram",
        minloglevel=2,
        **({"normalization_rule_name": "identity"} if kind == "bpe" else {"normalization_rule_tsv": "rules.tsv"}),
    )
    import os

    os.remove("rules.tsv")
    processor = sentencepiece.SentencePieceProcessor(model_proto=blob.getvalue())
    from sentencepiece import sentencepiece_model_pb2

    proto = sentencepiece_model_pb2.ModelProto.FromString(blob.getvalue())
    return {
        "pieces": [piece.piece for piece in proto.pieces],
        "scores": [piece.score for piece in proto.pieces],
        "kinds": [piece.type for piece in proto.pieces],
        "charsmap": list(proto.normalizer_spec.precompiled_charsmap),
        "texts": sample,
        "ids": [processor.encode(text) for text in sample],
    }


def main():
    collection = texts()
    write(
        "splits.json",
        {
            "texts": collection,
            "lengths": {
                name: [[len(piece) for piece in split(stages, text)] for text in collection]
                for name, stages in STAGES.items()
            },
        },
    )
    # Contractions in other alphabets' letters aside, on which the two references differ.
    sample = [text for text in collection if "ſ" not in text][:90] + [CORPUS, "a zzz zzz", "thethethe" * 9]
    write("byte-level.json", byte_level(sample))
    # NUL ends a text for sentencepiece's trainer rules, and U+2581 is a space to it.
    plain = [text for text in sample if "\x00" not in text and "▁" not in text]
    squeezed = [text for text in plain if text.strip(" ") == text]
    write("sentencepiece.json", {"bpe": sentence_piece("bpe", plain), "unigram": sentence_piece("unigram", squeezed)})


main()
