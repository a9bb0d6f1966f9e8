"""Asks a server for answers under many schemas and validates each; also a program of its own:

    python Tests/EndToEndTests/schema_answers.py --url http://127.0.0.1:8000 --schemas DIR --count 500

A schema that the server refuses is counted, and an answer that the limit of tokens cuts isn't validated.
"""

import argparse
import collections
import concurrent.futures
import json
import random
from pathlib import Path

import httpx
from jsonschema import Draft202012Validator
from jsonschema.validators import validator_for


def question(schema, tokens, seed):
    """A request for an answer under a schema."""
    return {"model": "m", "temperature": 1, "seed": seed, "max_tokens": tokens,
            "messages": [{"role": "user", "content": "Make up something short. Answer in JSON."}],
            "response_format": {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}}


def outcome(client, url, schema, tokens, seed):
    """What came of a schema: "valid", "cut", "refused" or "failed", or what is wrong with the answer."""
    answer = client.post(url + "/v1/chat/completions", json=question(schema, tokens, seed))
    if answer.status_code == 400:
        return "refused"
    if answer.status_code != 200:
        return "failed: " + answer.text
    choice = answer.json()["choices"][0]
    if choice["finish_reason"] != "stop":
        return "cut"
    text = choice["message"]["content"]
    try:
        errors = list(validator_for(schema, default=Draft202012Validator)(schema).iter_errors(json.loads(text)))
    except json.JSONDecodeError as error:
        return f"no JSON: {error}: {text!r}"
    return f"invalid: {errors[0].message}: {text!r}" if errors else "valid"


def outcomes(url, schemas, tokens=300, workers=8):
    """What came of each of some schemas, by their names."""
    with httpx.Client(timeout=600, trust_env=False, limits=httpx.Limits(max_connections=workers)) as client, \
            concurrent.futures.ThreadPoolExecutor(workers) as pool:
        futures = {name: pool.submit(outcome, client, url, schema, tokens, seed)
                   for seed, (name, schema) in enumerate(schemas.items())}
        return {name: future.result() for name, future in futures.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--url", required=True)
    parser.add_argument("--schemas", required=True, help="directory of JSON files, each with a 'schema'")
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--max_tokens", type=int, default=300)
    arguments = parser.parse_args()
    files = sorted(Path(arguments.schemas).glob("*.json"))
    random.Random(0).shuffle(files)
    schemas = {file.name: json.loads(file.read_text(encoding="utf-8"))["schema"] for file in files[:arguments.count]}
    results = outcomes(arguments.url, schemas, arguments.max_tokens)
    print(dict(collections.Counter(result.split(":")[0] for result in results.values())))
    for name, result in results.items():
        if result.split(":")[0] not in ("valid", "cut", "refused"):
            print(name, result)


if __name__ == "__main__":
    main()
