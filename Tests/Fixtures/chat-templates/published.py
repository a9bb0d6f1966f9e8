"""Writes outcomes.json: what `transformers` makes of the templates in a folder, by hash.

`published.py [FOLDER]` renders those of a folder, published/ unless said otherwise; `published.py FOLDER TEMPLATE CONVERSATION` prints one text or error. Made with
Python 3.11, transformers 5.24 and jinja2 3.1.6. Each template has one outcome for each conversation, in their order:
[length in UTF-8 bytes, FNV-1a of these bytes], ["raised", message] for what it refuses, or ["runtime"] and ["syntax"].
The clock shows 2025-07-26 13:34:56.

Two things happen that `apply_chat_template` doesn't do itself: as in servers, arguments of calls that are the text of a
JSON object become that object, and there is a filter `from_json`, which templates for llama.cpp use.
"""

import copy
import datetime
import json
import sys
from pathlib import Path

import jinja2
from tokenizers import Tokenizer, models
from transformers import PreTrainedTokenizerFast
from transformers.utils import chat_template_utils

from conversations import CONVERSATIONS

HERE = Path(__file__).parent


class Clock(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls(2025, 7, 26, 13, 34, 56, 123)


chat_template_utils.datetime = Clock
jinja2.filters.FILTERS["from_json"] = json.loads
tokenizer = PreTrainedTokenizerFast(tokenizer_object=Tokenizer(models.BPE()), bos_token="<s>", eos_token="</s>")


def with_parsed_arguments(messages):
    messages = copy.deepcopy(messages)
    for call in (call for message in messages for call in message.get("tool_calls", [])):
        function = call["function"]
        try:
            parsed = json.loads(function["arguments"] or "{}")
        except json.JSONDecodeError:
            continue
        if isinstance(parsed, dict):
            function["arguments"] = parsed
    return messages


def outcome(source, conversation):
    """The kind of outcome, and the text or the message."""
    variables = {"add_generation_prompt": True, **conversation}
    messages = with_parsed_arguments(variables.pop("messages"))
    try:
        return "out", tokenizer.apply_chat_template(messages, chat_template=source, tokenize=False, **variables)
    except jinja2.TemplateSyntaxError as error:
        return "syntax", str(error)
    except Exception as error:
        return ("raised" if type(error) is jinja2.TemplateError else "runtime"), str(error)


def fnv1a(data):
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return f"{value:016x}"


def recorded(source, conversation):
    kind, text = outcome(source, conversation)
    if kind == "out":
        data = text.encode()
        return [len(data), fnv1a(data)]
    return [kind, text] if kind == "raised" else [kind]


def line(name, value):
    return f"{json.dumps(name, ensure_ascii=False)}: {json.dumps(value, ensure_ascii=False)}"


def main():
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "published"
    if len(sys.argv) > 2:
        source = (folder / f"{sys.argv[2]}.jinja").read_text(encoding="utf-8")
        return print(*outcome(source, CONVERSATIONS[sys.argv[3]]), sep="\n", end="")
    templates = []
    for file in sorted(folder.glob("*.jinja")):
        with open(file, encoding="utf-8", newline="") as stream:
            source = stream.read()
        templates.append(line(file.stem, [recorded(source, each) for each in CONVERSATIONS.values()]))
    conversations = ",\n".join(line(*item) for item in CONVERSATIONS.items())
    text = '{"conversations": {\n' + conversations + '\n},\n"templates": {\n' + ",\n".join(templates) + "\n}}\n"
    (folder / "outcomes.json").write_text(text, encoding="utf-8", newline="\n")
    print(len(templates), "templates,", len(CONVERSATIONS), "conversations")


if __name__ == "__main__":
    main()
