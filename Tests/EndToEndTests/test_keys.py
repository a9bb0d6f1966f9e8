"""Servers that let in only who has a key."""

import anthropic
import openai
import pytest

from server_process import TINY_MODEL, ServerProcess


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    file = tmp_path_factory.mktemp("keys") / "keys"
    file.write_text("from-the-file\n\nanother-one\n")
    options = ["--api_key", "from-an-option", "--api_key", "second-option", "--api_key_file", str(file)]
    with ServerProcess(TINY_MODEL, *options, environment={"TRTLLM_API_KEY": "from-the-environment"}) as server:
        yield server


@pytest.mark.parametrize("key", ["from-an-option", "second-option", "from-the-file", "another-one",
                                 "from-the-environment"])
def test_every_key_lets_in(guarded, key):
    client = openai.OpenAI(base_url=guarded.url + "/v1", api_key=key, max_retries=0)
    assert client.models.list().data
    assert guarded.get("/v1/models", headers={"x-api-key": key}).status_code == 200


def test_a_wrong_key_is_the_clients_error(guarded):
    client = openai.OpenAI(base_url=guarded.url + "/v1", api_key="wrong", max_retries=0)
    with pytest.raises(openai.AuthenticationError) as error:
        client.models.list()
    assert error.value.code == "invalid_api_key"
    assert error.value.response.headers["www-authenticate"] == "Bearer"
    other = anthropic.Anthropic(base_url=guarded.url, api_key="wrong", max_retries=0)
    with pytest.raises(anthropic.AuthenticationError):
        other.messages.create(model="m", max_tokens=1, messages=[{"role": "user", "content": "x"}])


def test_only_health_is_open(guarded):
    assert guarded.get("/health").status_code == 200
    for path in ("/metrics", "/version", "/openapi.json", "/v1/models"):
        assert guarded.get(path).status_code == 401


def test_keys_are_not_in_the_log(guarded):
    assert "requests need one of 5 keys" in guarded.output()
    assert "from-an-option" not in guarded.output() and "from-the-file" not in guarded.output()
