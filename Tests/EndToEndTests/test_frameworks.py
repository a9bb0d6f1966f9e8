"""Frameworks that people build agents with: each talks to the server through its own client, unchanged."""

import os

# None of them may call home from a test.
os.environ.update(LITELLM_LOCAL_MODEL_COST_MAP="True", OPENAI_AGENTS_DISABLE_TRACING="1", LANGSMITH_TRACING="false",
                  LANGCHAIN_TRACING_V2="false")

import litellm
import pytest
from agents import Agent as OpenAIAgent
from agents import ModelSettings, OpenAIChatCompletionsModel, OpenAIResponsesModel, Runner
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from pydantic_ai import Agent
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel as PydanticResponsesModel
from pydantic_ai.providers.openai import OpenAIProvider

from server_process import ServerProcess

QUESTION = "What is the capital of France?"
MESSAGES = [{"role": "user", "content": QUESTION}]


@pytest.fixture(scope="module")
def expected(client) -> str:
    """What the server answers to OpenAI's own client."""
    return client.chat.completions.create(model="m", messages=MESSAGES, temperature=0, max_tokens=10) \
        .choices[0].message.content


def test_litellm(server, expected):
    options = dict(model="openai/m", api_base=server.url + "/v1", api_key="any", messages=MESSAGES, temperature=0,
                   max_tokens=10)
    assert litellm.completion(**options).choices[0].message.content == expected
    chunks = [chunk.choices[0].delta.content or "" for chunk in litellm.completion(stream=True, **options)]
    assert "".join(chunks) == expected
    answer = litellm.responses(model="openai/m", api_base=server.url + "/v1", api_key="any", input=QUESTION,
                               temperature=0, max_output_tokens=10)
    assert answer.output[0].content[0].text == expected


def test_litellm_through_anthropics_front_end(server, expected):
    answer = litellm.completion(model="anthropic/m", api_base=server.url, api_key="any", messages=MESSAGES,
                                temperature=0, max_tokens=10)
    assert answer.choices[0].message.content == expected


def test_langchain(server, expected):
    model = ChatOpenAI(model="m", base_url=server.url + "/v1", api_key="any", temperature=0, max_tokens=10)
    assert model.invoke(QUESTION).content == expected
    assert "".join(chunk.content for chunk in model.stream(QUESTION)) == expected
    assert model.invoke(QUESTION).usage_metadata["output_tokens"] <= 10
    assert [answer.content for answer in model.batch([QUESTION, QUESTION])] == [expected, expected]


def test_langchains_embeddings(model):
    with ServerProcess(model, "--pooling", "mean") as server:
        embeddings = OpenAIEmbeddings(model="m", base_url=server.url + "/v1", api_key="any",
                                      check_embedding_ctx_length=False)
        one, other = embeddings.embed_documents(["a warm day", "it snows"])
        assert len(one) == len(other) == 576 and one != other
        assert embeddings.embed_query("a warm day") == pytest.approx(one)


@pytest.mark.parametrize("kind", ["chat", "responses"])
def test_pydantic_ai(server, expected, kind):
    provider = OpenAIProvider(base_url=server.url + "/v1", api_key="any")
    model = {
        "chat": lambda: OpenAIChatModel("m", provider=provider),
        "responses": lambda: PydanticResponsesModel("m", provider=provider),
    }[kind]()
    answer = Agent(model, model_settings={"temperature": 0, "max_tokens": 10}).run_sync(QUESTION)
    assert answer.output == expected


@pytest.mark.parametrize("kind", [OpenAIChatCompletionsModel, OpenAIResponsesModel])
def test_openai_agents(server, expected, kind):
    agent = OpenAIAgent(name="Geographer", model=kind(model="m", openai_client=server.async_client()),
                        model_settings=ModelSettings(temperature=0, max_tokens=10))
    assert Runner.run_sync(agent, QUESTION).final_output == expected
