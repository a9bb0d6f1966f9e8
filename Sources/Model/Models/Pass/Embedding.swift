internal import CPUKernels
internal import Tensors

/// The first stage of a pass: embeddings become the residual, and positions rotary tables.
struct Embedding {
    let weights: DecoderWeights
    let rotaries: [RotaryEmbedding]
    let scale: Float
    let norm: NormOperation?
    let plan: BatchPlan

    /// One worker's share; the others' are there behind the first product's barrier.
    func run(_ pass: ForwardPass, _ own: WorkerState) {
        let count = pass.hiddenSize
        for row in own.share(plan.tokens.count) {
            let residual = own.residual(row)
            weights.embedding.expand(Int(plan.tokens[row]), into: residual)
            if scale != 1 { pass.kernels.scale(residual, scale, Int32(count), residual) }
            if let types = weights.tokenTypes { pass.kernels.add(types.base, Int32(count), residual) }
            if let positions = weights.positions {
                let position = min(Int(plan.positions[row]), positions.count / count - 1)
                pass.kernels.add(positions.base + position * count, Int32(count), residual)
            }
            norm?.apply(pass.kernels, residual, to: residual)
        }
        // The tables are shared even when rows aren't.
        let half = pass.rotaryDimension / 2
        for row in own.evenShare(plan.tokens.count) {
            for (index, rotary) in rotaries.enumerated() {
                let cosines = pass.angles(index, row)
                rotary.fill(position: Int(plan.positions[row]), cosines: cosines, sines: cosines + half)
            }
        }
        own.meet()
    }
}
