internal import CPUKernels
internal import Tensors

/// The beginning of a pass: embeddings, or what another rank made of them, become the residual, and positions rotary
/// tables.
struct Embedding {
    /// Where the residual's rows come from.
    enum Source {
        /// The whole embedding.
        case table(EmbeddingTable)
        /// Those of its rows that the rank has; the others' are other ranks'.
        case shard(EmbeddingTable, Range<Int>, RankSum)
        /// The rank of the stage before.
        case received(RankGroup)
    }

    let source: Source
    let weights: DecoderWeights
    let rotaries: [RotaryEmbedding]
    let scale: Float
    let norm: NormOperation?
    let plan: BatchPlan

    /// One worker's share; the others' are there behind the first product's barrier.
    func run(_ pass: ForwardPass, _ own: WorkerState) {
        switch source {
        case .table(let table):
            for row in own.share(plan.tokens.count) {
                table.expand(Int(plan.tokens[row]), into: own.residual(row))
                finish(row, pass, own)
            }
        case .shard(let table, let tokens, let ranks):
            expand(table, tokens, pass, own)
            own.worker.barrier()
            if own.worker.index == 0 { ranks.add(pass.memory.residual, count: plan.tokens.count * pass.hiddenSize) }
            own.worker.barrier()
            for row in own.share(plan.tokens.count) {
                own.takeSharedResidual(row, pass)
                finish(row, pass, own)
            }
        case .received(let group):
            if own.worker.index == 0 {
                let count = plan.tokens.count * pass.hiddenSize
                group.receive(pass.memory.residual, count: count, from: group.previousStage)
            }
            own.worker.barrier()
            for row in own.share(plan.tokens.count) { own.takeSharedResidual(row, pass) }
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

    /// Rows of the tokens that the rank has, and zeros for the others.
    private func expand(_ table: EmbeddingTable, _ tokens: Range<Int>, _ pass: ForwardPass, _ own: WorkerState) {
        for row in own.sharedShare(plan.tokens.count) {
            let (token, residual) = (Int(plan.tokens[row]), pass.memory.residual + row * pass.hiddenSize)
            if tokens.contains(token) {
                table.expand(token - tokens.lowerBound, into: residual)
            } else {
                residual.update(repeating: 0, count: pass.hiddenSize)
            }
        }
    }

    /// What is done to a token's embedding before the first layer.
    private func finish(_ row: Int, _ pass: ForwardPass, _ own: WorkerState) {
        let (count, residual) = (pass.hiddenSize, own.residual(row))
        if scale != 1 { pass.kernels.scale(residual, scale, Int32(count), residual) }
        if let types = weights.tokenTypes { pass.kernels.add(types.base, Int32(count), residual) }
        if let positions = weights.positions {
            let position = min(Int(plan.positions[row]), positions.count / count - 1)
            pass.kernels.add(positions.base + position * count, Int32(count), residual)
        }
        norm?.apply(pass.kernels, residual, to: residual)
    }
}

extension WorkerState {
    /// Brings a row of the residual to where this worker keeps it, which is elsewhere in a batch of one.
    func takeSharedResidual(_ row: Int, _ pass: ForwardPass) {
        let (shared, own) = (pass.memory.residual + row * pass.hiddenSize, residual(row))
        if own != shared { own.update(from: shared, count: pass.hiddenSize) }
    }
}
