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
        Matcher(
            marks: marks,
            budget: budget ?? .max,
            answer: answer?.makeMatcher(),
            parser: parser,
            bytes: bytes,
        )
    }

    private struct Matcher: TokenMatcher {
        let marks: Marks
        let budget: Int
        var answer: (any TokenMatcher)?
        var parser: any OutputParser
        let bytes: @Sendable (TokenID) -> [UInt8]
        /// Tokens of thoughts so far.
        var thoughts = 0
        /// Tokens of the opener so far, as long as it may be one.
        var opened = 0
        /// Tokens of the ending so far, once the budget is used up.
        var ended: Int?
        /// Whether the answer has begun.
        var isAnswering = false

        /// The only token that is allowed, where the thoughts have to end.
        private var forcedToken: TokenID? {
            if let ended { return marks.ending[ended] }
            return parser.phase == .reasoning && thoughts >= budget ? marks.ending.first : nil
        }

        /// Whether the opener of thoughts may go on here.
        private var mayOpen: Bool { !isAnswering && parser.phase == .start && opened < marks.opener.count }

        var isComplete: Bool {
            if forcedToken != nil { return false }
            guard let answer else { return true }
            return (isAnswering || opened == 0) && parser.phase != .reasoning && answer.isComplete
        }

        mutating func allow(_ mask: inout TokenMask) {
            mask.removeAll()
            if let forcedToken {
                mask[forcedToken] = true
            } else if parser.phase == .reasoning || answer == nil {
                mask.allowAll()
            } else if mayOpen {
                if opened == 0 { answer?.allow(&mask) }
                mask[marks.opener[opened]] = true
            } else {
                answer?.allow(&mask)
            }
        }

        mutating func advance(_ token: TokenID) -> Bool {
            if let forcedToken {
                guard token == forcedToken else { return false }
                let count = (ended ?? 0) + 1
                ended = count < marks.ending.count ? count : nil
                _ = parser.append(bytes(token))
                if ended == nil { isAnswering = true }
                return true
            }
            if parser.phase == .reasoning {
                _ = parser.append(bytes(token))
                // What ends them is no part of them.
                if parser.phase == .reasoning { thoughts += 1 } else { isAnswering = true }
                return true
            }
            if answer == nil || (mayOpen && token == marks.opener[opened]) {
                opened += 1
                _ = parser.append(bytes(token))
                return true
            }
            guard opened == 0 || isAnswering || !mayOpen, answer?.advance(token) ?? true else { return false }
            isAnswering = true
            return true
        }

        mutating func forced(limit: Int) -> [TokenID] {
            if let first = forcedToken {
                return Array((ended.map { marks.ending[$0...] } ?? [first] + marks.ending.dropFirst()).prefix(limit))
            }
            return isAnswering ? answer?.forced(limit: limit) ?? [] : []
        }
    }
}
