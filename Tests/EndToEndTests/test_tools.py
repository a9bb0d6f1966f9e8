"""Calls of tools and thoughts: their form on the wire, whatever a small model makes of them."""

import json

import pytest
from openai import BadRequestError

from server_process import ServerProcess, run

TOOLS = [
    {"type": "function", "function": {
        "name": "get_weather", "description": "The weather of a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
                       "required": ["city"], "additionalProperties": False}}},
    {"type": "function", "function": {"name": "get_time", "description": "The time.",
                                      "parameters": {"type": "object", "properties": {}}}},
]
QUESTION = [{"role": "user", "content": "What is the weather in Paris? Call the function get_weather."}]


@pytest.fixture(scope="module")
def tool_server(tool_model):
    with ServerProcess(tool_model, "--max_seq_len", "8192") as server:
        yield server
        assert server.process.poll() is None, "the server died:\n" + server.output()[-5000:]


@pytest.fixture(scope="module")
def tool_client(tool_server):
    return tool_server.client()


def ask(client, messages=QUESTION, **options):
    return client.chat.completions.create(**{
        "model": "m", "messages": messages, "tools": TOOLS, "temperature": 0, "max_tokens": 100, **options})


def check_choice(choice):
    """The form of an answer that may have calls."""
    calls = choice.message.tool_calls or []
    if choice.finish_reason == "tool_calls":
        assert calls
        assert len({call.id for call in calls}) == len(calls)
        for call in calls:
            assert call.type == "function" and call.function.name in ("get_weather", "get_time")
            assert isinstance(json.loads(call.function.arguments), dict)
    else:
        assert choice.message.content is not None or calls
    return calls


def test_the_format_is_that_of_the_template(tool_server):
    assert "calls: hermes" in tool_server.output()


def test_an_answer_may_have_calls(tool_client):
    check_choice(ask(tool_client).choices[0])


@pytest.mark.parametrize("choice", ["auto", "required"])
def test_many_functions_are_no_more_than_a_mask_may_cost(tool_client, choice):
    tools = [{"type": "function", "function": {"name": f"{verb}_{noun}", "parameters": {
        "type": "object", "properties": {noun: {"type": "string"}}, "required": [noun]}}}
        for verb in ("find", "get", "list", "make", "move", "read", "send", "stop")
        for noun in ("book", "city", "date", "file", "job", "mail", "note", "room", "song", "user")]
    answer = ask(tool_client, tools=tools, tool_choice=choice, max_tokens=40).choices[0]
    assert choice == "auto" or answer.message.tool_calls


def test_a_stream_comes_to_the_same(tool_client):
    whole = ask(tool_client).choices[0]
    text, calls, finish = "", [], None
    for chunk in ask(tool_client, stream=True):
        delta = chunk.choices[0].delta
        text += delta.content or ""
        for call in delta.tool_calls or []:
            if call.id:
                assert call.index == len(calls)
                calls.append([call.function.name, ""])
            calls[call.index][1] += call.function.arguments or ""
        finish = chunk.choices[0].finish_reason or finish
    assert text == (whole.message.content or "")
    assert calls == [[call.function.name, call.function.arguments] for call in whole.message.tool_calls or []]
    assert finish == whole.finish_reason


def test_calls_and_results_go_back_to_the_model(tool_client, tool_server):
    messages = QUESTION + [
        {"role": "assistant", "content": None, "tool_calls": [
            {"id": "call_1", "type": "function",
             "function": {"name": "get_weather", "arguments": '{"city": "Paris"}'}}]},
        {"role": "tool", "tool_call_id": "call_1", "content": "It rains, 12 degrees."},
    ]
    answer = ask(tool_client, messages)
    check_choice(answer.choices[0])
    without = ask(tool_client, messages[:1])
    assert answer.usage.prompt_tokens > without.usage.prompt_tokens + 10


def test_with_none_the_model_is_not_told(tool_client):
    none = ask(tool_client, tool_choice="none")
    plain = tool_client.chat.completions.create(model="m", messages=QUESTION, temperature=0, max_tokens=100)
    assert none.usage.prompt_tokens == plain.usage.prompt_tokens < ask(tool_client).usage.prompt_tokens
    assert none.choices[0].message.content == plain.choices[0].message.content
    assert none.choices[0].message.tool_calls is None


def test_a_model_without_tools_in_its_template_is_told_in_a_message(client):
    told = ask(client, max_tokens=20)
    check_choice(told.choices[0])
    plain = client.chat.completions.create(model="m", messages=QUESTION, max_tokens=20)
    assert told.usage.prompt_tokens > plain.usage.prompt_tokens + 50


