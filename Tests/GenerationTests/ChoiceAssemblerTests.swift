import Engine
import Generation
import Testing
import Tokenization

private let one = TinyTokenizer.word("one")
private let spacedTwo = TinyTokenizer.word("\u{2581}two")
private let st = TinyTokenizer.word("st")
private let op = TinyTokenizer.word("op")
private let x = TinyTokenizer.word("x")

@Suite struct ChoiceAssemblerTests {
    @Test func everyTokenIsAPieceAndTheLastBringsTheEnd() throws {
        let events = try assemble(
            prepared(maxTokens: 3),
            tokenEvents([one, spacedTwo, x]) + [.finished(choice: 0, reason: .length)]
        )
        let outcome = Outcome(events)
        #expect(outcome.pieces == ["one", " two", "x"])
        #expect(outcome.tokens == [one, spacedTwo, x])
        #expect(outcome.completionTokens == 3)
        #expect(outcome.finish == .length)
        #expect(outcome.cause == nil)
        #expect(!outcome.goesOnAfterItsEnd)
        guard case .piece(let last, 3) = events[events.count - 2] else {
            Issue.record("the piece before the usage is missing")
            return
        }
        #expect(last.finish == GenerationFinish(.length))
    }

    @Test func endTokenHasNoTextAndNoCauseButCounts() throws {
        let events = try assemble(
            prepared(),
            tokenEvents([one, TinyTokenizer.eos]) + [.finished(choice: 0, reason: .end(TinyTokenizer.eos))]
        )
        let outcome = Outcome(events)
        #expect(outcome.text == "one")
        #expect(outcome.tokens == [one])
        #expect(outcome.finish == .stop)
        #expect(outcome.cause == nil)
        guard case .usage(let usage)? = events.last else {
            Issue.record("no usage")
            return
        }
        #expect(usage == TokenUsage(promptTokens: 1, completionTokens: 2))
    }

    @Test func ignoredEndTokenIsATokenLikeOthers() throws {
        let request = prepared(maxTokens: 2) {
            $0.ignoreEOS = true
            $0.skipSpecialTokens = false
        }
        let outcome = Outcome(try assemble(request, tokenEvents([TinyTokenizer.eos, one])))
        #expect(outcome.text == "</s>one")
        #expect(outcome.finish == .length)
    }

    @Test(arguments: [false, true]) func stopTokenIsTheCause(included: Bool) throws {
        let request = prepared {
            $0.stopTokenIDs = [x]
            $0.includeStopInOutput = included
        }
        let outcome = Outcome(
            try assemble(request, tokenEvents([one, x]) + [.finished(choice: 0, reason: .stop(x))])
        )
        #expect(outcome.text == (included ? "onex" : "one"))
        #expect(outcome.tokens == (included ? [one, x] : [one]))
        #expect(outcome.finish == .stop)
        #expect(outcome.cause == .token(x))
    }

    @Test(arguments: [false, true]) func stopStringAcrossTokensEndsTheChoiceBeforeTheEngineDoes(included: Bool) throws {
        let request = prepared {
            $0.stop = ["top"]
            $0.includeStopInOutput = included
        }
        let outcome = Outcome(try assemble(request, tokenEvents([one, st, op, x, x])))
        #expect(outcome.text == (included ? "onestop" : "ones"))
        #expect(outcome.pieces == (included ? ["one", "s", "top"] : ["one", "s", ""]))
        #expect(outcome.tokens == (included ? [one, st, op] : [one, st]))
        #expect(outcome.completionTokens == (included ? 3 : 2))
        #expect(outcome.finish == .stop)
        #expect(outcome.cause == .string("top"))
    }

    @Test(arguments: [
        (stop: ["top"], ids: [TokenID](), included: false, count: 2), (["stop"], [], false, 1), (["op"], [], false, 2),
        (["stop"], [], true, 3), ([], [op], false, 2), ([], [op], true, 3), (["nothing"], [x], false, 3),
    ]) func usageLeavesOutTheTokensThatMatched(stop: [String], ids: [TokenID], included: Bool, count: Int) throws {
        let request = prepared {
            $0.stop = StopStrings(stop)
            $0.stopTokenIDs = ids
            $0.includeStopInOutput = included
        }
        let events = try assemble(request, tokenEvents([one, st, op, x]))
        let outcome = Outcome(events)
        #expect(outcome.tokens.count == count)
        #expect(outcome.completionTokens == count)
        guard case .usage(let usage)? = events.last else {
            Issue.record("no usage")
            return
        }
        #expect(usage.completionTokens == count)
    }

    @Test func runningCountNeverGoesBack() throws {
        let events = try assemble(prepared { $0.stop = ["stopx"] }, tokenEvents([one, st, op, st, op, x]))
        let counts = events.compactMap { event -> Int? in
            if case .piece(_, let completionTokens) = event { completionTokens } else { nil }
        }
        #expect(counts == [1, 1, 1, 3, 3, 3])
    }

