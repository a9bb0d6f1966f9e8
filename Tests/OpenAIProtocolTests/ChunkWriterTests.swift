import OpenAIProtocol
import Testing

/// Streams are compared byte for byte: clients of many kinds parse them by hand.
@Suite struct ChunkWriterTests {
    static let chatHead =
        #"data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":7,"model":"m","system_fingerprint":"fp_1","choices":["#
    static let textHead =
        #"data: {"id":"cmpl-1","object":"text_completion","created":7,"model":"m","system_fingerprint":"fp_1","choices":["#
    static let usage = Usage(promptTokens: 24, completionTokens: 10, cachedTokens: 16)
    static let usageText =
        #"{"prompt_tokens":24,"total_tokens":34,"completion_tokens":10,"prompt_tokens_details":{"cached_tokens":16}}"#
    static let scores = [
        TokenScores(
            chosen: ScoredToken(bytes: Array("Hé".utf8), logProbability: -0.25),
            top: [
                ScoredToken(bytes: Array("Hé".utf8), logProbability: -0.25),
                ScoredToken(bytes: [0xF0, 0x9F], logProbability: -.infinity),
            ],
        ),
        TokenScores(chosen: ScoredToken(bytes: Array("!".utf8), logProbability: -1.5), top: []),
    ]

    let chat = ChatChunkWriter(ResponseIdentity(id: "chatcmpl-1", created: 7, model: "m", fingerprint: "fp_1"))
    let identity = ResponseIdentity(id: "cmpl-1", created: 7, model: "m", fingerprint: "fp_1")

