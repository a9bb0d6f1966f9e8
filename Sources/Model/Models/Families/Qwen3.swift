internal import Checkpoints

/// Qwen 3: each head of queries and keys is normed instead of biased.
enum Qwen3: DecoderFamily {
    static func shape(_ configuration: ModelConfiguration) throws(ModelError) -> DecoderShape {
        var shape = try DecoderShape(configuration, rotaryLayout: .halves)
        shape.hasHeadNorms = true
        return shape
    }
}