@pytest.mark.parametrize("change, field", [
    ({"tools": [{"type": "function", "function": {"name": "no spaces"}}]}, "tools[0].function.name"),
    ({"tools": TOOLS + TOOLS}, "tools[2].function.name"),
    ({"tools": [{"type": "function", "function": {"name": f"f{n}"}} for n in range(129)]}, "tools"),
    ({"tool_choice": {"type": "function", "function": {"name": "nothing"}}}, "tool_choice.function.name"),
])
def test_what_is_wrong_is_named(tool_client, change, field):
    with pytest.raises(BadRequestError) as error:
        ask(tool_client, **change)
    assert error.value.body["param"] == field


THINKING = "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}" \
           "<|im_start|>assistant\n{% if enable_thinking is not defined or enable_thinking %}<think>\n" \
           "{% else %}<think>\n\n</think>\n\n{% endif %}"


@pytest.fixture(scope="module")
def thinking_client(model):
    with ServerProcess(model, "--max_seq_len", "2048", "--chat_template", THINKING) as server:
        yield server.client()


def test_thoughts_are_told_from_the_answer(thinking_client):
    messages = [{"role": "user", "content": "Hi"}]
    options = {"model": "m", "messages": messages, "temperature": 0, "max_tokens": 16}
    message = thinking_client.chat.completions.create(**options).choices[0].message
    # The prompt has begun the thoughts, and so few words don't end them.
    assert message.reasoning_content and message.reasoning == message.reasoning_content and not message.content
    chunks = list(thinking_client.chat.completions.create(**options, stream=True))
    deltas = [chunk.choices[0].delta for chunk in chunks]
    assert "".join(getattr(delta, "reasoning_content", "") or "" for delta in deltas) == message.reasoning_content
    assert not any(delta.content for delta in deltas)


@pytest.mark.parametrize("off", [{"extra_body": {"chat_template_kwargs": {"enable_thinking": False}}},
                                 {"reasoning_effort": "none"}])
def test_thinking_can_be_turned_off(thinking_client, off):
    answer = thinking_client.chat.completions.create(
        model="m", messages=[{"role": "user", "content": "Hi"}], temperature=0, max_tokens=8, **off)
    assert answer.choices[0].message.content and not answer.choices[0].message.reasoning_content


def test_an_unknown_parser_is_a_usage_error(model):
    ended = run("serve", model, "--tool_parser", "nonsense")
    assert ended.returncode != 0
    assert b"must be one of" in ended.stderr and b"hermes" in ended.stderr


def test_a_required_call_is_made_and_obeys_its_schema(tool_client):
    for seed in range(3):
        choice = ask(tool_client, tool_choice="required", temperature=1, seed=seed, max_tokens=200).choices[0]
        assert choice.finish_reason in ("tool_calls", "length")
        for call in check_choice(choice) if choice.finish_reason == "tool_calls" else []:
            arguments = json.loads(call.function.arguments)
            if call.function.name == "get_weather":
                assert isinstance(arguments["city"], str) and set(arguments) <= {"city", "days"}
                assert isinstance(arguments.get("days", 0), int)
        assert choice.message.tool_calls and not choice.message.content


def test_a_named_function_is_called_once(tool_client):
    named = {"type": "function", "function": {"name": "get_time"}}
    choice = ask(tool_client, tool_choice=named).choices[0]
    assert choice.finish_reason == "tool_calls"
    assert [call.function.name for call in choice.message.tool_calls] == ["get_time"]


def test_a_model_that_is_told_of_tools_can_be_made_to_call_one(client):
    named = {"type": "function", "function": {"name": "get_weather"}}
    choice = ask(client, tool_choice=named, max_tokens=200).choices[0]
    assert [call.function.name for call in choice.message.tool_calls] == ["get_weather"]
    if choice.finish_reason == "tool_calls":
        assert isinstance(json.loads(choice.message.tool_calls[0].function.arguments)["city"], str)


def test_without_parallel_calls_there_is_one(tool_client):
    choice = ask(tool_client, tool_choice="required", parallel_tool_calls=False, temperature=1, seed=5).choices[0]
    assert len(choice.message.tool_calls) == 1


def test_a_budget_ends_thoughts(thinking_client):
    answer = thinking_client.chat.completions.create(
        model="m", messages=[{"role": "user", "content": "Hi"}], temperature=0, max_tokens=48,
        extra_body={"thinking_token_budget": 5})
    message = answer.choices[0].message
    # What a small model writes behind its thoughts may be anything, the tag included.
    assert message.reasoning_content and message.content
    assert "think>" not in message.reasoning_content
