/// The mixture of experts in a model's layers.
public struct ExpertConfiguration: Sendable, Hashable {
    /// How the router's logits become weights.
    public enum Gating: Sendable, Hashable {
        /// A softmax over all experts, of which the largest are chosen.
        case softmax
        /// A sigmoid each.
        case sigmoid
        /// A softmax over the chosen ones only.
        case softmaxOfChosen
    }

    /// Experts of a layer.
    public var count: Int
    /// Experts that a token uses.
    public var perToken: Int
    /// Width of an expert.
    public var feedForwardLength: Int
    /// Experts that every token uses besides; they are stored as one.
    public var sharedCount = 0
    /// Width of the shared experts together.
    public var sharedFeedForwardLength = 0
    /// How the router's logits become weights.
    public var gating = Gating.softmax
    /// Whether the weights of the chosen experts are divided by their sum.
    public var normalizesWeights = false
    /// The weights are multiplied with it at last.
    public var weightScale = 1.0
    /// Groups that the experts are in, in order; 1 for no groups.
    public var groupCount = 1
    /// Groups that a token may choose from.
    public var groupsUsed = 1
    /// Whether a bias per expert takes part in choosing, though not in the weights (`exp_probs_b`).
    public var hasSelectionBias = false
    /// The first so many layers have no experts.
    public var denseLayerCount = 0
    /// Of the others, each so manieth has: 1 for all of them.
    public var layerStep = 1

    /// A mixture with these sizes.
    public init(count: Int, perToken: Int, feedForwardLength: Int) {
        self.count = count
        self.perToken = perToken
        self.feedForwardLength = feedForwardLength
    }

    /// Whether a layer's feed-forward part is a mixture.
    public func isUsed(inLayer layer: Int) -> Bool { layer >= denseLayerCount && (layer + 1) % layerStep == 0 }
}
