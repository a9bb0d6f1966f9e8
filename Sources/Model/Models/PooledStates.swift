/// The mean of hidden states, which come in parts: a text's embedding.
public struct PooledStates: Sendable {
    private var sums: [Float]
    /// How many were added.
    public private(set) var count = 0

    /// Of states of this width, none so far.
    public init(width: Int) { sums = [Float](repeating: 0, count: width) }

    /// Adds some of the hidden states that a model's last batch asked for.
    public mutating func add(_ rows: Range<Int>, of model: any LanguageModel) {
        model.addHiddenStates(rows, to: &sums)
        count += rows.count
    }

    /// Their mean, `[width]`; zeros of none.
    public var mean: [Float] { count > 1 ? sums.map { $0 / Float(count) } : sums }
}
