import Engine
import Generation
import Testing
import Tokenization

private let one = TinyTokenizer.word("one")
private let two = TinyTokenizer.word("two")
private let x = TinyTokenizer.word("x")

/// One token of a choice with a log-probability.
private func scored(_ token: TokenID, _ value: Float, choice: Int) -> EngineEvent {
    let score = TokenLogProbability(token: token, logProbability: value)
    return .token(choice: choice, id: token, logProbabilities: PositionLogProbabilities(chosen: score, top: []))
}

@Suite struct RequestAssemblerTests {
    @Test func choicesInterleaveAndTheRequestIsCompleteWithTheLast() throws {
        var assembler = RequestAssembler(
            prepared(maxTokens: 2) {
                $0.n = 2
                $0.bestOf = 2
            },
            tokenizer: try TinyTokenizer.make(),
        )
        var events = assembler.accept(.started(cachedTokens: 32))
        for token in [one, two] {
            for choice in 0..<2 {
                #expect(!assembler.isComplete)
                events += assembler.accept(.token(choice: choice, id: token, logProbabilities: nil))
            }
        }
        #expect(assembler.isComplete)
        #expect(assembler.accept(.finished(choice: 0, reason: .length)).isEmpty)
        #expect(Outcome(events, choice: 0).text == "onetwo")
        #expect(Outcome(events, choice: 1).text == "onetwo")
        guard case .usage(let usage)? = events.last else {
            Issue.record("no usage")
            return
        }
        #expect(usage == TokenUsage(promptTokens: 1, cachedTokens: 32, completionTokens: 4))
    }

    @Test func bestOfReturnsTheMostProbableNumberedAnew() throws {
        let request = prepared(maxTokens: 2) {
            $0.n = 2
            $0.bestOf = 3
        }
        var assembler = RequestAssembler(request, tokenizer: try TinyTokenizer.make())
        var events: [GenerationEvent] = []
        events += assembler.accept(scored(one, -3, choice: 0))
        events += assembler.accept(scored(two, -0.5, choice: 1))
        events += assembler.accept(scored(x, -1, choice: 2))
        events += assembler.accept(scored(one, -3, choice: 0))
        events += assembler.accept(scored(TinyTokenizer.eos, -0.1, choice: 2))
        #expect(events.isEmpty)
        events += assembler.accept(scored(two, -0.7, choice: 1))
        #expect(Outcome(events, choice: 0).text == "x")
        #expect(Outcome(events, choice: 1).text == "twotwo")
        #expect(Outcome(events, choice: 0).reports.isEmpty)
        #expect(Outcome(events, choice: 2).finish == nil)
        guard case .usage(let usage)? = events.last else {
            Issue.record("no usage")
            return
        }
        #expect(usage.completionTokens == 4)
    }

    @Test func equallyProbableChoicesKeepTheirOrder() throws {
        let request = prepared(maxTokens: 1) {
            $0.bestOf = 3
            $0.logProbabilities = 0
        }
        let events = try assemble(request, [one, two, x].enumerated().map { scored($1, -1, choice: $0) })
        #expect(Outcome(events).text == "one")
        #expect(Outcome(events).reports.count == 1)
    }

    @Test func promptReportsCarryTheBytesOfTheirTokens() throws {
        let score = TokenLogProbability(token: TinyTokenizer.bos, logProbability: -2)
        let position = PositionLogProbabilities(chosen: score, top: [score])
        let events = try assemble(prepared(), [.promptLogProbabilities([nil, position])])
        guard case .promptReports(let reports)? = events.first else {
            Issue.record("no prompt reports")
            return
        }
        #expect(reports.count == 2)
        #expect(reports[0] == nil)
        #expect(reports[1]?.chosen.bytes == Array("<s>".utf8))
    }

    @Test func engineThatEndsEarlyEndsEveryChoice() throws {
        var assembler = RequestAssembler(
            prepared {
                $0.n = 2
                $0.bestOf = 2
            },
            tokenizer: try TinyTokenizer.make()
        )
        _ = assembler.accept(.token(choice: 0, id: one, logProbabilities: nil))
        let events = assembler.abandon()
        #expect(Outcome(events, choice: 0).finish == .cancelled)
        #expect(Outcome(events, choice: 1).finish == .cancelled)
        #expect(assembler.isComplete)
    }

    @Test func streamIntervalJoinsPiecesButNotTheFirst() throws {
        let tokens = [one, two, x, one, two, x]
        let events = try assemble(prepared(), tokenEvents(tokens + [TinyTokenizer.eos]), streamInterval: 4)
        let outcome = Outcome(events)
        #expect(outcome.pieces == ["one", "twoxone", "twox"])
        #expect(outcome.tokens == tokens)
        #expect(outcome.finish == .stop)
        #expect(!outcome.goesOnAfterItsEnd)
    }
}
