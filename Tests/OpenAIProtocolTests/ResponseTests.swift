import OpenAIProtocol
import OrderedJSON
import Testing

/// Whole bodies are compared byte for byte: the order of keys is part of the reference.
@Suite struct ResponseTests {
    @Test func aChatAnswerHasEveryKeyButToolCalls() {
        var choice = ChatCompletionResponse.Choice()
        choice.text = "Hi"
        choice.finish = ChoiceFinish(reason: "stop")
        let response = ChatCompletionResponse(
            identity: ResponseIdentity(id: "chatcmpl-1", created: 7, model: "m", fingerprint: "fp_1"),
            role: "assistant",
            choices: [choice],
            usage: Usage(promptTokens: 3, completionTokens: 2, cachedTokens: 1),
            seed: .max,
        )
        #expect(
            String(decoding: response.serialized, as: UTF8.self)
                == #"{"id":"chatcmpl-1","object":"chat.completion","created":7,"model":"m","system_fingerprint":"fp_1","choices":[{"index":0,"#
                + #""message":{"role":"assistant","content":"Hi","reasoning_content":null},"#
                + #""logprobs":null,"finish_reason":"stop","stop_reason":null,"disaggregated_params":null}],"#
                + #""usage":{"prompt_tokens":3,"total_tokens":5,"completion_tokens":2,"#
                + #""prompt_tokens_details":{"cached_tokens":1}},"prompt_token_ids":null,"seed":18446744073709551615}"#
        )
    }

    @Test func aChatAnswersScoresHaveAnEmptyListOfAlternatives() {
        var choice = ChatCompletionResponse.Choice()
        choice.scores = [TokenScores(chosen: ScoredToken(bytes: [65], logProbability: -1), top: [])]
        let response = ChatCompletionResponse(
            identity: ResponseIdentity(id: "1", created: 7, model: "m", fingerprint: "fp_1"),
            role: "assistant",
            choices: [choice],
            usage: Usage(),
            seed: 0,
        )
        #expect(
            String(decoding: response.serialized, as: UTF8.self).contains(
                #""logprobs":{"content":[{"token":"A","logprob":-1.0,"bytes":[65],"top_logprobs":[]}]},"finish_reason":null"#
            )
        )
    }

    @Test func aCompletionHasEveryKey() async {
        var choice = CompletionResponse.Choice()
        choice.text = " is"
        choice.finish = ChoiceFinish(reason: "stop", stopReason: .token(5))
        var other = CompletionResponse.Choice()
        other.tokenIDs = [1, 2]
        other.contextLogits = [[0.5, -1], [2, .infinity]]
        let response = CompletionResponse(
            identity: ResponseIdentity(id: "cmpl-1", created: 7, model: "m\"é", fingerprint: "fp_1"),
            choices: [choice, other],
            usage: Usage(promptTokens: 5, completionTokens: 5),
            seed: 9,
        )
        let text = String(decoding: await response.serialized(), as: UTF8.self)
        #expect(
            text
                == #"{"id":"cmpl-1","object":"text_completion","created":7,"model":"m\"é","system_fingerprint":"fp_1","choices":[{"index":0,"#
                + #""text":" is","token_ids":null,"logprobs":null,"context_logits":null,"finish_reason":"stop","#
                + #""stop_reason":5,"disaggregated_params":null},{"index":1,"text":"","token_ids":[1,2],"#
                + #""logprobs":null,"context_logits":[[0.5,-1.0],[2.0,0.0]],"finish_reason":null,"stop_reason":null,"#
                + #""disaggregated_params":null}],"usage":{"prompt_tokens":5,"total_tokens":10,"completion_tokens":5,"#
                + #""prompt_tokens_details":{"cached_tokens":0}},"prompt_token_ids":[],"seed":9}"#
        )
    }

    @Test func withoutAlternativesEachTokenHasItself() async {
        var choice = CompletionResponse.Choice()
        choice.scores = [TokenScores(chosen: ScoredToken(bytes: [65], logProbability: -0.1), top: [])]
        let response = CompletionResponse(
            identity: ResponseIdentity(id: "1", created: 7, model: "m", fingerprint: "fp_1"),
            choices: [choice],
            usage: Usage(),
            seed: 0,
        )
        let text = String(decoding: await response.serialized(), as: UTF8.self)
        #expect(
            text.contains(
                #""logprobs":{"text_offset":[0],"token_logprobs":[-0.1],"tokens":["A"],"top_logprobs":[{"A":-0.1}]}"#
            )
        )
    }

    @Test func anErrorHasBothShapes() {
        let error = ErrorBody(.outOfRange(field: "n", value: "0", allowed: "at least 1"))
        #expect(error.status == 400)
        #expect(
            String(decoding: error.serialized, as: UTF8.self)
                == #"{"object":"error","message":"n is 0, but must be at least 1","type":"BadRequestError","param":"n","#
                + #""code":400,"error":{"message":"n is 0, but must be at least 1","type":"BadRequestError","#
                + #""param":"n","code":400}}"#
        )
        let detailed = ErrorBody(status: 404, message: "x", type: "NotFoundError", detail: "Not Found")
        #expect(String(decoding: detailed.serialized, as: UTF8.self).hasSuffix(#""code":404},"detail":"Not Found"}"#))
        #expect(String(decoding: detailed.serialized, as: UTF8.self).contains(#""param":null"#))
    }

    @Test func anErrorOfOpenAIsHasItsNameAsCodeInTheNestedForm() throws {
        let body = ErrorBody(status: 400, message: "x", type: "BadRequestError", code: "context_length_exceeded")
        let json = try JSONParser.parse(body.serialized)
        #expect(json["code"] == 400 && json["error"]?["code"] == "context_length_exceeded")
    }

    @Test func contextLogitsAreWrittenRowByRow() async throws {
        var choice = CompletionResponse.Choice()
        choice.contextLogits = (0..<10).map { row in (0..<100).map { Float(row) + Float($0) / 8 } }
        let response = CompletionResponse(
            identity: ResponseIdentity(id: "1", created: 7, model: "m", fingerprint: "fp_1"),
            choices: [choice, choice],
            usage: Usage(),
            seed: 0,
        )
        var pieces: [[UInt8]] = []
        var bytes: [UInt8] = []
        await response.append(to: &bytes) { bytes in
            pieces.append(bytes)
            bytes = []
        }
        #expect(pieces.count == 20)
        let whole = await response.serialized()
        #expect(pieces.allSatisfy { $0.count < whole.count / 10 })
        #expect(pieces.joined() + bytes == whole)
    }

    @Test func identitiesAreFreshAndWellFormed() {
        let ids = (0..<100).map { _ in ResponseIdentity(prefix: "cmpl-", created: 0, model: "m", fingerprint: "fp_1").id
        }
        #expect(Set(ids).count == 100)
        for id in ids { #expect(id.wholeMatch(of: /cmpl-[0-9a-f]{32}/) != nil) }
    }

    @Test func theScoresOfThePromptAreThereWhenAskedFor() async throws {
        var choice = CompletionResponse.Choice()
        let identity = ResponseIdentity(id: "cmpl-1", created: 7, model: "m", fingerprint: "fp_1")
        func body() async -> String {
            let response = CompletionResponse(
                identity: identity,
                choices: [choice],
                usage: Usage(promptTokens: 2),
                seed: 1
            )
            return String(decoding: await response.serialized(), as: UTF8.self)
        }
        #expect(await !body().contains("prompt_logprobs"))
        choice.promptScores = [
            nil,
            [
                RankedToken(id: 7, bytes: Array("a".utf8), logProbability: -2.5, rank: nil),
                RankedToken(id: 9, bytes: [0xC3], logProbability: -0.5, rank: 1),
            ],
        ]
        let wanted =
            #","prompt_logprobs":[null,{"7":{"logprob":-2.5,"rank":null,"decoded_token":"a"},"#
            + #""9":{"logprob":-0.5,"rank":1,"decoded_token":"\#u{FFFD}"}}],"#
        #expect(await body().contains(wanted))
    }
}