    private func text(_ write: (inout [UInt8]) -> Void) -> String {
        var bytes: [UInt8] = []
        write(&bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func theRoleChunkHasEmptyContentAndEndsWithASpace() {
        let chunk = text { chat.append(role: "assistant", choice: 0, usage: nil, to: &$0) }
        #expect(
            chunk == Self.chatHead + #"{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]} "#
                + "\n\n"
        )
        let echo = text { chat.append(echo: "so", choice: 1, usage: nil, to: &$0) }
        #expect(echo == Self.chatHead + #"{"index":1,"delta":{"content":"so"},"finish_reason":null}]} "# + "\n\n")
    }

    @Test func aChatChunkHasAFinishReasonAndNothingElseThatIsEmpty() {
        let chunk = text { chat.append(.content("H\"\n"), choice: 2, scores: nil, finish: nil, usage: nil, to: &$0) }
        #expect(chunk == Self.chatHead + #"{"index":2,"delta":{"content":"H\"\n"},"finish_reason":null}]}"# + "\n\n")
    }

    @Test func theLastChatChunkCarriesTheFinish() {
        let finish = ChoiceFinish(reason: "stop", stopReason: .string("two"))
        let chunk = text {
            chat.append(.content(""), choice: 0, scores: nil, finish: finish, usage: Self.usage, to: &$0)
        }
        let choice = #"{"index":0,"delta":{"content":""},"finish_reason":"stop","stop_reason":"two"}]"#
        #expect(chunk == Self.chatHead + choice + #","usage":"# + Self.usageText + "}\n\n")
        let byToken = ChoiceFinish(reason: "stop", stopReason: .token(5))
        #expect(
            text { chat.append(.content(""), choice: 0, scores: nil, finish: byToken, usage: nil, to: &$0) }
                .hasSuffix(#""stop_reason":5}]}"# + "\n\n")
        )
    }

    @Test func chatScoresAreWrittenPerToken() {
        let chunk = text {
            chat.append(.content("Hé!"), choice: 0, scores: Self.scores, finish: nil, usage: nil, to: &$0)
        }
        let scores =
            #""logprobs":{"content":[{"token":"Hé","logprob":-0.25,"bytes":[72,195,169],"top_logprobs":["#
            + #"{"token":"Hé","logprob":-0.25,"bytes":[72,195,169]},"#
            + "{\"token\":\"\u{FFFD}\",\"logprob\":-9999.0,\"bytes\":[240,159]}]},"
            + #"{"token":"!","logprob":-1.5,"bytes":[33],"top_logprobs":[]}]}"#
        #expect(chunk.contains(#""content":"Hé!"},"# + scores + #","finish_reason":null}]}"#))
        let empty = text { chat.append(.content(""), choice: 0, scores: [], finish: nil, usage: nil, to: &$0) }
        #expect(empty.contains(#""logprobs":{"content":[]}"#))
    }

    @Test func theUsageChunkHasNoChoices() {
        let chunk = text { chat.append(finalUsage: Self.usage, to: &$0) }
        #expect(chunk == Self.chatHead + #"],"usage":"# + Self.usageText + "}\n\n")
        let writer = CompletionChunkWriter(identity, choices: 1)
        let completion = text { writer.append(finalUsage: Self.usage, to: &$0) }
        #expect(completion == Self.textHead + #"],"usage":"# + Self.usageText + "}\n\n")
    }

    @Test func aCompletionChunkKeepsItsNulls() {
        var writer = CompletionChunkWriter(identity, choices: 1)
        let chunk = text {
            writer.append(text: " is", choice: 0, tokenIDs: nil, scores: nil, finish: nil, usage: nil, to: &$0)
        }
        let choice =
            #"{"index":0,"text":" is","token_ids":null,"logprobs":null,"finish_reason":null,"stop_reason":null}]"#
        #expect(chunk == Self.textHead + choice + #","usage":null}"# + "\n\n")
    }

    @Test func aCompletionChunkCarriesIdsAndFinish() {
        var writer = CompletionChunkWriter(identity, choices: 1)
        let finish = ChoiceFinish(reason: "length")
        let chunk = text {
            writer.append(text: "", choice: 0, tokenIDs: [5, 66], scores: nil, finish: finish, usage: nil, to: &$0)
        }
        #expect(
            chunk.contains(#""text":"","token_ids":[5,66],"logprobs":null,"finish_reason":"length","stop_reason":null"#)
        )
    }

    @Test func textOffsetsGoOnFromChunkToChunk() {
        var writer = CompletionChunkWriter(identity, choices: 2)
        func chunk(_ choice: Int) -> String {
            text {
                writer.append(
                    text: "",
                    choice: choice,
                    tokenIDs: nil,
                    scores: Self.scores,
                    finish: nil,
                    usage: nil,
                    to: &$0,
                )
            }
        }
        let tail =
            #""token_logprobs":[-0.25,-1.5],"tokens":["Hé","!"],"top_logprobs":[{"Hé":-0.25,"#
            + "\"\u{FFFD}\":-9999.0},{\"!\":-1.5}]}"
        #expect(chunk(0).contains(#""logprobs":{"text_offset":[0,2],"# + tail))
        #expect(chunk(0).contains(#""logprobs":{"text_offset":[3,5],"# + tail))
        #expect(chunk(1).contains(#""logprobs":{"text_offset":[0,2],"# + tail))
    }

    @Test func theFirstTokenOfAnEchoedPromptHasNoScore() {
        var writer = CompletionChunkWriter(identity, choices: 1)
        let first = TokenScores(chosen: ScoredToken(bytes: Array("A".utf8), logProbability: nil), top: [])
        let chunk = text {
            writer.append(text: "A", choice: 0, tokenIDs: nil, scores: [first], finish: nil, usage: nil, to: &$0)
        }
        #expect(chunk.contains(#""token_logprobs":[null],"tokens":["A"],"top_logprobs":[null]"#))
    }

    @Test func theOtherEventsAreFixed() {
        #expect(text { ServerSentEvent.appendDone(to: &$0) } == "data: [DONE]\n\n")
        #expect(ServerSentEvent.comment.starts(with: Array(":".utf8)) && ServerSentEvent.comment.suffix(2) == [10, 10])
    }
}
