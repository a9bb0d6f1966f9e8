/// When a stage of a pass had ended, as its first worker saw it; the stage began when the one before it ended.
public struct StageTime: Sendable, Hashable {
    /// What a pass is made of.
    public enum Stage: String, Sendable {
        /// Nothing: the pass begins.
        case begin
        case embedding
        /// A layer's norm, queries, keys, values, attention and output matrix.
        case attention
        /// The rest of a layer.
        case feedForward = "feed-forward"
        /// The final norm and the output matrix, of some rows.
        case logits
    }

    /// The stage.
    public var stage: Stage
    /// Its layer; 0 outside of layers.
    public var layer: Int
    /// Seconds of the system's monotonic clock.
    public var seconds: Double

    /// A stage that has ended.
    public init(stage: Stage, layer: Int = 0, seconds: Double) {
        self.stage = stage
        self.layer = layer
        self.seconds = seconds
    }
}