    @Test func stopStringThatIsAWholeTokenTakesTheTokenAlong() throws {
        let outcome = Outcome(try assemble(prepared { $0.stop = ["x"] }, tokenEvents([one, x], scored: true)))
        #expect(outcome.text == "one")
        #expect(outcome.tokens == [one])
        #expect(outcome.reports.map(\.chosen.id) == [one])
    }

    @Test func heldTextIsFlushedWhenTheModelEnds() throws {
        let outcome = Outcome(
            try assemble(prepared { $0.stop = ["stop"] }, tokenEvents([one, st, TinyTokenizer.eos], scored: true))
        )
        #expect(outcome.pieces == ["one", "", "st"])
        #expect(outcome.tokens == [one, st])
        #expect(outcome.reports.map(\.chosen.logProbability) == [0, -1, -2])
        #expect(outcome.cause == nil)
    }

    @Test func heldTextComesWithTheLastTokenAtTheLimit() throws {
        let outcome = Outcome(try assemble(prepared(maxTokens: 2) { $0.stop = ["stop"] }, tokenEvents([one, st])))
        #expect(outcome.pieces == ["one", "st"])
        #expect(outcome.finish == .length)
    }

    @Test func reportsLeaveWithTheTextOfTheirToken() throws {
        let request = prepared { $0.stop = ["stopx"] }
        var assembler = RequestAssembler(request, tokenizer: try TinyTokenizer.make())
        let steps = tokenEvents([one, st, op, one], scored: true).map { assembler.accept($0) }
        let leaving = steps.map { events in Outcome(events).reports.map(\.chosen.id) }
        #expect(leaving == [[one], [], [], [st, op, one]])
    }

    @Test func minTokensAreNotSearched() throws {
        let request = prepared {
            $0.stop = ["one", "xone"]
            $0.minTokens = 2
        }
        let outcome = Outcome(try assemble(request, tokenEvents([one, x, one])))
        #expect(outcome.text == "onex")
        #expect(outcome.cause == .string("one"))
        #expect(outcome.completionTokens == 2)
    }

    @Test func characterCutInTwoWaitsForItsRest() throws {
        let bytes = TinyTokenizer.bytes("é")
        let outcome = Outcome(try assemble(prepared(maxTokens: 3), tokenEvents(bytes + [x], scored: true)))
        #expect(outcome.pieces == ["", "é", "x"])
        #expect(outcome.tokens == bytes + [x])
        #expect(outcome.reports.map(\.chosen.bytes) == [[0xC3], [0xA9], [0x78]])
    }

    @Test func brokenCharacterAtTheEndGoesThroughTheStopFilter() throws {
        let half = Array(TinyTokenizer.bytes("日").prefix(2))
        let plain = Outcome(try assemble(prepared(), tokenEvents([one] + half + [TinyTokenizer.eos])))
        #expect(plain.text == "one\u{FFFD}")
        #expect(plain.tokens == [one] + half)
        let stopped = Outcome(
            try assemble(prepared { $0.stop = ["\u{FFFD}"] }, tokenEvents([one] + half + [TinyTokenizer.eos]))
        )
        #expect(stopped.text == "one")
        #expect(stopped.cause == .string("\u{FFFD}"))
    }

    @Test func specialTokensAreSkippedOrShown() throws {
        let tokens = [one, TinyTokenizer.turn, x]
        #expect(Outcome(try assemble(prepared(maxTokens: 3), tokenEvents(tokens))).text == "onex")
        let shown = prepared(maxTokens: 3) { $0.skipSpecialTokens = false }
        #expect(Outcome(try assemble(shown, tokenEvents(tokens))).text == "one<|turn|>x")
        #expect(Outcome(try assemble(prepared(maxTokens: 3), tokenEvents(tokens))).tokens == tokens)
    }

    @Test func withoutDetokenizingThereAreIdsOnlyAndStopStringsStillStop() throws {
        let plain = Outcome(
            try assemble(prepared(maxTokens: 2) { $0.detokenize = false }, tokenEvents([one, x]))
        )
        #expect(plain.text.isEmpty)
        #expect(plain.tokens == [one, x])
        let request = prepared {
            $0.detokenize = false
            $0.stop = ["stop"]
        }
        let stopped = Outcome(try assemble(request, tokenEvents([one, st, op, x])))
        #expect(stopped.text.isEmpty)
        #expect(stopped.tokens == [one])
        #expect(stopped.cause == .string("stop"))
    }

    @Test func cancelledChoiceFlushesWhatItHolds() throws {
        let events = tokenEvents([one, st]) + [.finished(choice: 0, reason: .cancelled)]
        let outcome = Outcome(try assemble(prepared { $0.stop = ["stop"] }, events))
        #expect(outcome.text == "onest")
        #expect(outcome.finish == .cancelled)
    }
}
