"""Instructor: answers as objects, by each of the ways in which it asks for them."""

from typing import Literal

import instructor
import pytest
from pydantic import BaseModel, ConfigDict, Field

from server_process import ServerProcess

MESSAGES = [{"role": "user", "content": "Anna is 31 years old and lives in Rome."}]
MODES = [instructor.Mode.TOOLS, instructor.Mode.JSON_SCHEMA]


class Person(BaseModel):
    """A person."""

    # With members beyond those of the schema a small model finds no end.
    model_config = ConfigDict(extra="forbid")
    name: str = Field(max_length=20)
    age: int = Field(ge=0, le=150)
    mood: Literal["good", "bad"]


@pytest.fixture(params=MODES, ids=lambda mode: mode.value)
def client(server: ServerProcess, request):
    return instructor.from_openai(server.client(), mode=request.param)


def options(**more) -> dict:
    # One try: what comes has to be right at once.
    return dict(model="m", messages=MESSAGES, temperature=0, max_tokens=100, max_retries=0, response_model=Person,
                **more)


def check(person):
    assert person.name and 0 <= person.age <= 150 and person.mood in ("good", "bad")


def test_an_answer_is_an_object(client):
    person, completion = client.create_with_completion(**options())
    check(person)
    assert completion.choices[0].finish_reason in ("stop", "tool_calls")


def test_an_object_grows_in_a_stream(client):
    parts = list(client.create_partial(**options()))
    assert len(parts) > 2
    check(parts[-1])
    names = [part.name or "" for part in parts]
    assert all(later.startswith(earlier) for earlier, later in zip(names, names[1:]))


def test_objects_come_one_by_one(server):
    # As tools alone: the other mode lets members stand in front of the list, and a small model writes no list then.
    client = instructor.from_openai(server.client(), mode=instructor.Mode.TOOLS)
    # The list may have no end: the first object is enough, and the stream is left.
    people = client.create_iterable(**options())
    check(next(people))
    people.close()


async def test_it_works_in_an_event_loop(server):
    client = instructor.from_openai(server.async_client(), mode=instructor.Mode.TOOLS)
    check(await client.create(**options()))
