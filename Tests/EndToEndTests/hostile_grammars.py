"""Grammars that were written to do harm: by name, the fields of a request."""


def json_schema(schema):
    return {"guided_json": schema}


def regex(pattern):
    return {"guided_regex": pattern}


def grammar(text):
    return {"guided_grammar": text}


def structural_tag(tag):
    return {"response_format": {"type": "structural_tag", **tag}}


def nested(depth, inner, wrap):
    for _ in range(depth):
        inner = wrap(inner)
    return inner


def doubling(count, keyword):
    """Each definition names the one before it twice."""
    definitions = {f"d{i}": {keyword: [{"$ref": f"#/$defs/d{i - 1}"}, {"$ref": f"#/$defs/d{i - 1}"}]}
                   for i in range(1, count)}
    definitions["d0"] = {"type": "string"}
    return {"$defs": definitions, "$ref": f"#/$defs/d{count - 1}"}


def alternatives(count):
    return [{"type": "object", "properties": {f"p{i}": {"type": "string"}, "q": {"const": i}}, "required": ["q"]}
            for i in range(count)]


CORPUS = {
    "deep schema": json_schema(nested(400, {}, lambda s: {"type": "array", "items": s})),
    "deep allOf": json_schema(nested(300, {"type": "string"}, lambda s: {"allOf": [s, {"minLength": 1}]})),
    "deep not": json_schema(nested(301, {"type": "string"}, lambda s: {"not": s})),
    "refs in a circle": json_schema({"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}},
                                     "$ref": "#/$defs/a"}),
    "refs that double, allOf": json_schema(doubling(60, "allOf")),
    "refs that double, anyOf": json_schema(doubling(60, "anyOf")),
    "refs that double, oneOf": json_schema(doubling(60, "oneOf")),
    "endless object": json_schema({"$defs": {"a": {"type": "object", "properties": {"a": {"$ref": "#/$defs/a"}},
                                                   "required": ["a"]}}, "$ref": "#/$defs/a"}),
    "anyOf of objects within allOf": json_schema({"allOf": [{"anyOf": [
        {"properties": {f"p{i}_{j}": {"const": j}}, "required": [f"p{i}_{j}"]} for j in range(6)]} for i in range(9)]}),
    "oneOf of many objects": json_schema({"oneOf": alternatives(300)}),
    "oneOf of unanchored patterns": json_schema({"type": "string", "oneOf": [
        {"pattern": f"{a}[a-z]*{b}.*{c}"} for a in "abc" for b in "def" for c in "gh"]}),
    "patterns that overlap": json_schema({"type": "object", "patternProperties": {
        f"{letter}.*{letter}": {"minimum": ord(letter)} for letter in "abcdefghijklmnop"}}),
    "patterns of all names": json_schema({"type": "object", "patternProperties": {
        f"^(a|b)*{letter}(a|b){{12}}$": {"type": "integer"} for letter in "ab"}, "propertyNames": {"minLength": 3}}),
    "large enum": json_schema({"enum": [f"value {i}" for i in range(8_000)]}),
    "enum of objects": json_schema({"enum": [{"a": i, "b": [i, {"c": str(i)}]} for i in range(1_500)]}),
    "many properties": json_schema({"type": "object", "required": [f"p{i}" for i in range(0, 3000, 2)],
                                    "properties": {f"p{i}": {"type": "string"} for i in range(3_000)}}),
    "properties that require others": json_schema({
        "type": "object", "properties": {f"p{i}": {} for i in range(900)}, "maxProperties": 450,
        "dependentRequired": {f"p{i}": [f"p{i + 1}"] for i in range(899)}}),
    "counts": json_schema({"type": "array", "minItems": 10**9, "maxItems": 10**12, "items": {"type": "integer"}}),
    "counts within counts": json_schema(nested(6, {"type": "null"}, lambda s: {
        "type": "array", "items": s, "minItems": 1_000, "maxItems": 1_000_000})),
    "contains": json_schema({"type": "array", "allOf": [{"contains": {"const": i}, "minContains": 3,
                                                         "maxContains": 900} for i in range(8)]}),
    "unique items": json_schema({"type": "array", "uniqueItems": True, "items": {"enum": [str(i) for i in range(2_000)]}}),
    "multiples": json_schema({"allOf": [{"type": "integer", "multipleOf": n} for n in (999_983, 999_979, 999_961)]}),
    "multiples of a fraction": json_schema({"type": "number", "multipleOf": 1e-9, "minimum": -1e300, "maximum": 1e300}),
    "long range": json_schema({"type": "number", "minimum": -(10**300) + 1, "maximum": 10**300 - 7}),
    "formats and patterns": json_schema({"type": "string", "format": "uri", "pattern": "(a|b)*a(a|b){40}",
                                         "minLength": 100, "maxLength": 100_000}),
    "formats together": json_schema({"type": "string", "allOf": [{"format": f} for f in (
        "uri", "iri", "uri-template", "email", "hostname", "regex", "json-pointer")]}),
    "negated formats": json_schema({"type": "string", "not": {"anyOf": [{"format": f} for f in (
        "uri", "email", "hostname", "ipv6", "date-time", "duration")]}}),
    "if within if": json_schema(nested(12, {"type": "string"}, lambda s: {
        "if": {"properties": {"k": s}}, "then": {"required": ["k"]}, "else": {"properties": {"m": s}}})),
    "counted groups": regex("((((a{1,1000}){1,1000}){1,1000}){1,1000})b"),
    "catastrophic": regex("(a+)+(a*)*(a|aa)*(a|a?)+b"),
    "exponential automaton": regex("(a|b)*a(a|b){200}"),
    "lookaheads without a word": regex("^(?=(a|b)*a(a|b){40}$)(?=(a|b)*b(a|b){40}$).*$"),
    "many lookaheads": regex("".join(f"(?=.*{c}.*{d})" for c in "abcdef" for d in "uvwxyz") + ".*"),
    "nested lookaheads": regex(nested(30, "a", lambda p: f"(?=(?!{p}).*)b*")),
    "alternation of prefixes": regex("(" + "|".join("ab" * i + "c" for i in range(600)) + ")*"),
    "groups": regex("(" * 50_000 + "a" + ")" * 50_000),
    "optional parts": regex("a?" * 5_000 + "a" * 5_000),
    "classes": regex("[\\p{L}\\p{N}]{1,500}[^\\p{L}]{1,500}" * 100),
    "left recursion": grammar("root ::= root root | root \"a\" | \"a\" |"),
    "hidden left recursion": grammar("root ::= e root \"a\" | \"b\"\ne ::= \"\" | e e"),
    "nullable loops": grammar("root ::= (a* b*)* c\na ::= b*\nb ::= a* | \"x\"?\nc ::= (a | b | c)*"),
    "ambiguous": grammar("root ::= s\ns ::= s s s | s s | \"a\" | \"a\" s \"a\" | s? s? \"b\""),
    "ambiguous stacks": grammar("root ::= s\ns ::= \"a\" s \"b\" s | \"a\" s | \"a\" s \"a\" | \"b\" s s | \"b\" | \"a\""),
    "palindromes": grammar("root ::= p\np ::= c p c | c c | c\nc ::= [a-z ]"),
    "rules that double": grammar("root ::= r60\nr0 ::= [a-z]\n" + "".join(
        f"r{i} ::= r{i - 1} r{i - 1} | r{i - 1}\n" for i in range(1, 61))),
    "many rules": grammar("root ::= r9999\nr0 ::= \"a\"\n" + "".join(
        f"r{i} ::= [a-z] r{i - 1} | r{i - 1} [0-9]?\n" for i in range(1, 10_000))),
    "many alternatives": grammar("root ::= (" + " | ".join(f"[a-z]* \"{i}\" root" for i in range(2_000)) + ")"),
    "quantifiers": grammar("root ::= \"a\"" + "*+?" * 10_000),
    "lark words": grammar("start: w*\nw: /(a|b)*a(a|b){30}/ | /[a-z]+/ | /[a-m ]+x?/\n%ignore / +/\n"),
    "lark intersections": grammar("start: A\n" + "A: " + " & ".join(
        f"/.*{c}.{{0,40}}{c}.*/" for c in "abcdefghij") + "\n"),
    "lark complement": grammar("start: A\nA: ~(/(.*a.{20})*/ & ~/(.*b.{20})*/)\n"),
    "choices": {"guided_choice": [f"{'x' * (i % 50)}{i}" for i in range(9_000)]},
    "a hundred thousand properties": json_schema({"properties": {f"p{i}": {} for i in range(100_000)}}),
    "a large enum": json_schema({"enum": [str(i) for i in range(100_000)]}),
    "refs to each other": json_schema({"$defs": {f"d{i}": {"anyOf": [{"$ref": f"#/$defs/d{j}"} for j in range(25)]}
                                                 for i in range(25)}, "$ref": "#/$defs/d0"}),
    "unions of objects of each other": json_schema({"$defs": {f"d{i}": {"anyOf": [
        {"type": "object", "properties": {f"p{j}": {"$ref": f"#/$defs/d{j}"}}, "required": [f"p{j}"]}
        for j in range(40)]} for i in range(40)}, "$ref": "#/$defs/d0"}),
    "allOf of oneOfs": json_schema({"allOf": [{"oneOf": [{"required": [f"p{i}_{j}"]} for j in range(5)]}
                                              for i in range(12)]}),
    "nots of nots": json_schema(nested(60, {"required": ["a"]}, lambda s: {"not": {"properties": {"x": s}}})),
    "dependent schemas": json_schema({"dependentSchemas": {f"p{i}": {"properties": {f"q{i}": {"const": i}}}
                                                           for i in range(30)}}),
    "an enum of deep values": json_schema({"enum": [nested(60, i, lambda v: [v])
                                                    for i in range(500)]}),
    "patterns that count": json_schema({"type": "object", "patternProperties": {
        f"^[a-z]{{{n},{n + 1000}}}$": {"type": "integer"} for n in range(1, 12)}}),
    "names of patterns": json_schema({"type": "object", "propertyNames": {"allOf": [
        {"pattern": f"({c}.{{20}}){{3}}"} for c in "abcdefg"]}}),
    "a pattern of a million": json_schema({"type": "string", "pattern": "^([a-z]{0,1000000}[0-9]{0,1000000}){0,1000000}$"}),
    "a list of lists of uniques": json_schema({"type": "array", "uniqueItems": True, "minItems": 800, "items": {
        "enum": [f"v{i}" for i in range(900)]}}),
    "counts of a million": regex("(a{0,1000000}){0,1000000}"),
    "counts beyond the limit": regex("a{0,99999999999999999999}"),
    "stars of stars": regex("(((((a*)*)*)*)*)*b"),
    "case-insensitive classes": regex("(?i:" + "[\\p{L}\\p{N}\\p{S}]" * 400 + ")"),
    "properties under counts": regex("(\\p{Lu}{1,300}\\p{Ll}{1,300}){1,300}" * 20),
    "complements of classes": regex("([^a-z]{0,200}[^0-9]{0,200}[^\\s]{0,200}){0,200}x" * 30),
    "negative lookaheads": regex("".join(f"(?!.*{c}.{{12}}{d})" for c in "abcdefgh" for d in "stuvwxyz") + ".{64}"),
    "alternatives that begin alike": regex("|".join("a" * i + "b" for i in range(1, 500))),
    "a rule for each letter": grammar("root ::= " + " ".join(f"r{i}?" for i in range(3_000)) + "\n" + "".join(
        f"r{i} ::= [a-z] root?\n" for i in range(3_000))),
    "empty loops": grammar("root ::= ((\"\")* (\"\")*)* [a-z]{0,1000000}"),
    "lark counts": grammar("start: (/[a-z]+/ /[a-z ]+/){1,100000} \"!\"~1..100000\n"),
    "lark lazy words": grammar("start: a b\na[lazy]: /(.|\\n)*(x|y)(.|\\n){30}/\nb[lazy]: /(.|\\n)*z/\n"),
    "lark schemas": grammar("start: " + " ".join(
        '%json {"type": "object", "properties": {"a": {"enum": ["x", "y"]}}}' for _ in range(300)) + "\n"),
    "tags in tags": structural_tag({"format": nested(70, {"type": "any_text"}, lambda f: {
        "type": "tag", "begin": "<a>", "content": f, "end": "</a>"})}),
    "many triggers": structural_tag({"format": {"type": "triggered_tags", "triggers": [f"<t{i}" for i in range(1_500)],
                                                "tags": [{"begin": f"<t{i}>", "end": "</t>", "content": {
                                                    "type": "json_schema", "json_schema": {"type": "object"}}}
                                                    for i in range(1_500)]}}),
    "ends that begin alike": structural_tag({"format": {"type": "tag", "begin": "<", "end": [
        "a" * i + "b" for i in range(1, 300)], "content": {"type": "any_text"}}}),
    "repeats of repeats": structural_tag({"format": nested(12, {"type": "const_string", "value": "a"}, lambda f: {
        "type": "repeat", "min": 0, "max": 1_000_000, "content": f})}),
}
