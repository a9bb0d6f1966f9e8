package import Checkpoints

/// A mixture of experts, the feed-forward part of a layer (arXiv 2101.03961): a router chooses a few of many small gated
/// parts for each token and adds up what they give.
package struct ExpertShape: Sendable, Hashable {
    /// Experts.
    package var count: Int
    /// Those that are computed here: all of them but on a rank that has only some.
    package var own: Range<Int>
    /// Experts that a token uses; at most `count`.
    package var perToken: Int
    /// Inputs of an expert's last product.
    package var width: Int
    /// The nonlinearity of their gates.
    package var activation: Activation
    /// Gates and ups are cut to this size and gates are as gpt-oss has them; 0 for no such limit.
    package var gateLimit: Float = 0
    /// How the router's logits become weights.
    package var gating = ExpertConfiguration.Gating.softmax
    /// Whether the weights of the chosen experts are divided by their sum.
    package var normalizesWeights = false
    /// The weights are multiplied with it at last.
    package var weightScale: Float = 1
    /// Groups that the experts are in, in order; 1 for no groups.
    package var groupCount = 1
    /// Groups that a token may choose from.
    package var groupsUsed = 1
    /// Whether a bias per expert takes part in choosing, though not in the weights.
    package var hasSelectionBias = false
    /// Inputs of the last product of a part that every token uses besides; 0 for none.
    package var sharedWidth = 0

    /// A mixture of experts of one width, chosen by a softmax over all.
    package init(count: Int, perToken: Int, width: Int, activation: Activation) {
        self.count = count
        own = 0..<count
        self.perToken = perToken
        self.width = width
        self.activation = activation
    }

    /// Floats of one row of gates and ups.
    var rowStride: Int { 2 * width + 16 }
    /// Rows that the experts' work on `rows` rows can take: whole blocks for each expert.
    func slots(_ rows: Int) -> Int {
        let pairs = rows * min(perToken, own.count)
        return pairs + 3 * min(own.count, pairs)
    }
}

extension ExpertShape {
    /// What a configuration says.
    ///
    /// - Throws: `ModelError.badConfiguration` for what can't be computed.
    init(_ configuration: ModelConfiguration, _ experts: ExpertConfiguration) throws(ModelError) {
        func refuse(_ field: String, _ value: Int, _ reason: String) -> ModelError {
            .badConfiguration(field: field, value: "\(value)", reason: reason)
        }
        guard experts.count > 0, experts.count <= 4096 else {
            throw refuse("number of experts", experts.count, "it must be 1 to 4096")
        }
        guard experts.perToken > 0, experts.perToken <= min(experts.count, 256) else {
            throw refuse("experts per token", experts.perToken, "it must be 1 to \(min(experts.count, 256))")
        }
        for (field, width) in [
            ("experts' feed-forward length", experts.feedForwardLength),
            ("shared experts' feed-forward length", experts.sharedFeedForwardLength),
        ] where width % 32 != 0 || width < 0 {
            throw refuse(field, width, "it must be a multiple of 32")
        }
        guard experts.groupCount > 0, experts.count % experts.groupCount == 0 else {
            throw refuse("number of expert groups", experts.groupCount, "it must divide \(experts.count) experts")
        }
        guard experts.groupsUsed > 0, experts.groupsUsed <= experts.groupCount else {
            throw refuse("expert groups per token", experts.groupsUsed, "it must be 1 to \(experts.groupCount)")
        }
        guard experts.perToken <= experts.count / experts.groupCount * experts.groupsUsed else {
            throw refuse("experts per token", experts.perToken, "the groups that are used have fewer")
        }
        self.init(
            count: experts.count,
            perToken: experts.perToken,
            width: experts.feedForwardLength,
            activation: configuration.activation
        )
        gateLimit = Float(configuration.gateLimit ?? 0)
        gating = experts.gating
        normalizesWeights = experts.normalizesWeights
        weightScale = Float(experts.weightScale)
        groupCount = experts.groupCount
        groupsUsed = experts.groupsUsed
        hasSelectionBias = experts.hasSelectionBias
        sharedWidth = experts.sharedFeedForwardLength
    }
}
