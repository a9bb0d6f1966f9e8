package import Models

/// Packs a plan's slices into the model's ragged batch, without padding.
package enum BatchBuilder {
    /// The batch of a plan: `[tokens of all slices]` and where each slice's keys and values go.
    package static func batch(of plan: StepPlan) -> ModelBatch {
        var batch = ModelBatch()
        for slice in plan.slices {
            let start = batch.tokens.count
            batch.tokens.append(contentsOf: slice.tokens)
            batch.slices.append(
                ModelBatch.Slice(
                    rows: start..<batch.tokens.count,
                    position: slice.position,
                    blocks: slice.blocks,
                    logitRows: slice.logitRows,
                    hiddenRows: slice.isPooled ? slice.promptRows : 0..<0,
                    adapter: slice.adapter,
                )
            )
        }
        return batch
    }
}
