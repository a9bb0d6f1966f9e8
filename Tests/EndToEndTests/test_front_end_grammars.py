"""Outputs that have to obey a schema, through Anthropic's messages and OpenAI's responses."""

import json

import pytest
from anthropic import Anthropic
from pydantic import BaseModel

QUESTION = "Describe Paris."


class City(BaseModel):
    country: str
    inhabitants: int


@pytest.fixture(scope="module")
def messages(server):
    return Anthropic(base_url=server.url, api_key="any", max_retries=0, timeout=120).messages


def check(text: str, is_whole: bool):
    if is_whole:
        City.model_validate_json(text)
    else:
        assert text.lstrip().startswith("{")


def test_a_responses_text_obeys_its_format(client):
    response = client.responses.create(
        model="m", input=QUESTION, temperature=0, max_output_tokens=120,
        text={"format": {"type": "json_schema", "name": "city", "schema": {
            **City.model_json_schema(), "additionalProperties": False}, "strict": True}})
    assert response.text.format.name == "city"
    check(response.output_text, response.status == "completed")


def test_a_response_is_parsed_into_a_model(client):
    response = client.responses.parse(model="m", input=QUESTION, temperature=0, max_output_tokens=200, text_format=City)
    if response.status == "completed":
        assert isinstance(response.output_parsed, City)


def test_a_messages_text_obeys_its_format(messages):
    answer = messages.create(
        model="m", max_tokens=120, messages=[{"role": "user", "content": QUESTION}],
        output_config={"format": {"type": "json_schema", "schema": {
            **City.model_json_schema(), "additionalProperties": False}}})
    check(answer.content[0].text, answer.stop_reason == "end_turn")


def test_a_demanded_call_is_made_and_obeys_the_tools_schema(client, messages):
    schema = {**City.model_json_schema(), "additionalProperties": False}
    answer = messages.create(
        model="m", max_tokens=200, messages=[{"role": "user", "content": QUESTION}],
        tools=[{"name": "note", "description": "Notes a city.", "input_schema": schema}],
        tool_choice={"type": "any"})
    calls = [block for block in answer.content if block.type == "tool_use"]
    if answer.stop_reason == "tool_use":
        City.model_validate(calls[0].input)
    response = client.responses.create(
        model="m", input=QUESTION, temperature=0, max_output_tokens=200, tool_choice={"type": "function", "name": "note"},
        tools=[{"type": "function", "name": "note", "description": "Notes a city.", "parameters": schema,
                "strict": True}])
    if response.status == "completed":
        assert [item.type for item in response.output if item.type != "reasoning"] == ["function_call"]
        City.model_validate(json.loads(response.output[-1].arguments))
