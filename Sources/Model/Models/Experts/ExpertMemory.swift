internal import Tensors

/// Memory that mixtures of experts work in.
///
/// A slot is a row that one expert computes. Each expert's slots follow each other, from a multiple of four on.
struct ExpertMemory {
    /// The routers' outputs, `[chunkRows, experts + 1]`.
    let logits: UnsafeMutablePointer<Float>
    /// What experts multiply, `[slots, hidden]`.
    let gathered: UnsafeMutablePointer<Float>
    /// Gates and ups, `[slots, rowStride]`.
    let gateUp: UnsafeMutablePointer<Float>
    /// Numbers between an expert's products that this rank has, `[slots, width]`; as the rest only where there are several.
    let activated: UnsafeMutablePointer<Float>
    /// Those of all ranks that share the expert, `[slots, whole width]`.
    let rows: UnsafeMutablePointer<Float>
    /// Outputs of this rank's experts, in the order of the rows' choices.
    let packed: UnsafeMutablePointer<Float>
    /// What ranks exchange, rank after rank.
    let exchanged: UnsafeMutablePointer<Float>
    /// The experts' outputs, `[slots, outputs]`.
    let output: UnsafeMutablePointer<Float>
    /// The shared part's outputs, `[chunkRows, hidden]`, or this rank's part of them.
    let sharedOutput: UnsafeMutablePointer<Float>
    /// Slots after quantization.
    let activations: Activations
    /// The rows' choices, unless every worker makes its own.
    let choices: Choices
    /// The workers' own memory.
    let workers: UnsafeBufferPointer<Scratch>

    /// Which experts rows use.
    struct Choices {
        /// Expert ids, `[rows, perToken]`.
        let experts: UnsafeMutablePointer<Int32>
        /// Their weights, `[rows, perToken]`.
        let weights: UnsafeMutablePointer<Float>
    }

    /// What a worker needs for itself.
    struct Scratch {
        /// Choices of a batch's only row.
        let choices: Choices
        /// Scores of a row, twice `[experts]`.
        let scores: UnsafeMutablePointer<Float>
        /// The first slot of each expert, `[experts]`.
        let starts: UnsafeMutablePointer<Int32>
        /// How many slots each expert has, `[experts]`.
        let counts: UnsafeMutablePointer<Int32>
        /// The row of each slot, `[slots]`.
        let rows: UnsafeMutablePointer<Int32>
        /// The slot of each choice, `[rows, perToken]`; negative where another rank has the expert.
        let slots: UnsafeMutablePointer<Int32>
        /// The place of each choice among those of the same part of the experts, `[rows, perToken]`.
        let places: UnsafeMutablePointer<Int32>
        /// How many choices each part has, at most `[experts]`.
        let partCounts: UnsafeMutablePointer<Int32>
        /// Products, at most `[2 experts]`.
        let work: UnsafeMutablePointer<GroupedProduct>
    }
}
