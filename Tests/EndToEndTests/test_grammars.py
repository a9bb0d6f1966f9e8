"""Answers that obey a grammar: `response_format` and the fields of other servers."""

import json
import re
from pathlib import Path

import pytest
from openai import BadRequestError
from pydantic import BaseModel
from schema_answers import outcomes

SCHEMA = {"type": "object", "required": ["name", "age"], "additionalProperties": False,
          "properties": {"name": {"type": "string", "maxLength": 12}, "age": {"type": "integer", "minimum": 1,
                                                                             "maximum": 99}}}
MESSAGES = [{"role": "user", "content": "Make up a person. Answer in JSON."}]


def ask(client, **options):
    return client.chat.completions.create(
        **{"model": "m", "messages": MESSAGES, "temperature": 1, "max_tokens": 200, **options}).choices[0]


def check(choice):
    assert choice.finish_reason == "stop"
    person = json.loads(choice.message.content)
    assert set(person) == {"name", "age"} and isinstance(person["name"], str) and 1 <= person["age"] <= 99


@pytest.mark.parametrize("options", [
    {"response_format": {"type": "json_schema", "json_schema": {"name": "person", "strict": True, "schema": SCHEMA}}},
    {"response_format": {"type": "json", "schema": SCHEMA}},
    {"extra_body": {"guided_json": SCHEMA}},
    {"extra_body": {"guided_json": json.dumps(SCHEMA)}},
    {"extra_body": {"structured_outputs": {"json": SCHEMA}}},
])
def test_an_answer_obeys_its_schema(client, options):
    for seed in range(3):
        check(ask(client, seed=seed, **options))


def test_pydantic_classes_are_answered(client):
    class Person(BaseModel):
        name: str
        age: int

    choice = client.chat.completions.parse(model="m", messages=MESSAGES, response_format=Person, max_tokens=400,
                                           temperature=0).choices[0]
    assert isinstance(choice.message.parsed, Person)


def test_an_object_is_any_object(client):
    choice = ask(client, response_format={"type": "json_object"}, max_tokens=300, temperature=0)
    assert choice.message.content.startswith("{")
    if choice.finish_reason == "stop":
        assert isinstance(json.loads(choice.message.content), dict)


@pytest.mark.parametrize("options", [
    {"response_format": {"type": "regex", "regex": "[a-c]{3}-[0-9]+"}}, {"extra_body": {"guided_regex": "[a-c]{3}-[0-9]+"}}])
def test_an_answer_matches_its_expression(client, options):
    choice = ask(client, **options, max_tokens=20)
    if choice.finish_reason == "stop":
        assert re.fullmatch("[a-c]{3}-[0-9]+", choice.message.content)


def test_an_answer_is_one_of_the_choices(client):
    for seed in range(5):
        assert ask(client, seed=seed, extra_body={"guided_choice": ["yes", "no", "maybe"]}).message.content in (
            "yes", "no", "maybe")


def test_completions_obey_too(client):
    text = client.completions.create(model="m", prompt="A person: ", max_tokens=200, temperature=1,
                                     extra_body={"guided_json": SCHEMA}).choices[0].text
    assert set(json.loads(text)) == {"name", "age"}


@pytest.mark.parametrize("options, field", [
    ({"response_format": {"type": "xml"}}, "response_format.type"),
    ({"response_format": {"type": "json_schema"}}, "response_format.json_schema"),
    ({"response_format": {"type": "regex", "regex": "("}}, "response_format"),
    ({"extra_body": {"guided_choice": []}}, "guided_choice"),
    ({"extra_body": {"guided_regex": "a", "guided_json": {}}}, "guided_regex"),
    ({"response_format": {"type": "json", "schema": {"$ref": "https://example.com/schema"}}}, "response_format"),
])
def test_what_is_wrong_is_named(client, options, field):
    with pytest.raises(BadRequestError) as error:
        ask(client, **options)
    assert error.value.body["param"] == field


def test_answers_under_varied_schemas_obey_them(server):
    cases = json.loads((Path(__file__).parents[1] / "Fixtures/json-schema/cases.json").read_text(encoding="utf-8"))
    results = outcomes(server.url, {str(index): case["schema"] for index, case in enumerate(cases[:60])}, tokens=100)
    assert {result for result in results.values()} <= {"valid", "cut", "refused"}, results
    assert sum(result == "valid" for result in results.values()) >= 20
