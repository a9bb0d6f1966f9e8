import Generation
import GuidedDecoding
import Testing
import Tokenization

/// Allows one text, whose bytes are its tokens.
private struct OneText: TokenConstraint {
    let text: [TokenID]

    init(_ text: String) { self.text = text.utf8.map { TokenID($0) } }

    func makeMatcher() -> any TokenMatcher { Matcher(left: text[...]) }

    private struct Matcher: TokenMatcher {
        var left: ArraySlice<TokenID>
        var isComplete: Bool { left.isEmpty }

        var failure: String? { nil }

        mutating func allow(_ mask: inout TokenMask) {
            mask.removeAll()
            if let next = left.first { mask[next] = true }
        }

        mutating func advance(_ token: TokenID) -> Bool {
            guard left.first == token else { return false }
            left.removeFirst()
            return true
        }

        mutating func forced(limit: Int) -> [TokenID] { Array(left.prefix(limit)) }
    }
}

@Suite struct ThinkingConstraintTests {
    private func tokens(_ text: String) -> [TokenID] { text.utf8.map { TokenID($0) } }

    private func matcher(begun: Bool? = nil, budget: Int? = nil, answer: String? = nil) throws -> any TokenMatcher {
        let format = try OutputFormat(reasoningParser: "qwen3", tokens: ControlTokens([]))
        let parser = try #require(format.makeParser(OutputSituation(beginsReasoning: begun)))
        return ThinkingConstraint(
            parser: parser,
            marks: ThinkingConstraint.Marks(opener: begun == nil ? tokens("<think>") : [], ending: tokens("</think>")),
            budget: budget,
            answer: answer.map { OneText($0) }
        ) { [UInt8(truncatingIfNeeded: $0)] }.makeMatcher()
    }

    private func allowed(_ matcher: inout any TokenMatcher) -> String? {
        var mask = TokenMask(count: 256, allowingAll: true)
        matcher.allow(&mask)
        if mask.allowedCount == 256 { return nil }
        return String(decoding: (0..<256).filter { mask[Int32($0)] }.map { UInt8($0) }, as: UTF8.self)
    }

    private func advance(_ matcher: inout any TokenMatcher, _ text: String) -> Bool {
        tokens(text).allSatisfy { matcher.advance($0) }
    }

    @Test(arguments: [true, nil]) func thoughtsAreFreeAndTheAnswerIsNot(begun: Bool?) throws {
        var matcher = try matcher(begun: begun, answer: "yes")
        if begun == nil {
            #expect(allowed(&matcher) == "<y")
            #expect(advance(&matcher, "<thin"))
            #expect(allowed(&matcher) == "k" && !matcher.isComplete)
            #expect(advance(&matcher, "k>"))
        }
        #expect(allowed(&matcher) == nil && !matcher.isComplete && matcher.forced(limit: 9).isEmpty)
        #expect(advance(&matcher, "no </think>"))
        #expect(allowed(&matcher) == "y" && matcher.forced(limit: 2) == tokens("ye"))
        #expect(!advance(&matcher, "n"))
        #expect(advance(&matcher, "yes") && matcher.isComplete && allowed(&matcher) == "")
    }

    @Test func anAnswerWithoutThoughtsIsHeldToItAtOnce() throws {
        var undecided = try matcher(answer: "yes")
        #expect(!advance(&undecided, "no"))
        #expect(advance(&undecided, "y") && allowed(&undecided) == "e")
        var ended = try matcher(begun: false, answer: "yes")
        #expect(allowed(&ended) == "y")
    }

    @Test func aBudgetThatIsUsedUpEndsTheThoughts() throws {
        var matcher = try matcher(begun: true, budget: 3, answer: "yes")
        #expect(advance(&matcher, "abc"))
        #expect(allowed(&matcher) == "<" && !matcher.isComplete && matcher.forced(limit: 99) == tokens("</think>"))
        #expect(!advance(&matcher, "d"))
        #expect(advance(&matcher, "</th"))
        #expect(allowed(&matcher) == "i" && matcher.forced(limit: 2) == tokens("in"))
        #expect(advance(&matcher, "ink>yes") && matcher.isComplete)
    }

    @Test func aBudgetOfNothingEndsThoughtsAtOnceAndLeavesTheAnswerFree() throws {
        var matcher = try matcher(budget: 0)
        #expect(allowed(&matcher) == nil && matcher.isComplete)
        #expect(advance(&matcher, "<think>"))
        #expect(allowed(&matcher) == "<")
        #expect(advance(&matcher, "</think>"))
        #expect(allowed(&matcher) == nil && matcher.isComplete)
        #expect(advance(&matcher, "<think> is a tag"))
        #expect(allowed(&matcher) == nil)
    }

    @Test func thoughtsWithinTheirBudgetEndByThemselves() throws {
        var matcher = try matcher(begun: true, budget: 20)
        #expect(advance(&matcher, "short</think>answer of any length whatever"))
        #expect(allowed(&matcher) == nil && matcher.isComplete)
    }

    /// In every format: thoughts that are cut by their budget, and those that end by themselves, with an answer behind them
    /// that obeys a grammar.
    @Test(arguments: ReasoningFormat.all.map(\.names[0])) func everyFormatsThoughtsEndInFrontOfTheAnswer(
        name: String
    ) throws {
        let format = try OutputFormat(reasoningParser: name, tokens: ControlTokens([]))
        let reasoning = try #require(format.reasoning)
        let (opener, ending) = (reasoning.openers[0], reasoning.closers[0])
        let answer = (reasoning.answerHeads.last ?? "") + "yes"
        for (budget, thought, isCut) in [(0, "", true), (3, "abc", true), (99, "abc", false), (nil, "abc", false)] {
            let parser = try #require(format.makeParser(OutputSituation()))
            var matcher = ThinkingConstraint(
                parser: parser,
                marks: ThinkingConstraint.Marks(opener: tokens(opener), ending: tokens(ending)),
                budget: reasoning.isOpenAtStart ? budget.map { $0 + opener.utf8.count } : budget,
                answer: OneText(answer)
            ) { [UInt8(truncatingIfNeeded: $0)] }.makeMatcher()
            #expect(advance(&matcher, opener + thought) && !matcher.isComplete)
            if isCut {
                #expect(allowed(&matcher) == String(ending.prefix(1)) || ending.utf8.first.map { $0 >= 0x80 } == true)
                #expect(!advance(&matcher, "z") && matcher.forced(limit: 99) == tokens(ending))
            } else {
                #expect(allowed(&matcher) == nil)
            }
            #expect(advance(&matcher, ending) && !matcher.isComplete)
            #expect(advance(&matcher, answer) && matcher.isComplete)
            var whole = try #require(format.makeParser(OutputSituation()))
            let parsed = ParsedOutput(whole.append((opener + thought + ending + answer).utf8) + whole.finish())
            #expect(parsed.reasoning == thought && parsed.content == "yes", "\(parsed)")
        }
    }
}
