internal import Tensors

/// What ranks exchange at the borders of a pass.
extension ForwardPass {
    /// Sends the residual to the next stage; from the last stage, only the rows that something is wanted of go back to the
    /// first, which makes logits of them, or wait in `held`.
    func passOn(_ own: WorkerState, _ plan: BatchPlan, _ ranks: RankGroup, holding held: HeldRows?) {
        guard ranks.layout.pipelineParallel > 1 else { return }
        own.worker.barrier()
        guard own.worker.index == 0 else { return }
        guard endsHere else {
            return ranks.send(own.residual(0), count: tokens.count * hiddenSize, to: ranks.nextStage)
        }
        if let held {
            for (place, row) in plan.outputRows.enumerated() {
                (held.base + place * hiddenSize).initialize(from: own.residual(Int(row)), count: hiddenSize)
            }
            return
        }
        forEachPiece(of: plan.outputRows) { rows in
            for (place, row) in rows.enumerated() {
                (memory.output + place * hiddenSize).update(from: own.residual(Int(row)), count: hiddenSize)
            }
            ranks.send(memory.output, count: rows.count * hiddenSize, to: ranks.nextStage)
        }
    }

    /// Sends rows that waited.
    func send(_ held: HeldRows, of plan: BatchPlan, _ ranks: RankGroup) {
        forEachPiece(of: plan.outputRows) { rows in
            let first = held.base + rows.startIndex * hiddenSize
            ranks.send(first, count: rows.count * hiddenSize, to: ranks.nextStage)
        }
    }

    /// Receives, in the first stage, the rows that the last one sends.
    func takeBack(_ own: WorkerState, _ plan: BatchPlan, _ ranks: RankGroup) {
        guard ranks.layout.pipelineParallel > 1, ranks.place.stage == 0 else { return }
        if own.worker.index == 0 {
            forEachPiece(of: plan.outputRows) { rows in
                ranks.receive(memory.output, count: rows.count * hiddenSize, from: ranks.previousStage)
                for (place, row) in rows.enumerated() {
                    let residual = memory.residual + Int(row) * hiddenSize
                    residual.update(from: memory.output + place * hiddenSize, count: hiddenSize)
                }
            }
        }
        own.worker.barrier()
        if tokens.count == 1 { own.takeSharedResidual(0, self) }
    }

    /// Some rows after the other, as many as are in a row chunk.
    private func forEachPiece(
        of rows: UnsafeBufferPointer<Int32>,
        _ body: (_ rows: Slice<UnsafeBufferPointer<Int32>>) -> Void,
    ) {
        let most = min(Workspace.chunkRows, tokens.count)
        for start in stride(from: 0, to: rows.count, by: most) { body(rows[start..<min(start + most, rows.count)]) }
    }

    /// Brings what the ranks of the first stage have of some rows of logits to the first rank, row after row and rank after
    /// rank.
    func gatherLogits(_ rows: Int, _ partition: Partition, _ ranks: RankGroup) {
        for row in 0..<rows {
            let logits = memory.logits + row * logitStride
            guard ranks.place.tensor == 0 else {
                ranks.send(logits, count: logitCount, to: 0)
                continue
            }
            for (rank, part) in partition.vocabularyParts.enumerated().dropFirst() {
                ranks.receive(logits + part.lowerBound, count: part.count, from: rank)
            }
        }
    }
}
