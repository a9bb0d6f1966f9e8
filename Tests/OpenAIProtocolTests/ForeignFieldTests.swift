import OpenAIProtocol
import OrderedJSON
import Testing

/// The fields that vLLM documents: each has a meaning here, or is refused by its name; none is ignored in silence.
@Suite struct ForeignFieldTests {
    private static let shared = [
        "model", "frequency_penalty", "logit_bias", "logprobs", "max_tokens", "n", "presence_penalty",
        "response_format", "seed", "stop", "stream", "stream_options", "temperature", "top_p", "user",
        "use_beam_search", "top_k", "min_p", "repetition_penalty", "length_penalty", "stop_token_ids",
        "include_stop_str_in_output", "ignore_eos", "min_tokens", "skip_special_tokens",
        "spaces_between_special_tokens", "truncate_prompt_tokens", "prompt_logprobs", "allowed_token_ids", "echo",
        "add_special_tokens", "guided_json", "guided_regex", "guided_choice", "guided_grammar",
        "guided_decoding_backend", "guided_whitespace_pattern", "structured_outputs", "priority", "request_id",
        "return_tokens_as_token_ids", "return_token_ids", "cache_salt", "kv_transfer_params", "vllm_xargs",
    ]
    private static let ofChats = [
        "messages", "max_completion_tokens", "top_logprobs", "tools", "tool_choice", "parallel_tool_calls",
        "reasoning_effort", "thinking_token_budget", "include_reasoning", "add_generation_prompt",
        "continue_final_message", "documents", "chat_template", "chat_template_kwargs", "mm_processor_kwargs",
        "media_io_kwargs", "bad_words",
    ]
    private static let ofCompletions = ["prompt", "suffix", "best_of", "prompt_embeds"]

    @Test func everyFieldOfVLLMIsKnown() throws {
        let chat = Set(try ChatCompletionRequest.fields().map(\.name))
        #expect((Self.shared + Self.ofChats).filter { !chat.contains($0) } == [])
        let completion = Set(try CompletionRequest.fields().map(\.name))
        #expect((Self.shared + Self.ofCompletions).filter { !completion.contains($0) } == [])
    }

    @Test(arguments: ["kv_transfer_params", "vllm_xargs", "guided_whitespace_pattern"])
    func whatHasNoEffectIsRefusedWhenItAsksForSome(field: String) {
        var body: JSONObject = ["model": "m", "prompt": "a"]
        body[field] = .null
        #expect(throws: Never.self) { try CompletionRequest(body) }
        body[field] = field == "guided_whitespace_pattern" ? "x" : ["a": 1]
        #expect(throws: ValidationError.unsupported(field: field)) { try CompletionRequest(body) }
    }

    @Test(arguments: ["logits_processors", "regex", "ebnf", "json_schema"])
    func whatOtherServersHaveIsRefusedWithAHint(field: String) throws {
        let body: JSONObject = ["model": "m", "prompt": "a", field: "x"]
        let error = #expect(throws: ValidationError.self) { try CompletionRequest(body) }
        guard case .unknown(field, let hint)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(hint != nil)
    }
}
