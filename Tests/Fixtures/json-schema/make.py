"""Makes cases.json: random schemas, random instances, and what the jsonschema package says of each.

    pip install jsonschema==4.26.0 && python make.py

Schemas are made of few names, words and numbers, so that keywords meet; instances are made of the same ones, half of them
by changing a valid one a little. Whole numbers are never written with a fraction: whether 1.0 is an integer differs
between drafts, and the grammar doesn't write it.
"""
import json
import pathlib
import random

import jsonschema

SCHEMAS, INSTANCES = 400, 8
NAMES = ["a", "b", "c", "ab", "x-1"]
WORDS = ["", "a", "b", "ab", "ba", "abc", "é", 'q"', "x/y", "1\t2", "aaaa"]
PATTERNS = ["^a", "b$", "^a*$", "^[a-c]{2,3}$", "^x-", ".", "^.{0,2}$", "a|é", "^(?!a)", "\\d"]
NUMBERS = [0, 1, 2, 3, 7, 10, -1, -5, 0.5, 1.5, -2.25, 12, 100]
TYPES = ["null", "boolean", "integer", "number", "string", "array", "object"]


def value(rng, depth=0):
    """A random JSON value."""
    kind = rng.choice(TYPES if depth < 2 else TYPES[:5])
    if kind == "null":
        return None
    if kind == "boolean":
        return rng.random() < 0.5
    if kind in ("integer", "number"):
        return rng.choice(NUMBERS)
    if kind == "string":
        return rng.choice(WORDS)
    if kind == "array":
        return [value(rng, depth + 1) for _ in range(rng.randrange(4))]
    names = rng.sample(NAMES, rng.randrange(4))
    return {name: value(rng, depth + 1) for name in names}


def of_type(rng, schema, kind, depth):
    """Adds keywords of a type to a schema."""
    def sub():
        return schema_of(rng, depth + 1)
    if kind in ("integer", "number"):
        for keyword in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"):
            if rng.random() < 0.3:
                schema[keyword] = rng.choice(NUMBERS)
        if rng.random() < 0.25:
            schema["multipleOf"] = rng.choice([2, 3, 5, 0.5, 7, 10, 0.25])
    elif kind == "string":
        if rng.random() < 0.4:
            schema["minLength"] = rng.randrange(4)
        if rng.random() < 0.4:
            schema["maxLength"] = rng.randrange(5)
        if rng.random() < 0.4:
            schema["pattern"] = rng.choice(PATTERNS)
    elif kind == "array":
        if rng.random() < 0.6:
            schema["items"] = sub()
        if rng.random() < 0.3:
            schema["prefixItems"] = [sub() for _ in range(rng.randrange(1, 3))]
        if rng.random() < 0.3:
            schema["minItems"] = rng.randrange(3)
        if rng.random() < 0.3:
            schema["maxItems"] = rng.randrange(4)
        if rng.random() < 0.15:
            schema["contains"] = sub()
    elif kind == "object":
        if rng.random() < 0.8:
            schema["properties"] = {name: sub() for name in rng.sample(NAMES, rng.randrange(1, 4))}
        if rng.random() < 0.4:
            schema["required"] = rng.sample(NAMES, rng.randrange(1, 3))
        if rng.random() < 0.4:
            schema["additionalProperties"] = rng.choice([False, sub()])
        if rng.random() < 0.25:
            schema["patternProperties"] = {rng.choice(PATTERNS): sub()}
        if rng.random() < 0.15:
            schema["propertyNames"] = {"pattern": rng.choice(PATTERNS)}
        if rng.random() < 0.15:
            schema["minProperties"] = rng.randrange(3)
        if rng.random() < 0.15:
            schema["maxProperties"] = rng.randrange(4)
        if rng.random() < 0.15:
            schema["dependentRequired"] = {rng.choice(NAMES): [rng.choice(NAMES)]}
        if rng.random() < 0.1:
            schema["dependentSchemas"] = {rng.choice(NAMES): sub()}


