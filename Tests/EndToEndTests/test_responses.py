"""OpenAI's responses, through OpenAI's client."""

import time

import openai
import pytest

QUESTION = "What is the capital of France?"


def create(client, **options):
    return client.responses.create(model="Server", **{"input": QUESTION, "temperature": 0, "max_output_tokens": 10,
                                                      **options})


def test_a_response_is_the_answer_of_a_chat(client):
    response = create(client)
    chat = client.chat.completions.create(model="Server", temperature=0, max_tokens=10,
                                          messages=[{"role": "user", "content": QUESTION}])
    assert response.output_text == chat.choices[0].message.content
    assert response.object == "response" and response.status in ("completed", "incomplete")
    assert response.usage.output_tokens == chat.usage.completion_tokens
    assert response.usage.total_tokens == response.usage.input_tokens + response.usage.output_tokens
    assert response.output[0].type == "message" and response.output[0].role == "assistant"


def test_a_stream_adds_up_to_the_whole(client):
    events = list(create(client, stream=True))
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert events[0].type == "response.created" and events[-1].type in ("response.completed", "response.incomplete")
    text = "".join(event.delta for event in events if event.type == "response.output_text.delta")
    assert text == events[-1].response.output_text == create(client).output_text


def test_the_streaming_helper_works(client):
    with client.responses.stream(model="Server", input=QUESTION, temperature=0, max_output_tokens=10) as stream:
        for _ in stream:
            pass
        assert stream.get_final_response().output_text == create(client).output_text


def test_a_length_that_cuts_is_incomplete(client):
    response = create(client, max_output_tokens=1)
    assert response.status == "incomplete" and response.incomplete_details.reason == "max_output_tokens"


def test_a_conversation_goes_on(client):
    first = create(client)
    second = create(client, input="And of Italy?", previous_response_id=first.id)
    assert second.previous_response_id == first.id
    by_hand = create(client, input=[{"role": "user", "content": QUESTION}, *first.output,
                                    {"role": "user", "content": "And of Italy?"}])
    assert second.output_text == by_hand.output_text
    assert second.usage.input_tokens == by_hand.usage.input_tokens > first.usage.input_tokens


def test_a_response_is_found_and_forgotten(client):
    made = create(client, metadata={"a": "b"})
    found = client.responses.retrieve(made.id)
    assert found.output_text == made.output_text and found.metadata == {"a": "b"}
    items = client.responses.input_items.list(made.id)
    assert items.data[0].role == "user"
    client.responses.delete(made.id)
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(made.id)
    unkept = create(client, store=False)
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(unkept.id)


def test_a_background_response_is_had_later(client):
    response = create(client, background=True)
    assert response.status == "queued"
    deadline = time.monotonic() + 60
    while response.status in ("queued", "in_progress") and time.monotonic() < deadline:
        response = client.responses.retrieve(response.id)
        time.sleep(0.05)
    assert response.output_text == create(client).output_text


def test_a_background_response_is_cancelled(client, server):
    response = create(client, background=True, max_output_tokens=1900, extra_body={"seed": 1})
    cancelled = client.responses.cancel(response.id)
    assert cancelled.status == "cancelled"
    server.wait_until(lambda now: now["num_requests_running"] == 0, "an idle engine")
    assert client.responses.retrieve(response.id).status == "cancelled"


def test_log_probabilities_are_told(client):
    response = create(client, max_output_tokens=4, top_logprobs=2, include=["message.output_text.logprobs"])
    entries = response.output[0].content[0].logprobs
    assert len(entries) == 4 and all(len(entry.top_logprobs) == 2 for entry in entries)
    assert "".join(entry.token for entry in entries) == response.output_text


@pytest.mark.parametrize(("options", "words"), [
    ({"input": [{"role": "user", "content": [{"type": "input_image", "image_url": "http://x/y.png"}]}]},
     "this model takes text only"),
    ({"tools": [{"type": "web_search"}]}, "web_search"),
    ({"previous_response_id": "nothing"}, "resp_"),
    ({"temperature": -1}, "temperature"),
])
def test_what_is_wrong_is_named(client, options, words):
    with pytest.raises(openai.BadRequestError) as error:
        create(client, **options)
    assert words in error.value.message


def test_responses_may_be_asked_for_asynchronously(server, client):
    import asyncio

    async def text():
        async with server.async_client() as other:
            return (await create(other)).output_text

    assert asyncio.run(text()) == create(client).output_text
