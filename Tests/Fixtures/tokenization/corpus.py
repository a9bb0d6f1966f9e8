"""Texts that tokenizers find hard, made from a seed, and ids to turn back into text."""

import random

from vocabularies import SENTENCES

SPACES = [" ", "  ", "   ", "\t", "\n", "\r\n", "\r", "\x0b", "\x0c", "\x85", "\xa0", "\u1680", "\u2003", "\u200b",
          "\u2028", "\u2029", "\u202f", "\u205f", "\u3000", "\ufeff", " " * 9, "\n" * 4, " \n ", "\n\n  ", "\t \t"]
WORDS = ["It's", "WE'LL", "don't", "I'M", "they'Ve", "he'\u017f", "'S", "''t", "o'clock", "rock'n'roll", "cannot", "do not",
         "isn't it", " .", " ,", " ?", "word", "token", "keyword", "wordy", "Token.", "a" * 40, "ab" * 130, "é" * 20,
         "résumé", "re\u0301sume\u0301", "naïve", "ﬁne", "Å", "A\u030a", "\u212b", "İ", "ı", "ß", "ẞ", "Σίσυφος", "Ⅷ", "①",
         "½", "²", "٣٤", "१२३", "１２３", "1", "12", "123", "1234", "1234567890", "3.14159", "1,000,000", "0x1F", "1e-9",
         "你好", "世界", "日本語テキスト", "ひらがな", "カタカナ", "한국어", "한글", "\u1112\u1161\u11ab", "नमस्ते", "สวัสดี",
         "مرحبا", "שלום", "Привет", "Ελληνικά", "ჯორჯია", "አማርኛ", "🙂", "👩‍👩‍👧‍👦", "👍🏽", "🇩🇪", "❤️", "♥", "\u0300",
         "a\u0316\u0301b", "e\u0301\u0327", "\u0345\u0301", "\U0001d504", "\U00020000", "\U0010ffff", "\ue000", "\ufffd",
         "\u0000", "\u0007", "\u001b", "\u007f", "\u00ad", "\u200d", "\u200e", "``quoted''", "<tag/>", "C++", "a_b", "_",
         "...", "…", "--", "—", "!!!", "?!", "$9.99", "50%", "#hash", "@user", "a/b/c", "\\n", "{}", "[]()", "==", "=>",
         "//", "/*", "~~", "|", "▁", "▁▁", "Ġ", "Ċ", "##ing", "</w>", "<0x0A>", "<0xZZ>", "Hello", "HELLO", "hELLO",
         "camelCaseWord", "SCREAMING", "UPPERlower", "Ünïcödé", "ǅungla", "ʰmod", "ªº"]


def scalar(random):
    while True:
        kind = random.random()
        if kind < 0.3:
            value = random.randrange(0x80)
        elif kind < 0.5:
            value = random.randrange(0x600)
        elif kind < 0.7:
            value = random.randrange(0x3400)
        elif kind < 0.85:
            value = random.randrange(0x10000)
        else:
            value = random.choice([0x10000, 0x1F000, 0x20000, 0x30000, 0xE0000, 0xF0000, 0x100000]) + random.randrange(
                0x2000
            )
        if not 0xD800 <= value <= 0xDFFF and value < 0x110000:
            return chr(value)


def mutated(random, text):
    text = list(text)
    for _ in range(random.randrange(4)):
        place = random.randrange(len(text) + 1)
        choice = random.random()
        if choice < 0.4:
            text[place:place] = random.choice(SPACES + WORDS)
        elif choice < 0.7 and text:
            del text[place : place + random.randrange(1, 6)]
        else:
            text[place:place] = scalar(random)
    first = random.randrange(len(text) + 1)
    return "".join(text[first : first + random.randrange(5, 80)])


def texts(seed, count, names):
    """Texts, in which the names of added tokens come too, whole, cut short and in the middle of words."""
    generator = random.Random(seed)
    made = [""]
    while len(made) < count:
        parts = []
        for _ in range(generator.randrange(1, 8)):
            kind = generator.random()
            if kind < 0.25:
                parts.append(generator.choice(SPACES))
            elif kind < 0.55:
                parts.append(generator.choice(WORDS))
            elif kind < 0.7:
                parts.append(mutated(generator, generator.choice(SENTENCES)))
            elif kind < 0.85 and names:
                name = generator.choice(names)
                cut = generator.random()
                if cut < 0.2:
                    name = name[: generator.randrange(len(name) + 1)]
                elif cut < 0.3:
                    name = name.upper()
                elif cut < 0.4:
                    name = name + name
                parts.append(name)
            else:
                parts.append("".join(scalar(generator) for _ in range(generator.randrange(1, 6))))
            if generator.random() < 0.4:
                parts.append(" ")
        made.append("".join(parts))
    return made


def id_lists(seed, count, size, encoded):
    """Lists of ids: some of texts, some changed, some at random."""
    generator = random.Random(seed)
    made = [[]]
    while len(made) < count:
        ids = list(generator.choice(encoded))[:40]
        kind = generator.random()
        if kind < 0.3 or not ids:
            ids = [generator.randrange(size) for _ in range(generator.randrange(1, 12))]
        elif kind < 0.7:
            for _ in range(generator.randrange(1, 4)):
                ids[generator.randrange(len(ids))] = generator.randrange(size)
        made.append(ids)
    return made
