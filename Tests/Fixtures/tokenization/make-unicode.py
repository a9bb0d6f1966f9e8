"""Writes the Unicode tables of Sources/Text/Tokenization/Unicode: python make-unicode.py AGES.

Needs tokenizers==0.23.3 (whose tables these are: what it was built with decides what vocabularies were made of) and a
Python with Unicode 12 or newer. AGES is a text file of "code point in hexadecimal, version" lines, as
`Unicode.Scalar.Properties.age` of Swift prints them.

Numbers are packed as digits of five bits, lowest first, in the characters from "0" on; all but a number's last digit
have 32 added. Signed numbers are doubled, negative ones less one.
"""

import pathlib
import sys
import unicodedata

from tokenizers import Regex, normalizers, pre_tokenizers

HERE = pathlib.Path(__file__).resolve().parent
FOLDER = HERE.parent.parent.parent / "Sources/Text/Tokenization/Unicode"
POINTS = [point for point in range(0x110000) if not 0xD800 <= point <= 0xDFFF]
CATEGORIES = (
    "Cn Cc Cf Co Cs Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Zl Zp"
).split()
SCRIPTS = "Arabic Bengali Cyrillic Devanagari Greek Han Hangul Hebrew Hiragana Katakana Latin Thai".split()


def digits(number):
    text = ""
    while number >= 32:
        text += chr(48 + 32 + number % 32)
        number //= 32
    # A backslash would have to be written twice; no digit below 96 is one but 44, which stands for itself as 92.
    return text + chr(48 + number)


def signed(number):
    return digits(number * 2 if number >= 0 else -number * 2 - 1)


def members(expression):
    found = set()
    for first in range(0, len(POINTS), 20000):
        chunk = POINTS[first : first + 20000]
        split = pre_tokenizers.Split(Regex(expression), "removed")
        kept = set("".join(piece for piece, _ in split.pre_tokenize_str("".join(map(chr, chunk)))))
        found |= {point for point in chunk if chr(point) not in kept}
    return found


def literal(name, comment, text):
    text = text.replace("\\", "\\\\")
    lines = []
    while text:
        end = 110
        # An escape stays whole.
        while text[:end].endswith("\\") and not text[:end].endswith("\\\\"):
            end -= 1
        lines.append(text[:end])
        text = text[end:]
    body = "\\\n        ".join(lines)
    return f'    /// {comment}\n    static let {name}: StaticString = """\n        {body}\n        """\n'


def write(file, kind, *literals):
    head = "// Made by Tests/Fixtures/tokenization/make-unicode.py.\n\n"
    (FOLDER / file).write_text(head + f"extension {kind} {{\n" + "\n".join(literals) + "}\n")


def runs(values):
    """(value, length) of equal neighbours."""
    found = []
    for value in values:
        if found and found[-1][0] == value:
            found[-1][1] += 1
        else:
            found.append([value, 1])
    return found


def categories():
    table = ["Cs"] * 0x110000
    for name in CATEGORIES:
        if name != "Cs":
            for point in members(r"\p{%s}" % name):
                table[point] = name
    text = "".join(chr(48 + CATEGORIES.index(name)) + digits(length) for name, length in runs(table))
    return literal("packed", "Runs of equal categories: the category, and how many code points.", text)


def ages(file):
    versions = {}
    for line in open(file):
        point, version = line.split()
        versions[int(point, 16)] = float(version)

    def era(point):
        version = versions.get(point, 0)
        return 0 if version <= 8 else 1 if version <= 9 else 2 if version <= 15.1 else 3 if version <= 16 else 0

    text = "".join(digits(value) + digits(length) for value, length in runs(map(era, range(0x110000))))
    return literal("packedEras", "Runs of equal eras: the era, and how many code points.", text)


def scripts():
    texts = []
    for name in SCRIPTS:
        inside = members(r"\p{%s}" % name)
        lengths = [length for _, length in runs(point in inside for point in range(0x110000))]
        texts.append(digits(len(lengths)) + "".join(map(digits, lengths)))
    return literal(
        "packed",
        "Of each script: how many runs, and their lengths, those outside and inside in turn.",
        "".join(texts),
    )


def normal_forms():
    nfd, nfc, nfkd = normalizers.NFD(), normalizers.NFC(), normalizers.NFKD()
    canonical, compatible = "", ""
    previous = [0, 0]
    for point in POINTS:
        if 0xAC00 <= point <= 0xD7A3:
            continue
        text = chr(point)
        whole, compatibly = nfd.normalize_str(text), nfkd.normalize_str(text)
        if whole != text:
            single = [int(part, 16) for part in unicodedata.decomposition(text).split()]
            assert all(single) and len(single) <= 2, hex(point)
            composes = len(single) == 2 and nfc.normalize_str("".join(map(chr, single))) == text
            kind = 0 if len(single) == 1 else 2 if composes else 1
            canonical += digits((point - previous[0]) * 3 + kind) + signed(point - single[0])
            if len(single) == 2:
                canonical += signed(single[1] - 0x300)
            previous[0] = point
        if compatibly != whole:
            compatible += digits(point - previous[1]) + digits(len(compatibly))
            base = point
            for part in compatibly:
                compatible += signed(ord(part) - base)
                base = ord(part)
            previous[1] = point
    classes = []
    for point in range(0x110000):
        value = unicodedata.combining(chr(point)) if not 0xD800 <= point <= 0xDFFF else 0
        # U+0345 has the last class of all but itself; U+0301 one before it.
        known = value and (
            nfd.normalize_str("\u0345" + chr(point))[0] != "\u0345"
            or nfd.normalize_str(chr(point) + "\u0301")[0] != chr(point)
        )
        classes.append(value if known else 0)
    marks = "".join(digits(value) + digits(length) for value, length in runs(classes))
    write(
        "CanonicalData.swift",
        "NormalForms",
        literal(
            "canonical",
            "Per code point with a canonical decomposition: distance, kind (one part, two, two that compose), parts.",
            canonical,
        ),
        literal("combiningClasses", "Runs of equal combining classes: the class, and how many code points.", marks),
    )
    write(
        "CompatibilityData.swift",
        "NormalForms",
        literal(
            "compatible",
            "Per code point whose compatibility decomposition is another than the canonical: distance, length, parts.",
            compatible,
        ),
    )


write("GeneralCategoryData.swift", "GeneralCategory", categories(), ages(sys.argv[1]))
write("ScriptData.swift", "UnicodeScript", scripts())
normal_forms()
