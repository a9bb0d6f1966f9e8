"""What OpenAI's own client does beyond plain calls: helpers for streams, parsed answers, raw responses, asyncio; and curl."""

import asyncio
import json
import subprocess
from typing import Literal

import openai
import pytest
from pydantic import BaseModel, ConfigDict

from server_process import ServerProcess

QUESTION = "What is the capital of France?"
MESSAGES = [{"role": "user", "content": QUESTION}]
CHAT = dict(model="m", messages=MESSAGES, temperature=0, max_tokens=10)


class Weather(BaseModel):
    """The weather."""

    model_config = ConfigDict(extra="forbid")
    kind: Literal["sun", "rain", "snow"]
    warm: bool


TOOL = openai.pydantic_function_tool(Weather, name="report_weather")


@pytest.fixture(scope="module")
def expected(client) -> str:
    return client.chat.completions.create(**CHAT).choices[0].message.content


def test_the_helper_for_streams_of_chats(client, expected):
    with client.chat.completions.stream(**CHAT, stream_options={"include_usage": True}) as stream:
        events = list(stream)
        final = stream.get_final_completion()
    assert "".join(event.delta for event in events if event.type == "content.delta") == expected
    assert [event.content for event in events if event.type == "content.done"] == [expected]
    assert final.choices[0].message.content == expected
    assert final.choices[0].finish_reason in ("stop", "length") and final.usage.completion_tokens <= 10


def test_a_stream_of_an_object_is_parsed(client):
    with client.chat.completions.stream(**{**CHAT, "max_tokens": 60}, response_format=Weather) as stream:
        snapshots = [event.parsed for event in stream if event.type == "content.delta"]
        weather = stream.get_final_completion().choices[0].message.parsed
    assert isinstance(weather, Weather) and len(snapshots) > 1


def test_parsed_calls(client):
    options = {**CHAT, "max_tokens": 80, "tools": [TOOL], "tool_choice": "required", "parallel_tool_calls": False}
    call, = client.chat.completions.parse(**options).choices[0].message.tool_calls
    assert isinstance(call.function.parsed_arguments, Weather)
    with client.chat.completions.stream(**options) as stream:
        events = list(stream)
        streamed, = stream.get_final_completion().choices[0].message.tool_calls
    assert streamed.function.parsed_arguments == call.function.parsed_arguments
    deltas = [event for event in events if event.type == "tool_calls.function.arguments.delta"]
    assert "".join(event.arguments_delta for event in deltas) == call.function.arguments
    assert [event.name for event in events if event.type == "tool_calls.function.arguments.done"] == ["report_weather"]


def test_the_helper_for_streams_of_responses(client, expected):
    with client.responses.stream(model="m", input=QUESTION, temperature=0, max_output_tokens=10) as stream:
        text = "".join(event.delta for event in stream if event.type == "response.output_text.delta")
        assert text == stream.get_final_response().output_text == expected


def test_a_stream_of_a_response_is_parsed(client):
    with client.responses.stream(model="m", input=QUESTION, temperature=0, max_output_tokens=60,
                                 text_format=Weather) as stream:
        assert isinstance(stream.get_final_response().output_parsed, Weather)


def test_raw_and_streamed_responses(client, expected):
    raw = client.chat.completions.with_raw_response.create(**CHAT)
    assert raw.status_code == 200 and raw.headers["content-type"].startswith("application/json")
    assert raw.request_id == raw.headers["x-request-id"] != ""
    assert raw.parse().choices[0].message.content == expected
    with client.chat.completions.with_streaming_response.create(**CHAT, stream=True) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        lines = [line for line in response.iter_lines() if line]
    assert all(line.startswith("data: ") for line in lines) and lines[-1] == "data: [DONE]"
    with pytest.raises(openai.BadRequestError) as error:
        client.chat.completions.with_raw_response.create(**{**CHAT, "temperature": -1})
    assert error.value.request_id


def test_the_client_of_event_loops(server, expected):
    async def answers():
        async with server.async_client() as client:
            whole, stream = await asyncio.gather(client.chat.completions.create(**CHAT),
                                                 client.chat.completions.create(**CHAT, stream=True))
            text = "".join([chunk.choices[0].delta.content or "" async for chunk in stream])
            async with client.chat.completions.stream(**CHAT) as helper:
                final = await helper.get_final_completion()
            async with client.responses.stream(model="m", input=QUESTION, temperature=0,
                                               max_output_tokens=10) as helper:
                response = await helper.get_final_response()
            completion = await client.completions.create(model="m", prompt="One, two,", max_tokens=3)
            models = [model.id async for model in client.models.list()]
            raw = await client.chat.completions.with_raw_response.create(**CHAT)
            assert completion.choices[0].text and len(models) == 1
            return [whole.choices[0].message.content, text, final.choices[0].message.content, response.output_text,
                    raw.parse().choices[0].message.content]

    assert asyncio.run(answers()) == [expected] * 5


def curl(server: ServerProcess, path: str, body=None) -> str:
    command = ["curl", "--silent", "--show-error", "--no-buffer", "--max-time", "60", server.url + path]
    if body is not None:
        command += ["--header", "Content-Type: application/json", "--data", json.dumps(body)]
    return subprocess.run(command, capture_output=True, text=True, timeout=90, check=True).stdout


def test_curl(server, expected):
    assert json.loads(curl(server, "/v1/models"))["data"]
    assert json.loads(curl(server, "/v1/chat/completions", CHAT))["choices"][0]["message"]["content"] == expected
    lines = [line for line in curl(server, "/v1/chat/completions", {**CHAT, "stream": True}).split("\n") if line]
    assert lines[-1] == "data: [DONE]"
    deltas = [json.loads(line.removeprefix("data: "))["choices"][0]["delta"] for line in lines[:-1]]
    assert "".join(delta.get("content") or "" for delta in deltas) == expected
    assert "must" in json.loads(curl(server, "/v1/chat/completions", {**CHAT, "temperature": -1}))["message"]
