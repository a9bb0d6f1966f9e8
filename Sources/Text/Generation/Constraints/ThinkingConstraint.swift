package import GuidedDecoding
package import Tokenization

/// What an output with thoughts in front has to obey: a budget of tokens for the thoughts, a constraint for what is behind
/// them, or both.
///
/// Thoughts are free while their budget lasts. Then, token by token, nothing is allowed but what ends them, so that the
/// model goes on with its answer as if it had ended them itself.
package struct ThinkingConstraint: TokenConstraint {
    /// What marks thoughts, in tokens.
    package struct Marks: Sendable {
        /// What begins them, where the output may begin with them; empty where it can't or has begun already.
        package var opener: [TokenID]
        /// What is written to end them when their budget is used up.
        package var ending: [TokenID]

        /// Marks.
        package init(opener: [TokenID], ending: [TokenID]) {
            self.opener = opener
            self.ending = ending
        }
    }

    private let marks: Marks
    private let budget: Int?
    private let answer: (any TokenConstraint)?
    private let parser: any OutputParser
    private let bytes: @Sendable (TokenID) -> [UInt8]

    /// A constraint for outputs that a parser takes apart.
    ///
    /// - Parameters:
    ///   - parser: Tells thoughts from the rest, at the beginning of an output.
    ///   - marks: What marks thoughts.
    ///   - budget: Most tokens of thoughts, their marks not counted; `nil` is no limit.
    ///   - answer: What the output behind the thoughts has to obey; `nil` is nothing.
    ///   - bytes: A token's bytes as they stand in the stream that parsers see.
    package init(
        parser: any OutputParser,
        marks: Marks,
        budget: Int?,
        answer: (any TokenConstraint)?,
        bytes: @escaping @Sendable (TokenID) -> [UInt8],
    ) {
        self.parser = parser
        self.marks = marks
        self.budget = budget
        self.answer = answer
        self.bytes = bytes
    }

    package func makeMatcher() -> any TokenMatcher {
        Matcher(constraint: self, answer: answer?.makeMatcher(), parser: parser)
    }

    private struct Matcher: TokenMatcher {
        let constraint: ThinkingConstraint
        /// The answer's matcher; as long as nothing has been decided it goes along, in case that there are no thoughts.
        var answer: (any TokenMatcher)?
        var parser: any OutputParser
        /// Tokens of thoughts so far.
        var thoughts = 0
        /// Tokens of the opener so far; `nil` once it can't be one.
        var opened: Int? = 0
        /// Whether what came so far may be an answer.
        var mayBeAnswer = true
        /// Tokens of the ending so far, once the budget is used up.
        var ended: Int?
        /// Whether thoughts have been or can't come any more.
        var isAnswering = false

        /// What is left of the ending, where the thoughts have to end.
        private var forcedEnding: ArraySlice<TokenID>? {
            let ending = constraint.marks.ending
            if let ended { return ending[ended...] }
            guard isThinking, let budget = constraint.budget, thoughts >= budget, !ending.isEmpty else { return nil }
            return ending[...]
        }

        private var isThinking: Bool { !isAnswering && parser.phase == .reasoning }

        /// The opener's next token, where it may go on.
        private var openerToken: TokenID? {
            guard !isAnswering, let opened, opened < constraint.marks.opener.count else { return nil }
            return constraint.marks.opener[opened]
        }

        var isComplete: Bool {
            if forcedEnding != nil { return false }
            guard let answer else { return true }
            return !isThinking && mayBeAnswer && answer.isComplete
        }

        var failure: String? { isThinking ? nil : answer?.failure }

        mutating func allow(_ mask: inout TokenMask) {
            mask.removeAll()
            if let token = forcedEnding?.first {
                mask[token] = true
            } else if answer == nil || isThinking {
                mask.allowAll()
            } else {
                if mayBeAnswer { answer?.allow(&mask) }
                if let openerToken { mask[openerToken] = true }
            }
        }

        mutating func advance(_ token: TokenID) -> Bool {
            if let ending = forcedEnding {
                guard token == ending.first else { return false }
                ended = ending.startIndex + 1
                if ending.count == 1 { beginAnswer() }
                return true
            }
            if isAnswering { return answer?.advance(token) ?? true }
            if isThinking {
                thoughts += 1
                read(token)
                return true
            }
            let opens = openerToken == token
            let answers = mayBeAnswer && answer?.advance(token) ?? true
            guard opens || answers else { return false }
            opened = opens ? (opened ?? 0) + 1 : nil
            mayBeAnswer = answers
            // Openers come in more spellings than one, so it is the parser that says whether thoughts have begun.
            read(token)
            return true
        }

        mutating func forced(limit: Int) -> [TokenID] {
            if let ending = forcedEnding { return Array(ending.prefix(limit)) }
            return isAnswering ? answer?.forced(limit: limit) ?? [] : []
        }

        private mutating func read(_ token: TokenID) {
            let wasThinking = isThinking
            _ = parser.append(constraint.bytes(token))
            switch parser.phase {
            case .start: break
            case .reasoning: break
            case .answer where wasThinking: beginAnswer()
            case .answer: isAnswering = true
            }
        }

        /// The thoughts are over: what comes now is the answer, from its beginning.
        private mutating func beginAnswer() {
            isAnswering = true
            ended = nil
            mayBeAnswer = true
            answer = constraint.answer?.makeMatcher()
        }
    }
}
