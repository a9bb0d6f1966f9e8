/// How the tokens of a request are chosen, the same from the fields of a request down to the sampler; ranges hold.
public struct SamplingParameters: Sendable, Hashable {
    /// Divides the logits, at least 0; 0 takes the most probable token.
    public var temperature: Float = 1
    /// Keep only this many most probable tokens; 0 keeps all.
    public var topK: Int = 0
    /// Keep the most probable tokens up to this total probability, in (0, 1].
    public var topP: Float = 1
    /// What top-p is multiplied with after each token, in (0, 1]; 1 lets it be.
    public var topPDecay: Float = 1
    /// Lower bound on the decayed top-p, in [0, 1]; without decay it has no effect.
    public var topPMin: Float = 0
    /// A token after which top-p is what it was at first.
    public var topPResetToken: Int32?
    /// Keep tokens at least this probable, relative to the most probable, in [0, 1].
    public var minP: Float = 0
    /// Divides (positive) or multiplies (negative) logits of tokens in prompt and output, above 0; 1 is none.
    public var repetitionPenalty: Float = 1
    /// Subtracted once from logits of tokens in the output.
    public var presencePenalty: Float = 0
    /// Subtracted from logits of tokens in the output as often as they occur.
    public var frequencyPenalty: Float = 0
    /// Added to the logits of single tokens, by their ids.
    public var logitBias: [Int32: Float] = [:]
    /// The only tokens that may be chosen; `nil` is all.
    public var allowedTokens: Set<Int32>?
    /// Sequences of tokens, none of them empty, whose last token isn't chosen where it would complete them in the output.
    public var bannedSequences: [[Int32]] = []
    /// Key of the request's random numbers; a choice's generator is keyed by seed, choice and position.
    ///
    /// `nil` leaves it to the text level to draw one; to the engine it is 0.
    public var seed: UInt64?

    /// The defaults: plain sampling at temperature 1.
    public init() {}
}
