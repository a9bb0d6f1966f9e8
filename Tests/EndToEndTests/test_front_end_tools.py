"""Calls of tools through Anthropic's messages and OpenAI's responses: their form, whatever a small model makes of them."""

import json

import pytest
from anthropic import Anthropic

from server_process import ServerProcess

SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"],
          "additionalProperties": False}
QUESTION = "What is the weather in Paris? Call the function get_weather."
TEXT = "The weather of a city."


@pytest.fixture(scope="module")
def tool_server(tool_model):
    with ServerProcess(tool_model, "--max_seq_len", "2048") as server:
        yield server
        assert server.process.poll() is None, "the server died:\n" + server.output()[-5000:]


@pytest.fixture(scope="module")
def messages(tool_server):
    return Anthropic(base_url=tool_server.url, api_key="any", max_retries=0, timeout=120).messages


@pytest.fixture(scope="module")
def responses(tool_server):
    return tool_server.client().responses


def message(messages, content=QUESTION, **options):
    conversation = content if isinstance(content, list) else [{"role": "user", "content": content}]
    return messages.create(**{"model": "m", "max_tokens": 80, "messages": conversation, "tools": [
        {"name": "get_weather", "description": TEXT, "input_schema": SCHEMA}], "extra_body": {"temperature": 0},
        **options})


def check_blocks(answer):
    calls = [block for block in answer.content if block.type == "tool_use"]
    # A small model may go on with calls until the answer is cut.
    assert answer.stop_reason in (("tool_use", "max_tokens") if calls else ("end_turn", "max_tokens"))
    for call in calls:
        assert call.name == "get_weather" and isinstance(call.input, dict) and call.id
    return calls


def test_calls_are_blocks_and_results_are_taken(messages):
    answer = message(messages)
    calls = check_blocks(answer)
    if calls:
        results = [{"type": "tool_result", "tool_use_id": call.id, "content": "sunny"} for call in calls]
        more = message(messages, [{"role": "user", "content": QUESTION},
                                  {"role": "assistant", "content": [block.model_dump() for block in answer.content]},
                                  {"role": "user", "content": results}])
        check_blocks(more)
        assert more.usage.input_tokens + more.usage.cache_read_input_tokens > answer.usage.input_tokens


def test_streamed_blocks_add_up_to_the_whole(messages):
    whole = message(messages)
    with messages.stream(model="m", max_tokens=80, messages=[{"role": "user", "content": QUESTION}], tools=[
            {"name": "get_weather", "description": TEXT, "input_schema": SCHEMA}],
            extra_body={"temperature": 0}) as stream:
        final = stream.get_final_message()
    assert [block.type for block in final.content] == [block.type for block in whole.content]
    assert final.stop_reason == whole.stop_reason
    for one, other in zip(final.content, whole.content, strict=True):
        assert one.type != "tool_use" or one.input == other.input
        assert one.type != "text" or one.text == other.text


def test_without_a_choice_of_tools_there_are_no_calls(messages):
    assert check_blocks(message(messages, tool_choice={"type": "none"})) == []


def test_tools_count_in_the_prompt(messages):
    conversation = [{"role": "user", "content": QUESTION}]
    plain = messages.count_tokens(model="m", messages=conversation).input_tokens
    tools = [{"name": "get_weather", "description": TEXT, "input_schema": SCHEMA}]
    assert messages.count_tokens(model="m", messages=conversation, tools=tools).input_tokens > plain + 20


def respond(responses, **options):
    tools = [{"type": "function", "name": "get_weather", "description": TEXT, "parameters": SCHEMA, "strict": False}]
    return responses.create(**{"model": "m", "input": QUESTION, "max_output_tokens": 80, "temperature": 0,
                               "tools": tools, **options})


def check_items(response):
    calls = [item for item in response.output if item.type == "function_call"]
    for call in calls:
        assert call.name == "get_weather" and call.call_id and isinstance(json.loads(call.arguments), dict)
    return calls


def test_calls_are_items_and_outputs_are_taken(responses):
    first = respond(responses)
    calls = check_items(first)
    assert first.tools[0].name == "get_weather"
    if calls:
        outputs = [{"type": "function_call_output", "call_id": call.call_id, "output": "sunny"} for call in calls]
        second = respond(responses, input=outputs, previous_response_id=first.id)
        check_items(second)
        by_hand = respond(responses, input=[{"role": "user", "content": QUESTION}, *first.output, *outputs])
        assert by_hand.output_text == second.output_text


def test_streamed_items_add_up_to_the_whole(responses):
    events = list(respond(responses, stream=True))
    final = events[-1].response
    whole = respond(responses)
    assert [item.type for item in final.output] == [item.type for item in whole.output]
    arguments = "".join(event.delta for event in events if event.type == "response.function_call_arguments.delta")
    assert arguments == "".join(call.arguments for call in check_items(final))
    assert arguments == "".join(call.arguments for call in check_items(whole))
