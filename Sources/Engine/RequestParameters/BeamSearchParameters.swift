/// How the most probable of many continuations are looked for, as `transformers` does it.
public struct BeamSearchParameters: Sendable, Hashable {
    /// When the search ends before every continuation is as long as it may get.
    public enum EarlyStopping: Sendable, Hashable {
        /// When no running beam is better, as long as it is now, than the worst of `width` finished ones.
        case heuristic
        /// As soon as `width` beams are finished.
        case whenFull
        /// When no running beam can get better than the worst of `width` finished ones.
        case never
    }

    /// How many beams run at once, at least 1.
    public var width: Int
    /// The exponent of a beam's length, by which the sum of its log-probabilities is divided: above 0 favours long ones.
    public var lengthPenalty: Float = 1
    /// When the search ends.
    public var earlyStopping = EarlyStopping.heuristic

    /// A search with so many beams.
    public init(width: Int) {
        self.width = width
    }
}
