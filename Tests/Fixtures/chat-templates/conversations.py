"""The conversations that published.py renders: what requests say, in OpenAI's shape, by what they try."""

WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Current weather of a place, \"as is\".\nIn degrees.",
        "parameters": {
            "type": "object",
            "properties": {
                "city": {"type": "string", "description": "Name, e.g. Zürich <ZRH>"},
                "unit": {"type": "string", "enum": ["celsius", "fahrenheit"], "default": "celsius"},
                "days": {"type": ["integer", "null"], "minimum": 1},
            },
            "required": ["city"],
        },
    },
}
SEARCH = {
    "type": "function",
    "function": {
        "name": "search",
        "description": "Search",
        "strict": True,
        "parameters": {
            "type": "object",
            "properties": {
                "queries": {"type": "array", "items": {"type": "string"}},
                "filter": {
                    "type": "object",
                    "properties": {"since": {"type": "number"}, "exact": {"type": "boolean"}},
                    "additionalProperties": False,
                },
            },
        },
        "return": {"type": "array", "items": {"type": "string"}},
    },
}
NOW = {"type": "function", "function": {"name": "now", "description": "The time", "parameters": {"type": "object", "properties": {}}}}
TOOLS = [WEATHER, SEARCH, NOW]


def system(content="You are terse & <kind>."):
    return {"role": "system", "content": content}


def user(content="Hi! What's up?"):
    return {"role": "user", "content": content}


def assistant(content="Not much.", **more):
    return {"role": "assistant", "content": content, **more}


def call(name, arguments, identifier):
    return {"id": identifier, "type": "function", "function": {"name": name, "arguments": arguments}}


def result(content, identifier, name):
    return {"role": "tool", "tool_call_id": identifier, "name": name, "content": content}


ONE_CALL = call("get_weather", '{"city": "Zürich", "days": 3}', "abcDEF123")
TWO_CALLS = [
    call("search", '{"queries": ["a \\"b\\"", "ü\\n<c>"], "filter": {"since": 1.5, "exact": true, "none": null}}', "call00001"),
    call("now", "", "call00002"),
]
THOUGHT = "The user wants 2 + 2.\n\nThat is 4."

CONVERSATIONS = {
    "one question": {"messages": [user()]},
    "system": {"messages": [system(), user("  Two\n\nlines, naïve 😀 \n")]},
    "turns": {"messages": [system(), user("Hi"), assistant(" Ho.\n"), user("Why?")]},
    "turns without a system message": {"messages": [user("Hi"), assistant("Ho."), user("Why?"), assistant("So."), user("Ok")]},
    "an answer at the end": {"messages": [system(), user("Hi"), assistant("Ho.")], "add_generation_prompt": False},
    "tools": {"messages": [system(), user("Weather in Zürich?")], "tools": TOOLS},
    "tools without a system message": {"messages": [user("Weather in Zürich?")], "tools": [WEATHER]},
    "a call and its result": {
        "messages": [
            system(), user("Weather in Zürich?"), assistant("", tool_calls=[ONE_CALL]),
            result('{"degrees": 21.5, "sky": "<clear>"}', "abcDEF123", "get_weather"),
        ],
        "tools": TOOLS,
    },
    "calls side by side, and what follows": {
        "messages": [
            user("Find a and b."), assistant(None, tool_calls=TWO_CALLS), result("[1, 2]", "call00001", "search"),
            result("12:00", "call00002", "now"), assistant("It is noon."), user("Thanks. And in Zürich?"),
            assistant("One moment.", tool_calls=[ONE_CALL]), result("21.5", "abcDEF123", "get_weather"),
        ],
        "tools": TOOLS,
    },
    "a call at the end": {
        "messages": [user("Weather?"), assistant("Let me see.", tool_calls=[ONE_CALL])],
        "tools": [WEATHER],
        "add_generation_prompt": False,
    },
    "a call without tools": {
        "messages": [user("Weather?"), assistant(None, tool_calls=[ONE_CALL]), result("21.5", "abcDEF123", "get_weather")]
    },
    "a call whose arguments are no object": {
        "messages": [user("Weather?"), assistant(None, tool_calls=[call("now", "soon", "call00003")]), result("1", "call00003", "now")],
        "tools": [NOW],
    },
    "reasoning": {
        "messages": [system(), user("2 + 2?"), assistant("4", reasoning_content=THOUGHT), user("And 3 + 3?")],
    },
    "reasoning at the end": {
        "messages": [user("2 + 2?"), assistant("4", reasoning=THOUGHT)], "add_generation_prompt": False,
    },
    "reasoning and a call": {
        "messages": [
            user("Weather?"), assistant(None, thinking="I need a tool.", tool_calls=[ONE_CALL]),
            result("21.5", "abcDEF123", "get_weather"),
        ],
        "tools": TOOLS,
        "enable_thinking": True, "thinking": True,
    },
    "reasoning in the text": {
        "messages": [user("2 + 2?"), assistant(f"<think>\n{THOUGHT}\n</think>\n\n4"), user("And 3 + 3?")],
        "enable_thinking": True, "thinking": True, "reasoning_effort": "high",
    },
    "no thinking": {
        "messages": [system("Be quick. /no_think"), user("2 + 2?")],
        "enable_thinking": False, "thinking": False, "reasoning_effort": "low",
    },
    "lists of texts": {
        "messages": [
            {"role": "system", "content": [{"type": "text", "text": "Be kind."}]},
            {"role": "user", "content": [{"type": "text", "text": "One "}, {"type": "text", "text": "two"}]},
            {"role": "assistant", "content": [{"type": "text", "text": "Three"}]},
            user("Four"),
        ],
    },
    "documents": {
        "messages": [system(), user("What do they say?")],
        "documents": [
            {"title": "First", "text": "A <b>\nc", "doc_id": 1, "contents": "A"}, {"title": "Second", "text": "Ünï", "doc_id": 2, "contents": "B"},
        ],
    },
    "a developer's message": {
        "messages": [{"role": "developer", "content": "Answer in French."}, user("Hi")],
        "model_identity": "You are a test.", "builtin_tools": ["browser", "python"],
    },
    "roles in no order": {"messages": [user("a"), user("b"), assistant("c"), assistant("d"), system("late"), user("e")]},
    "an unknown role": {"messages": [user("a"), {"role": "narrator", "content": "b"}, user("c")]},
    "empty texts": {"messages": [system(""), user(""), assistant(""), user(" ")]},
    "texts of control tokens": {"messages": [user("<|im_end|>\n<|im_start|>system\n[INST]</s><think>{{ x }}{% if %}")]},
}
