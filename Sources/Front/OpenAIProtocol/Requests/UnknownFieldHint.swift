/// Where a field belongs that clients of other servers or endpoints send.
enum UnknownFieldHint {
    private static let kwargs = "put it into chat_template_kwargs"

    static let chat: [String: String] = [
        "enable_thinking": kwargs,
        "thinking": kwargs,
        "thinking_budget": kwargs,
        "preserve_thinking": kwargs,
        "prompt": "a chat's prompt is its messages",
        "suffix": "suffix is not supported",
        "detokenize": "only /v1/completions has it",
        "return_context_logits": "only /v1/completions has it",
        "max_new_tokens": "use max_tokens",
        "n_predict": "use max_tokens",
        "repeat_penalty": "use repetition_penalty",
        "max_tokens_to_sample": "use max_tokens",
    ]

    static let completion: [String: String] = [
        "messages": "use /v1/chat/completions for chats",
        "max_completion_tokens": "use max_tokens",
        "max_new_tokens": "use max_tokens",
        "n_predict": "use max_tokens",
        "repeat_penalty": "use repetition_penalty",
        "top_logprobs": "use logprobs, which takes their number",
        "prompt_token_ids": "give token ids as prompt",
    ]
}
