import OpenAIProtocol
import OrderedJSON
import RequestParameters
import Testing

@Suite struct CompletionRequestTests {
    @Test func aMinimalRequestHasTheDefaults() throws {
        let request = try completion()
        #expect(request.model == "m")
        #expect(request.prompts == [.text("Hi")])
        #expect(request.sampling == SamplingFields())
        #expect(request.stream == StreamFields())
        #expect(!request.echo && request.detokenize && request.addSpecialTokens && !request.returnContextLogits)
        #expect(request.logProbabilities == nil)
    }

    @Test func everyFieldIsRead() throws {
        let request = try completion(
            """
            {"prompt":[1,2],"best_of":4,"echo":true,"frequency_penalty":-0.5,"presence_penalty":1.5,
             "logit_bias":{"5":-100,"7":2.5},"logprobs":3,"max_tokens":9,"n":2,"seed":-1,"stop":["a","b"],
             "stream":true,"stream_options":{"include_usage":true,"continuous_usage_stats":true},"temperature":0,
             "top_p":0.9,"top_k":40,"top_p_min":0.1,"min_p":0.05,"repetition_penalty":1.1,"stop_token_ids":[3],
             "include_stop_str_in_output":true,"ignore_eos":true,"min_tokens":1,"skip_special_tokens":false,
             "spaces_between_special_tokens":false,"truncate_prompt_tokens":1,"detokenize":false,
             "add_special_tokens":false}
            """
        )
        #expect(request.prompts == [.tokens([1, 2])])
        #expect(request.echo && !request.detokenize && !request.addSpecialTokens)
        #expect(request.logProbabilities == 3)
        #expect(request.stream.isStreamed && request.stream.includeUsage && request.stream.continuousUsage)
        let sampling = request.sampling
        #expect(sampling.bestOf == 4 && sampling.n == 2 && sampling.maxTokens == 9 && sampling.minTokens == 1)
        #expect(sampling.parameters.frequencyPenalty == -0.5 && sampling.parameters.presencePenalty == 1.5)
        #expect(sampling.logitBias.map(\.token) == [5, 7] && sampling.logitBias.map(\.bias) == [-100, 2.5])
        #expect(sampling.parameters.seed == UInt64.max)
        #expect(sampling.stop == ["a", "b"] && sampling.stopTokenIDs == [3])
        #expect(
            sampling.parameters.temperature == 0 && sampling.parameters.topP == 0.9 && sampling.parameters.topK == 40
        )
        #expect(
            sampling.parameters.topPMin == 0.1 && sampling.parameters.minP == 0.05
                && sampling.parameters.repetitionPenalty == 1.1
        )
        #expect(sampling.includeStopInOutput && sampling.ignoreEOS)
        #expect(!sampling.skipSpecialTokens && !sampling.spacesBetweenSpecialTokens)
        #expect(sampling.truncatePromptTokens == 1)
    }

    @Test func whatLimitsTheTokensIsRead() throws {
        let sampling = try completion(
            """
            {"allowed_token_ids":[4,5],"bad_words":["no","not"],"cache_salt":"mine","top_p_decay":0.9,"top_p_reset_ids":7}
            """
        ).sampling
        #expect(sampling.allowedTokenIDs == [4, 5] && sampling.badWords == ["no", "not"])
        #expect(sampling.cacheSalt == "mine")
        #expect(sampling.parameters.topPDecay == 0.9 && sampling.parameters.topPResetToken == 7)
        #expect(try chat(#"{"cache_salt":"mine","top_p_reset_ids":-1}"#).sampling.cacheSalt == "mine")
    }

    @Test func beamSearchHasAsManyBeamsAsBestOf() throws {
        #expect(try completion(#"{"use_beam_search":false,"early_stopping":0}"#).sampling.beams == nil)
        var beams = BeamSearchParameters(width: 3)
        #expect(try completion(#"{"use_beam_search":true,"n":3}"#).sampling.beams == beams)
        beams.lengthPenalty = 0.5
        beams.earlyStopping = .never
        let fields =
            #"{"use_beam_search":1,"n":2,"best_of":3,"length_penalty":0.5,"temperature":0,"early_stopping":"never"}"#
        #expect(try completion(fields).sampling.beams == beams)
        let values: [(String, BeamSearchParameters.EarlyStopping)] = [
            ("true", .whenFull), ("1", .whenFull), ("2", .never), ("false", .heuristic),
        ]
        for (value, meaning) in values {
            let request = try chat(#"{"use_beam_search":true,"early_stopping":\#(value)}"#)
            #expect(request.sampling.beams?.earlyStopping == meaning)
        }
    }

    @Test(arguments: [
        (#""a""#, [CompletionPrompt.text("a")]),
        (#"["a","b"]"#, [.text("a"), .text("b")]),
        ("[1,2.0]", [.tokens([1, 2])]),
        (#"[[1],[2,"3"]]"#, [.tokens([1]), .tokens([2, 3])]),
        (#"["a",[1]]"#, [.text("a"), .tokens([1])]),
        ("[-1]", [.tokens([-1])]),
    ])
    func thePromptHasFourForms(prompt: String, prompts: [CompletionPrompt]) throws {
        #expect(try completion(#"{"prompt":\#(prompt)}"#).prompts == prompts)
    }

    @Test(arguments: [
        #"{"max_tokens":"5"}"#, #"{"max_tokens":5.0}"#, #"{"max_tokens":"5.0"}"#,
    ])
    func integersAreReadLaxly(fields: String) throws {
        #expect(try completion(fields).sampling.maxTokens == 5)
    }

    @Test(arguments: [
        ("1", true), ("0", false), (#""true""#, true), (#""False""#, false), ("true", true), ("null", false),
    ])
    func booleansAreReadLaxly(value: String, flag: Bool) throws {
        #expect(try completion(#"{"echo":\#(value)}"#).echo == flag)
    }

    @Test func numbersAreReadLaxly() throws {
        #expect(try completion(#"{"temperature":1}"#).sampling.parameters.temperature == 1)
        #expect(try completion(#"{"temperature":"0.5"}"#).sampling.parameters.temperature == 0.5)
    }

    @Test func nullMeansNotGivenWhereTheReferenceSaysSo() throws {
        let request = try completion(
            """
            {"best_of":null,"echo":null,"frequency_penalty":null,"presence_penalty":null,"logit_bias":null,
             "logprobs":null,"max_tokens":null,"seed":null,"stop":null,"stream":null,"stream_options":null,
             "suffix":null,"temperature":null,"top_p":null,"user":null,"lora_request":null,"stop_token_ids":null,
             "truncate_prompt_tokens":null,"response_format":null,"disaggregated_params":null,"length_penalty":null}
            """
        )
        #expect(request == (try completion()))
    }

    @Test func fieldsWithoutEffectAreAccepted() throws {
        let request = try completion(
            """
            {"user":"u","metadata":{"a":"b"},"store":true,"service_tier":"auto","prompt_cache_key":"k",
             "safety_identifier":"s","use_beam_search":false,"length_penalty":1.0,"early_stopping":false,
             "response_format":{"type":"text"},"suffix":"","prompt_ignore_length":0}
            """
        )
        #expect(request == (try completion()))
    }

    @Test func usageIsIncludedUnlessDeclined() throws {
        #expect(try completion(#"{"stream":true,"stream_options":{}}"#).stream.includeUsage)
        #expect(try !completion(#"{"stream":true,"stream_options":{}}"#).stream.continuousUsage)
        let declined = try completion(
            #"{"stream":true,"stream_options":{"include_usage":false,"continuous_usage_stats":true}}"#
        )
        #expect(!declined.stream.includeUsage && !declined.stream.continuousUsage)
    }

    @Test(arguments: [
        Refused(#"{"model":null}"#, "model", "must be a string, but is null"),
        Refused(#"{"model":5}"#, "model", "must be a string"),
        Refused(#"{"prompt":null}"#, "prompt", "prompt"),
        Refused(#"{"prompt":[]}"#, "prompt", "empty list"),
        Refused(#"{"prompt":{"a":1}}"#, "prompt", "object"),
        Refused(#"{"prompt":[1,"a"]}"#, "prompt[1]", "must be an integer"),
        Refused(#"{"prompt":["a",5]}"#, "prompt[1]", "a string or a list of token ids"),
        Refused(#"{"max_tokens":0}"#, "max_tokens", "max_tokens is 0, but must be at least 1 (0 goes with echo only)"),
        Refused(#"{"max_tokens":-5}"#, "max_tokens", "-5"),
        Refused(#"{"max_tokens":"many"}"#, "max_tokens", #"string "many""#),
        Refused(#"{"max_tokens":1.5}"#, "max_tokens", "1.5"),
        Refused(#"{"max_tokens":true}"#, "max_tokens", "an integer"),
        Refused(#"{"max_tokens":1000000000000000000000000000000}"#, "max_tokens", "1e+30"),
        Refused(#"{"n":0}"#, "n", "in [1, 128]"),
        Refused(#"{"n":1000000}"#, "n", "n is 1000000"),
        Refused(#"{"n":2,"best_of":1}"#, "best_of", "best_of (1) cannot be less than n (2)"),
        Refused(#"{"temperature":-1}"#, "temperature", "-1"),
        Refused(#"{"temperature":1e300}"#, "temperature", "temperature is 1e+300, but must be in [0, 3.4e38]"),
        Refused(#"{"temperature":"hot"}"#, "temperature", "hot"),
        Refused(#"{"temperature":"nan"}"#, "temperature", "nan"),
        Refused(#"{"temperature":[1]}"#, "temperature", "array"),
        Refused(#"{"top_p":0}"#, "top_p", "(0, 1]"),
        Refused(#"{"top_p":1.5}"#, "top_p", "1.5"),
        Refused(#"{"top_k":-2}"#, "top_k", "-2"),
        Refused(#"{"min_p":2}"#, "min_p", "[0, 1]"),
        Refused(#"{"top_p_min":-0.1}"#, "top_p_min", "[0, 1]"),
        Refused(#"{"repetition_penalty":0}"#, "repetition_penalty", "is 0, but must be in [1.2e-38, 3.4e38]"),
        Refused(#"{"repetition_penalty":5e-324}"#, "repetition_penalty", "is 5e-324, but must be in [1.2e-38, 3.4e38]"),
        Refused(#"{"max_tokens":-1,"echo":true}"#, "max_tokens", "at least 0"),
        Refused(#"{"logit_bias":{"5":null}}"#, "logit_bias['5']", "a number, but is null"),
        Refused(#"{"min_tokens":-1}"#, "min_tokens", "at least 0"),
        Refused(#"{"logprobs":21}"#, "logprobs", "[-1, 20]"),
        Refused(#"{"logprobs":-2}"#, "logprobs", "[-1, 20]"),
        Refused(#"{"truncate_prompt_tokens":0}"#, "truncate_prompt_tokens", "at least 1"),
        Refused(#"{"stop":5}"#, "stop", "a string or an array of strings"),
        Refused(#"{"stop":["a",5]}"#, "stop[1]", "integer"),
        Refused(#"{"stop":""}"#, "stop", "empty"),
        Refused(#"{"stop_token_ids":["x"]}"#, "stop_token_ids[0]", "integer"),
        Refused(#"{"seed":1.5}"#, "seed", "1.5"),
        Refused(#"{"echo":2}"#, "echo", "a boolean"),
        Refused(#"{"suffix":"x","echo":true}"#, "suffix", "suffix and echo have no place beside each other"),
        Refused(#"{"suffix":"x","truncate_prompt_tokens":5}"#, "suffix", "truncate_prompt_tokens"),
        Refused(#"{"prompt_logprobs":-2}"#, "prompt_logprobs", "in [-1, 20]"),
        Refused(#"{"prompt_logprobs":1,"logprobs":2,"echo":true}"#, "prompt_logprobs", "must be the same beside echo"),
        Refused(#"{"logits_processors":["x"]}"#, "logits_processors", "no code of a request is run"),
        Refused(#"{"logit_bias":{"a":1}}"#, "logit_bias", "Invalid logit_bias key 'a'"),
        Refused(#"{"logit_bias":{"5":1e9}}"#, "logit_bias['5']", "[-100, 100]"),
        Refused(#"{"no_such_field":1}"#, "no_such_field", "unknown field 'no_such_field'"),
        Refused(#"{"messages":[]}"#, "messages", "/v1/chat/completions"),
        Refused(#"{"top_logprobs":1}"#, "top_logprobs", "use logprobs"),
        Refused(#"{"stream_options":{}}"#, "stream_options", "stream_options can only be set if stream is true"),
        Refused(#"{"stream":true,"stream_options":{"nope":1}}"#, "stream_options.nope", "unknown field"),
        Refused(#"{"stream":true,"return_context_logits":true}"#, "return_context_logits", "isn't streamed"),
        Refused(#"{"response_format":{"type":"xml"}}"#, "response_format.type", "'xml'"),
        Refused(#"{"response_format":{"x":1}}"#, "response_format.type", "required"),
        Refused(#"{"length_penalty":2}"#, "length_penalty", "is for beam search"),
        Refused(#"{"early_stopping":"never"}"#, "early_stopping", "is for beam search"),
        Refused(#"{"early_stopping":"soon"}"#, "early_stopping", "a boolean or \"never\""),
        Refused(#"{"use_beam_search":true,"length_penalty":-1}"#, "length_penalty", "in [0, 3.4e38]"),
        Refused(#"{"use_beam_search":true,"temperature":0.5}"#, "temperature", "draws nothing"),
        Refused(#"{"use_beam_search":true,"top_p":0.5}"#, "top_p", "draws nothing"),
        Refused(#"{"top_p_decay":0}"#, "top_p_decay", "in (0, 1]"),
        Refused(#"{"top_p_reset_ids":-2}"#, "top_p_reset_ids", "-2"),
        Refused(#"{"bad_words":[""]}"#, "bad_words", "must not contain an empty string"),
        Refused(#"{"bad_words":[1]}"#, "bad_words[0]", "a string"),
        Refused(#"{"allowed_token_ids":[]}"#, "allowed_token_ids", "must not be an empty list"),
        Refused(#"{"allowed_token_ids":["x"]}"#, "allowed_token_ids[0]", "an integer"),
        Refused(#"{"cache_salt":""}"#, "cache_salt", "must not be empty"),
        Refused(#"{"lora_request":{"lora_int_id":1}}"#, "lora_request.lora_name", "required"),
        Refused(#"{"lora_request":{"lora_name":""}}"#, "lora_request.lora_name", "must not be empty"),
        Refused(#"{"lora_request":{"lora_name":"a","rank":1}}"#, "lora_request.rank", "rank"),
        Refused(#"{"lora_request":"a"}"#, "lora_request", "an object"),
        Refused(
            #"{"disaggregated_params":{"request_type":"context_only"}}"#,
            "disaggregated_params",
            "not supported yet"
        ),
    ])
    func aWrongFieldIsNamed(refused: Refused) {
        let fault = fault { _ = try completion(refused.fields) }
        #expect(fault?.field == refused.field)
        #expect(fault?.description.contains(refused.words) == true, "\(fault?.description ?? "accepted")")
    }

    @Test(arguments: [
        "n", "best_of", "temperature", "top_k", "top_p", "top_p_min", "min_p", "repetition_penalty", "presence_penalty",
        "frequency_penalty", "logit_bias", "seed", "max_tokens", "min_tokens", "stop", "stop_token_ids",
        "include_stop_str_in_output", "ignore_eos", "skip_special_tokens", "spaces_between_special_tokens",
        "truncate_prompt_tokens", "stream", "stream_options", "echo", "logprobs", "return_context_logits", "detokenize",
        "add_special_tokens", "suffix", "user", "metadata", "response_format", "prompt_cache_options", "moderation",
        "use_beam_search", "length_penalty", "lora_request", "early_stopping", "top_p_decay", "top_p_reset_ids",
        "bad_words", "allowed_token_ids", "cache_salt", "prompt_logprobs",
    ])
    func nullIsAsGoodAsAbsent(field: String) throws {
        #expect(try completion(#"{"\#(field)":null}"#) == completion())
    }

    @Test func minusOneAndZeroAreNoLimitOnTheMostProbable() throws {
        #expect(try completion(#"{"top_k":-1}"#).sampling.parameters.topK == 0)
        #expect(try completion(#"{"top_k":0}"#).sampling.parameters.topK == 0)
    }

    @Test func aTinyProbabilityStaysAboveZero() throws {
        let request = try completion(#"{"top_p":5e-324}"#)
        #expect(request.sampling.parameters.topP > 0 && request.sampling.parameters.topP < 1e-30)
        #expect(fault { _ = try completion(#"{"top_p":0}"#) }?.description == "top_p is 0, but must be in (0, 1]")
    }

    @Test func aPromptIsScoredWithoutOutputWhenItIsEchoed() throws {
        let request = try completion(#"{"max_tokens":0,"echo":true,"logprobs":0}"#)
        #expect(request.sampling.maxTokens == 0 && request.logProbabilities == 0)
    }

    @Test func requiredFieldsAreRequired() throws {
        #expect(throws: ValidationError.missing(field: "model")) {
            try CompletionRequest(["prompt": "a"])
        }
        #expect(throws: ValidationError.missing(field: "prompt")) {
            try CompletionRequest(["model": "a"])
        }
    }

    @Test func tooManyPromptsAreRefused() {
        let fault = fault {
            var limits = RequestLimits()
            limits.prompts = 2
            _ = try CompletionRequest(["model": "m", "prompt": ["a", "b", "c"]], limits: limits)
        }
        #expect(fault?.description == "prompt is a list of 3, but must be at most 2 prompts")
    }

    @Test(arguments: ["", "{", "[]", "null", "\"x\"", "{\"model\":\"m\",}", "{\"a\":NaN}", "{\"a\":1e999}"])
    func whatIsNoJSONObjectIsRefused(text: String) {
        #expect(throws: ValidationError.self) { try RequestBody.parse(Array(text.utf8)) }
    }

    @Test func invalidUTF8IsRefused() {
        #expect(throws: ValidationError.self) {
            try RequestBody.parse(Array("{\"a\":\"".utf8) + [0xFF] + Array("\"}".utf8))
        }
    }
}
