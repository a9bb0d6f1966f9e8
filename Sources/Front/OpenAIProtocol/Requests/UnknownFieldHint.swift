/// Where a field belongs that clients of other servers or endpoints send.
enum UnknownFieldHint {
    private static let kwargs = "put it into chat_template_kwargs"

    private static let code =
        "no code of a request is run; logit_bias, allowed_token_ids and bad_words change the choice"

    private static let grammars = "use response_format, or guided_json, guided_regex and guided_grammar"

    static let chat: [String: String] = [
        "json_schema": grammars,
        "regex": grammars,
        "ebnf": grammars,
        "grammar": grammars,
        "logits_processors": code,
        "logits_processor": code,
        "enable_thinking": kwargs,
        "thinking": kwargs,
        "thinking_budget": kwargs,
        "preserve_thinking": kwargs,
        "prompt": "a chat's prompt is its messages",
        "suffix": "only /v1/completions has it",
        "detokenize": "only /v1/completions has it",
        "return_context_logits": "only /v1/completions has it",
        "max_new_tokens": "use max_tokens",
        "n_predict": "use max_tokens",
        "repeat_penalty": "use repetition_penalty",
        "max_tokens_to_sample": "use max_tokens",
    ]

    static let completion: [String: String] = [
        "json_schema": grammars,
        "regex": grammars,
        "ebnf": grammars,
        "grammar": grammars,
        "include_reasoning": "only /v1/chat/completions has it",
        "logits_processors": code,
        "logits_processor": code,
        "messages": "use /v1/chat/completions for chats",
        "max_completion_tokens": "use max_tokens",
        "max_new_tokens": "use max_tokens",
        "n_predict": "use max_tokens",
        "repeat_penalty": "use repetition_penalty",
        "top_logprobs": "use logprobs, which takes their number",
        "prompt_token_ids": "give token ids as prompt",
    ]
}
