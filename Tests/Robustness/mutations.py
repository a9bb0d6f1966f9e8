"""Damage to request bodies: from JSON that is almost right to bytes that are hardly JSON."""

import copy
import json
import random

LONG = "x" * 3000
VALUES = [
    None, True, False, 0, 1, -1, 2, 1.5, -0.0, 1e-320, 1e308, 2**31, 2**31 - 1, -(2**31), 2**63 - 1, 2**63, -(2**63), 2**64,
    10**40, "", "a", "0", "true", "null", "\u0000", "\ud83e\udd84", "\ud800", "e\u0301", LONG, "{{ 1 }}", "<|im_start|>",
    [], [[]], [None], [""], ["a"] * 65, [0], [-1], [49151, 49152], [[1, 2], [3]], [1] * 300, {}, {"": 0}, {"a": {"a": {}}},
    {"1": 100}, {"1": -100.0, "49151": 1}, {"x": 1}, {"-1": 1}, {str(i): 1 for i in range(300)}, {"type": "text", "text": "a"},
]
FIELDS = [
    "model", "prompt", "messages", "max_tokens", "max_completion_tokens", "min_tokens", "temperature", "top_k", "top_p",
    "top_p_min", "min_p", "repetition_penalty", "presence_penalty", "frequency_penalty", "logit_bias", "seed", "n", "best_of",
    "stop", "stop_token_ids", "include_stop_str_in_output", "ignore_eos", "skip_special_tokens",
    "spaces_between_special_tokens", "truncate_prompt_tokens", "echo", "stream", "stream_options", "logprobs", "top_logprobs",
    "detokenize", "add_special_tokens", "return_context_logits", "prompt_token_ids", "add_generation_prompt", "documents",
    "chat_template", "chat_template_kwargs", "reasoning_effort", "user", "metadata", "tools", "tool_choice",
    "response_format", "tokens", "content", "input", "instructions", "system", "stop_sequences", "text",
    "thinking", "suffix", "logits_processor", "lora_request", "priority", "unheard_of",
]
CHAT = {"model": "m", "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}],
        "max_tokens": 3, "temperature": 0.5, "seed": 5}
COMPLETION = {"model": "m", "prompt": "A B C", "max_tokens": 3, "temperature": 0.5, "seed": 5, "stop": ["x", "yz"],
              "logprobs": 2, "n": 2, "echo": True}
BODIES = [
    ("/v1/chat/completions", CHAT),
    ("/v1/chat/completions", {**CHAT, "stream": True, "stream_options": {"include_usage": True}}),
    ("/v1/completions", COMPLETION),
    ("/v1/completions", {**COMPLETION, "stream": True, "prompt": [[1, 2, 3], [4]], "logit_bias": {"5": 3.5}}),
    ("/tokenize", {"prompt": "A B C"}),
    ("/tokenize", {"messages": CHAT["messages"]}),
    ("/detokenize", {"tokens": [1, 2, 3], "skip_special_tokens": True}),
    ("/v1/messages", {"model": "m", "max_tokens": 3, "system": "Be brief.", "messages": [
        {"role": "user", "content": [{"type": "text", "text": "Hi"}]},
        {"role": "assistant", "content": [{"type": "tool_use", "id": "t", "name": "f", "input": {"a": 1}}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": "2"}]}]}),
    ("/v1/responses", {"model": "m", "max_output_tokens": 3, "store": False, "instructions": "Be brief.", "input": [
        {"role": "user", "content": [{"type": "input_text", "text": "Hi"}]},
        {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c", "output": "2"}]}),
    ("/v1/rerank", {"model": "m", "query": "A", "documents": ["A B", {"text": "C"}], "top_n": 1}),
    ("/v1/embeddings", {"model": "m", "input": ["A B C", "D"], "encoding_format": "base64", "dimensions": 4}),
]


class Mutator:
    """Body number `index` of a seed, always the same."""

    def __init__(self, seed: int, index: int):
        self.random = random.Random(seed * 1_000_003 + index)

    def request(self) -> tuple[str, bytes]:
        path, body = self.random.choice(BODIES)
        body = copy.deepcopy(body)
        for _ in range(self.random.choice([0, 1, 1, 2, 3])):
            self.change_value(body)
        raw = json.dumps(body, ensure_ascii=self.random.random() < 0.5).encode("utf-8", "surrogatepass")
        for _ in range(self.random.choice([0, 0, 1, 2])):
            raw = self.change_bytes(raw)
        return path, raw

    def change_value(self, body):
        places = list(self.places(body))
        action = self.random.random()
        if action < 0.5 or not places:
            body[self.random.choice(FIELDS)] = self.value()
            return
        parent, key = self.random.choice(places)
        if action < 0.6:
            del parent[key]
        elif action < 0.7 and isinstance(parent, list):
            parent.insert(key, copy.deepcopy(parent[key]))
        else:
            parent[key] = self.value()

    def value(self):
        value = self.random.choice(VALUES)
        if self.random.random() < 0.1:
            for _ in range(self.random.choice([1, 3, 200])):
                value = [value] if self.random.random() < 0.5 else {"a": value}
        return copy.deepcopy(value)

    def places(self, value):
        keys = value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
        for key in list(keys):
            yield value, key
            yield from self.places(value[key])

    def change_bytes(self, raw: bytes) -> bytes:
        if not raw:
            return b"{"
        place = self.random.randrange(len(raw))
        size = self.random.choice([1, 1, 2, 8, 40])
        return self.random.choice([
            lambda: raw[:place] + bytes([self.random.randrange(256)]) + raw[place + 1:],
            lambda: raw[:place] + raw[place + size:],
            lambda: raw[:place] + raw[place:place + size] * 2 + raw[place + size:],
            lambda: raw[:place] + self.random.choice(
                [b"{", b"[", b'"', b"\\", b",", b":", b"\\u", b"\\ud800", b"1e999", b"-", b"0" * 400, b"\xff", b"\x00",
                 b"\xf0\x9f", b"[" * 600]) + raw[place:],
            lambda: raw[:place],
        ])()
