"""LangChain's own standard tests for chat models, over its client for OpenAI."""

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_openai import ChatOpenAI
from langchain_tests.integration_tests import ChatModelIntegrationTests


@pytest.fixture(autouse=True)
def address(server, monkeypatch):
    monkeypatch.setenv("OPENAI_BASE_URL", server.url + "/v1")
    monkeypatch.setenv("OPENAI_API_KEY", "any")


class Willing(ChatOpenAI):
    """A model that calls one of its tools whenever it has any."""

    def bind_tools(self, tools, *, tool_choice="required", **options):
        return super().bind_tools(tools, tool_choice=tool_choice, **options)


class TestChatCompletions(ChatModelIntegrationTests):
    @property
    def chat_model_class(self) -> type[BaseChatModel]:
        return ChatOpenAI

    @property
    def chat_model_params(self) -> dict:
        return {"model": "m", "temperature": 0, "seed": 1, "max_tokens": 160, "frequency_penalty": 1.2, "timeout": 100, "max_retries": 0,
                "stream_usage": True}

    @property
    def has_tool_calling(self) -> bool:
        return True

    @property
    def has_tool_choice(self) -> bool:
        return True

    @property
    def has_structured_output(self) -> bool:
        return True

    @property
    def structured_output_kwargs(self) -> dict:
        # With members beyond those of the schema a small model finds no end.
        return {"strict": True}

    @property
    def supports_json_mode(self) -> bool:
        return True

    @property
    def supports_model_override(self) -> bool:
        return True

    @property
    def model_override_value(self) -> str:
        return "another"

    @pytest.mark.xfail(reason="a model of 0.5B parameters doesn't see that it needs a call")
    @pytest.mark.parametrize("model", [{}, {"output_version": "v1"}], indirect=True)
    def test_agent_loop(self, model: BaseChatModel) -> None:
        super().test_agent_loop(model)

    @pytest.mark.parametrize("version", ["v0", "v1"])
    def test_agent_loop_where_calls_are_required(self, version: str) -> None:
        super().test_agent_loop(Willing(**self.chat_model_params, output_version=version))
