"""LlamaIndex through its class for servers that are like OpenAI's."""

import pytest
from llama_index.core.llms import ChatMessage
from llama_index.core.tools import FunctionTool
from llama_index.llms.openai_like import OpenAILike
from pydantic import BaseModel, Field

QUESTION = "What is the capital of France?"


class City(BaseModel):
    """A city."""

    name: str = Field(max_length=20)
    country: str = Field(max_length=20)


def get_weather(city: str) -> str:
    """The weather of a city."""
    return f"Sun in {city}."


@pytest.fixture
def model(server):
    return OpenAILike(model="m", api_base=server.url + "/v1", api_key="any", is_chat_model=True,
                      is_function_calling_model=True, context_window=4096, temperature=0, max_tokens=40,
                      timeout=100, max_retries=0)


@pytest.fixture
def expected(server) -> str:
    """What the server answers to OpenAI's own client."""
    return server.client().chat.completions.create(
        model="m", messages=[{"role": "user", "content": QUESTION}], temperature=0, max_tokens=40) \
        .choices[0].message.content


def test_chats(model, expected):
    messages = [ChatMessage(role="user", content=QUESTION)]
    answer = model.chat(messages)
    assert answer.message.content == expected
    assert answer.raw.usage.completion_tokens <= 40
    pieces = list(model.stream_chat(messages))
    assert "".join(piece.delta or "" for piece in pieces) == expected == pieces[-1].message.content


async def test_chats_in_an_event_loop(model, expected):
    messages = [ChatMessage(role="user", content=QUESTION)]
    assert (await model.achat(messages)).message.content == expected
    assert "".join([piece.delta or "" async for piece in await model.astream_chat(messages)]) == expected


def test_completions(server):
    model = OpenAILike(model="m", api_base=server.url + "/v1", api_key="any", is_chat_model=False,
                       context_window=4096, temperature=0, max_tokens=8, timeout=100, max_retries=0)
    text = server.client().completions.create(model="m", prompt="def add(a, b):", temperature=0, max_tokens=8) \
        .choices[0].text
    assert model.complete("def add(a, b):").text == text
    assert "".join(piece.delta or "" for piece in model.stream_complete("def add(a, b):")) == text


def test_a_tool_is_called(model):
    tool = FunctionTool.from_defaults(get_weather)
    answer = model.chat_with_tools([tool], user_msg="The weather in Paris?", tool_required=True)
    calls = model.get_tool_calls_from_response(answer)
    assert [call.tool_name for call in calls] == ["get_weather"] * len(calls) and calls
    assert all(isinstance(call.tool_kwargs["city"], str) for call in calls)


def test_a_tool_is_called_and_its_result_is_said(model):
    tool = FunctionTool.from_defaults(get_weather)
    answer = model.predict_and_call([tool], user_msg="The weather in Paris? Call get_weather.", tool_required=True,
                                    allow_parallel_tool_calls=True)
    assert answer.sources and all(source.content.startswith("Sun in ") for source in answer.sources)


def test_answers_are_objects(model):
    answer = model.as_structured_llm(City).chat([ChatMessage(role="user", content=QUESTION)])
    assert isinstance(answer.raw, City) and answer.raw.name
