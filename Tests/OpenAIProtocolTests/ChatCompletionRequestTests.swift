import OpenAIProtocol
import OrderedJSON
import Testing

@Suite struct ChatCompletionRequestTests {
    @Test func theLastMessageIsContinuedWithoutANewTurn() throws {
        let open = try chat(#"{"continue_final_message":true,"messages":[{"role":"assistant","content":"Well,"}]}"#)
        #expect(open.template.continuesFinalMessage && !open.template.addGenerationPrompt)
        #expect(open.replyRole == "assistant")
        let stated = try chat(#"{"continue_final_message":true,"add_generation_prompt":false}"#)
        #expect(stated.template.continuesFinalMessage && !stated.template.addGenerationPrompt)
        let fault = fault { _ = try chat(#"{"continue_final_message":true,"add_generation_prompt":true}"#) }
        #expect(fault?.field == "continue_final_message")
    }

    @Test func aMinimalRequestHasTheDefaults() throws {
        let request = try chat()
        #expect(request.messages.map(\.role) == ["user"] && request.messages.map(\.text) == ["Hi"])
        #expect(request.template == TemplateFields())
        #expect(request.template.addGenerationPrompt && !request.template.addSpecialTokens)
        #expect(request.sampling == SamplingFields() && request.stream == StreamFields())
        #expect(request.logProbabilities == nil && request.promptTokenIDs == nil && !request.echo)
        #expect(request.replyRole == "assistant")
    }

    @Test func stringsAndPartsReadAlike() throws {
        let parts = try chat(
            #"{"messages":[{"role":"user","content":["a",{"type":"text","text":"b"},{"type":"text"},{"type":"refusal","refusal":"c"}]}]}"#
        )
        let plain = try chat(#"{"messages":[{"role":"user","content":"a\nb\nc"}]}"#)
        #expect(parts.messages == plain.messages)
    }

    @Test func contentMayBeNullOrMissing() throws {
        let request = try chat(#"{"messages":[{"role":"a","content":null},{"role":"b"},{"role":"c","content":[]}]}"#)
        #expect(request.messages.map(\.text) == ["", "", ""])
        #expect(request.messages.map { $0.members["content"] } == ["", "", ""])
    }

    @Test func furtherKeysOfMessagesAreHandedOn() throws {
        let message = try chat(
            """
            {"messages":[{"reasoning_content":"r","role":"assistant","name":"n","content":"x",
             "cache_control":{"type":"ephemeral"},"tool_calls":[{"id":"1"}],"tool_call_id":"2"}]}
            """
        ).messages[0]
        #expect(message.members.keys == ["role", "content", "reasoning_content", "name", "tool_calls", "tool_call_id"])
        #expect(message.members["tool_calls"] == [["id": "1"]])
    }

    @Test func bothNamesOfTheOutputLimitAreRead() throws {
        #expect(try chat(#"{"max_tokens":5}"#).sampling.maxTokens == 5)
        #expect(try chat(#"{"max_completion_tokens":6}"#).sampling.maxTokens == 6)
        #expect(try chat(#"{"max_tokens":null,"max_completion_tokens":6}"#).sampling.maxTokens == 6)
    }

    @Test(
        arguments: [
            ("{}", nil), (#"{"logprobs":false}"#, nil), (#"{"logprobs":true}"#, 0),
            (#"{"logprobs":true,"top_logprobs":5}"#, 5), (#"{"logprobs":1}"#, 0), (#"{"logprobs":3}"#, 3),
            (#"{"logprobs":null,"top_logprobs":0}"#, nil), (#"{"logprobs":true,"top_logprobs":-1}"#, -1),
            (#"{"logprobs":-1}"#, -1),
        ] as [(String, Int?)]
    )
    func logProbabilitiesNeedTheSwitch(fields: String, alternatives: Int?) throws {
        #expect(try chat(fields).logProbabilities == alternatives)
    }

    @Test func theTemplateIsGivenWhatTheRequestHasForIt() throws {
        var limits = RequestLimits()
        limits.allowsChatTemplate = true
        let request = try chat(
            """
            {"add_generation_prompt":false,"add_special_tokens":true,"documents":[{"title":"t"}],
             "chat_template":"T","chat_template_kwargs":{"enable_thinking":false},"reasoning_effort":"high",
             "prompt_token_ids":[1,2]}
            """,
            limits: limits
        )
        #expect(!request.template.addGenerationPrompt && request.template.addSpecialTokens)
        #expect(request.template.documents == [["title": "t"]])
        #expect(request.template.template == "T")
        #expect(request.template.variables == ["enable_thinking": false, "reasoning_effort": "high"])
        #expect(request.promptTokenIDs == [1, 2])
        #expect(request.replyRole == "user")
    }

    @Test func theLastMessageIsEchoedWhenItHasTheReplysRole() throws {
        let messages = #""messages":[{"role":"user","content":"q"},{"role":"assistant","content":"so far"}]"#
        #expect(try chat("{\(messages),\"echo\":true}").echoedText == "so far")
        #expect(try chat("{\(messages)}").echoedText == nil)
        #expect(try chat(#"{"echo":true}"#).echoedText == nil)
        #expect(try chat(#"{"echo":true,"add_generation_prompt":false}"#).echoedText == "Hi")
    }

    @Test func fieldsWithoutEffectAreAccepted() throws {
        let request = try chat(
            """
            {"user":"u","metadata":{},"store":false,"service_tier":"auto","prompt_cache_key":"k","verbosity":"low",
             "safety_identifier":"s","parallel_tool_calls":true,"prediction":{"type":"content","content":"x"},
             "prompt_cache_options":{"mode":"explicit","ttl":"30m"},"prompt_cache_retention":"24h",
             "moderation":{"model":"omni-moderation-latest","policy":{"input":{"mode":"score"}}},
             "modalities":["text"],"tools":[],"tool_choice":"none","response_format":{"type":"text"},"audio":null}
            """
        )
        #expect(request == (try chat()))
    }

    @Test(arguments: [
        "n", "temperature", "top_k", "seed", "max_tokens", "max_completion_tokens", "stop", "stream", "stream_options",
        "echo", "logprobs", "top_logprobs", "prompt_token_ids", "add_generation_prompt", "add_special_tokens",
        "documents", "chat_template", "chat_template_kwargs", "reasoning_effort", "tools", "tool_choice", "modalities",
        "audio", "functions", "function_call", "web_search_options", "verbosity", "prediction", "moderation",
        "parallel_tool_calls", "prompt_cache_retention", "response_format",
    ])
    func nullIsAsGoodAsAbsent(field: String) throws {
        #expect(try chat(#"{"\#(field)":null}"#) == chat())
    }

    @Test(arguments: [
        Refused(#"{"messages":null}"#, "messages", "null"),
        Refused(#"{"messages":[]}"#, "messages", "at least 1 message"),
        Refused(#"{"messages":"hi"}"#, "messages", "a list of messages"),
        Refused(#"{"messages":["hi"]}"#, "messages[0]", "an object"),
        Refused(#"{"messages":[{"content":"hi"}]}"#, "messages[0].role", "required"),
        Refused(#"{"messages":[{"role":5,"content":"hi"}]}"#, "messages[0].role", "a string"),
        Refused(#"{"messages":[{"role":"","content":"hi"}]}"#, "messages[0].role", "empty"),
        Refused(#"{"messages":[{"role":"user","content":5}]}"#, "messages[0].content", "integer"),
        Refused(#"{"messages":[{"role":"user","content":[5]}]}"#, "messages[0].content[0]", "integer"),
        Refused(
            #"{"messages":[{"role":"user","content":[{"type":"nope"}]}]}"#,
            "messages[0].content[0]",
            "Unknown part type: nope",
        ),
        Refused(
            #"{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"x"}}]}]}"#,
            "messages[0].content[0]",
            "this model takes text only, not parts of type 'image_url'",
        ),
        Refused(#"{"top_logprobs":3}"#, "top_logprobs", "logprobs must be true when using top_logprobs"),
        Refused(#"{"logprobs":true,"top_logprobs":21}"#, "top_logprobs", "[-1, 20]"),
        Refused(#"{"logprobs":21}"#, "logprobs", "[-1, 20]"),
        Refused(#"{"prompt_logprobs":-2}"#, "prompt_logprobs", "[-1, 20]"),
        Refused(#"{"tools":[{"type":"function"}]}"#, "tools[0].function", "is required"),
        Refused(#"{"tool_choice":"auto"}"#, "tool_choice", "`tools` must be set"),
        Refused(#"{"functions":[{}]}"#, "functions", "not supported yet"),
        Refused(#"{"modalities":["text","audio"]}"#, "modalities", "not supported yet"),
        Refused(#"{"enable_thinking":false}"#, "enable_thinking", "put it into chat_template_kwargs"),
        Refused(#"{"prompt":"x"}"#, "prompt", "unknown field"),
        Refused(#"{"detokenize":true}"#, "detokenize", "only /v1/completions"),
        Refused(#"{"max_tokens":1,"max_completion_tokens":1}"#, "max_completion_tokens", "give only one"),
        Refused(#"{"stream_options":{"include_usage":true}}"#, "stream_options", "if stream is true"),
        Refused(#"{"chat_template":5}"#, "chat_template", "a string"),
        Refused(#"{"chat_template_kwargs":[]}"#, "chat_template_kwargs", "an object"),
        Refused(#"{"reasoning_effort":1}"#, "reasoning_effort", "a string"),
        Refused(#"{"max_tokens":0}"#, "max_tokens", "at least 1"),
        Refused(
            #"{"moderation":{"model":"m","policy":{"output":{"mode":"block"}}}}"#,
            "moderation.policy.output.mode",
            "'block' is not supported yet"
        ),
        Refused(#"{"thinking_token_budget":-1}"#, "thinking_token_budget", "at least 0"),
    ])
    func aWrongFieldIsNamed(refused: Refused) {
        let fault = fault { _ = try chat(refused.fields) }
        #expect(fault?.field == refused.field)
        #expect(fault?.description.contains(refused.words) == true, "\(fault?.description ?? "accepted")")
    }
}
