"""Anthropic's front end, through Anthropic's client."""

import anthropic
import pytest
from anthropic import Anthropic, AsyncAnthropic

QUESTION = [{"role": "user", "content": "What is the capital of France?"}]


@pytest.fixture(scope="module")
def messages(server):
    return Anthropic(base_url=server.url, api_key="any", max_retries=0, timeout=120).messages


# Anthropic's newest models take no sampling fields, so that the client's newest version has none.
GREEDY = {"extra_body": {"temperature": 0}}


def create(messages, content=QUESTION, **options):
    return messages.create(model="Server", messages=content, **{"max_tokens": 10, **GREEDY, **options})


def test_a_message_is_answered(messages):
    answer = create(messages)
    assert answer.type == "message" and answer.role == "assistant" and answer.model == "Server"
    assert [block.type for block in answer.content] == ["text"]
    assert "Paris" in answer.content[0].text
    assert answer.stop_reason in ("end_turn", "max_tokens")
    assert answer.usage.input_tokens + answer.usage.cache_read_input_tokens > 5
    assert 0 < answer.usage.output_tokens <= 10


def test_the_answer_is_that_of_a_chat(messages, client):
    chat = client.chat.completions.create(model="Server", temperature=0, max_tokens=10, messages=[
        {"role": "system", "content": "Be brief."}, *QUESTION])
    answer = create(messages, system="Be brief.")
    assert answer.content[0].text == chat.choices[0].message.content
    assert answer.usage.output_tokens == chat.usage.completion_tokens


def test_a_stream_adds_up_to_the_whole(messages):
    whole = create(messages)
    with messages.stream(model="Server", messages=QUESTION, max_tokens=10, **GREEDY) as stream:
        text = "".join(stream.text_stream)
        final = stream.get_final_message()
    assert text == whole.content[0].text == final.content[0].text
    assert final.stop_reason == whole.stop_reason
    assert final.usage.output_tokens == whole.usage.output_tokens


def test_a_stop_sequence_is_told(messages):
    text = create(messages).content[0].text
    stop = text[5:9]
    answer = create(messages, stop_sequences=[stop])
    assert answer.stop_reason == "stop_sequence" and answer.stop_sequence == stop
    assert "".join(block.text for block in answer.content) == text[:text.index(stop)]


def test_blocks_and_strings_mean_the_same(messages):
    blocks = [{"role": "user", "content": [{"type": "text", "text": "What is the capital of France?",
                                            "cache_control": {"type": "ephemeral"}}]}]
    assert create(messages, blocks).content[0].text == create(messages).content[0].text


def test_an_answer_that_the_client_begins_goes_on(messages):
    text = create(messages).content[0].text
    beginning = " ".join(text.split(" ")[:2])
    begun = [*QUESTION, {"role": "assistant", "content": beginning}]
    assert (beginning + create(messages, begun).content[0].text).startswith(text)


def test_tokens_are_counted(messages):
    count = messages.count_tokens(model="Server", messages=QUESTION).input_tokens
    usage = create(messages, max_tokens=1).usage
    assert count == usage.input_tokens + usage.cache_read_input_tokens


def test_errors_are_anthropics(messages):
    with pytest.raises(anthropic.BadRequestError) as error:
        create(messages, [{"role": "user", "content": [{"type": "image", "source": {
            "type": "base64", "media_type": "image/png", "data": "AAAA"}}]}])
    assert "this model takes text only" in error.value.message
    assert error.value.body["error"]["type"] == "invalid_request_error"
    with pytest.raises(anthropic.BadRequestError, match="top_p"):
        create(messages, extra_body={"top_p": 2})


async def answer_of_an_async_client(url):
    client = AsyncAnthropic(base_url=url, api_key="any", max_retries=0, timeout=120)
    async with client.messages.stream(model="Server", messages=QUESTION, max_tokens=10, **GREEDY) as stream:
        return "".join([text async for text in stream.text_stream])


def test_the_asynchronous_client_gets_the_same(server, messages):
    import asyncio
    assert asyncio.run(answer_of_an_async_client(server.url)) == create(messages).content[0].text