def schema_of(rng, depth=0):
    """A random schema."""
    if depth > 2 or rng.random() < 0.05:
        return rng.choice([True, {"type": rng.choice(TYPES)}, {"enum": [value(rng, 2) for _ in range(3)]}])
    schema = {}
    draw = rng.random()
    kinds = rng.sample(TYPES, rng.choice([1, 1, 1, 2]))
    if draw < 0.75:
        schema["type"] = kinds[0] if len(kinds) == 1 else kinds
    for kind in kinds:
        of_type(rng, schema, kind, depth)
    for keyword, share in (("anyOf", 0.12), ("oneOf", 0.15), ("allOf", 0.1)):
        if rng.random() < share:
            schema[keyword] = [schema_of(rng, depth + 1) for _ in range(rng.randrange(1, 4))]
    if rng.random() < 0.12:
        schema["not"] = schema_of(rng, depth + 1)
    if rng.random() < 0.08:
        schema["if"] = schema_of(rng, depth + 1)
        schema["then"] = schema_of(rng, depth + 1)
        schema["else"] = schema_of(rng, depth + 1)
    if rng.random() < 0.08:
        schema["enum"] = [value(rng, 1) for _ in range(4)]
    if depth == 0 and rng.random() < 0.2:
        schema["$defs"] = {"part": schema_of(rng, 1)}
        schema.setdefault("properties", {})["a"] = {"$ref": "#/$defs/part"}
    return schema


def changed(rng, data):
    """A value that differs from another in one place."""
    if isinstance(data, dict) and data and rng.random() < 0.8:
        name = rng.choice(list(data))
        copy = dict(data)
        if rng.random() < 0.3:
            del copy[name]
        else:
            copy[name] = changed(rng, data[name])
        return copy
    if isinstance(data, list) and data and rng.random() < 0.8:
        index = rng.randrange(len(data))
        return data[:index] + [changed(rng, data[index])] + data[index + 1:]
    return value(rng, 1)


def guided(rng, schema, depth=0):
    """A value that has a chance to obey a schema."""
    if not isinstance(schema, dict):
        return value(rng, depth)
    if "enum" in schema:
        return rng.choice(schema["enum"])
    for keyword in ("anyOf", "oneOf", "allOf"):
        if keyword in schema and rng.random() < 0.5:
            return guided(rng, rng.choice(schema[keyword]), depth)
    kind = schema.get("type", rng.choice(TYPES))
    kind = rng.choice(kind) if isinstance(kind, list) else kind
    if kind == "object":
        properties = schema.get("properties", {})
        names = [n for n in NAMES if n in schema.get("required", []) or rng.random() < 0.4]
        rng.shuffle(names)
        return {n: guided(rng, properties.get(n, True), depth + 1) for n in names}
    if kind == "array":
        items = schema.get("prefixItems", [])
        count = rng.randrange(4)
        return [guided(rng, items[i] if i < len(items) else schema.get("items", True), depth + 1) for i in range(count)]
    choices = {"null": [None], "boolean": [True, False], "string": WORDS, "number": NUMBERS,
               "integer": [n for n in NUMBERS if isinstance(n, int)]}
    return rng.choice(choices[kind])


def main():
    rng = random.Random(11)
    cases = []
    while len(cases) < SCHEMAS:
        schema = schema_of(rng)
        validator = jsonschema.Draft202012Validator(schema)
        tests, seen = [], set()
        for _ in range(INSTANCES * 20):
            if len(tests) == INSTANCES:
                break
            data = guided(rng, schema) if rng.random() < 0.7 else value(rng)
            data = changed(rng, data) if rng.random() < 0.3 else data
            text = json.dumps(data, ensure_ascii=False)
            valid = validator.is_valid(data)
            if text in seen or sum(v == valid for v, _ in tests) >= INSTANCES * 2 // 3:
                continue
            seen.add(text)
            tests.append((valid, text))
        if any(valid for valid, _ in tests):
            cases.append({"schema": schema, "valid": [t for v, t in tests if v], "invalid": [t for v, t in tests if not v]})
    path = pathlib.Path(__file__).parent / "cases.json"
    lines = [json.dumps(case, ensure_ascii=False, separators=(",", ":")) for case in cases]
    path.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")


main()
