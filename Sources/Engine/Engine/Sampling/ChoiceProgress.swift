package import GuidedDecoding

/// Where a choice stands, as far as it decides what may come next and how probable it is.
package struct ChoiceProgress: Sendable {
    /// What it has produced.
    package var history: TokenHistory
    /// Where its output stands in the request's constraint, when it has one.
    package var matcher: (any TokenMatcher)?
    /// Whether a token was taken that the constraint then couldn't follow.
    package var isLost = false

    /// A choice of a request that has produced nothing yet.
    package init(_ request: EngineRequest) {
        history = TokenHistory(promptTokens: request.promptTokens, parameters: request.sampling)
        matcher = request.constraint?.makeMatcher()
    }
}
