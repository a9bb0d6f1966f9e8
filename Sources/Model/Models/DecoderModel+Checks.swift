extension DecoderModel {
    /// Stops at a batch that would read or write outside of the model's memory.
    func check(_ batch: ModelBatch, _ storage: KVStorage) {
        var next = 0
        for slice in batch.slices {
            precondition(slice.rows.lowerBound == next, "slices must be consecutive")
            next = slice.rows.upperBound
            check(slice, storage)
            precondition(slice.logitRows.allSatisfy { $0 >= 0 && $0 < slice.rows.count }, "a logit row doesn't exist")
            let hidden = slice.hiddenRows
            precondition(
                hidden.isEmpty || hidden.lowerBound >= 0 && hidden.upperBound <= slice.rows.count,
                "a hidden state doesn't exist"
            )
            precondition(
                partition.whole.isCausal || slice.position == 0 && slice.logitRows.isEmpty,
                "an encoder's slice is a whole sequence, and has no logits"
            )
        }
        precondition(next == batch.tokens.count, "slices must cover the batch")
        precondition(
            batch.tokens.allSatisfy { $0 >= 0 && $0 < partition.whole.vocabularySize },
            "a token doesn't exist"
        )
    }

    /// Stops at a slice without the blocks that its rows look at.
    private func check(_ slice: ModelBatch.Slice, _ storage: KVStorage) {
        let groups = storage.groups
        let needed = (slice.position + slice.rows.count + storage.tokensPerBlock - 1) / storage.tokensPerBlock
        precondition(slice.position >= 0 && slice.blocks.count >= needed * groups.count, "a slice lacks blocks")
        precondition(slice.blocks.allSatisfy { $0 < storage.blockCount }, "a block doesn't exist")
        for (index, group) in groups.enumerated() {
            for row in group.firstSeen(from: slice.position) / storage.tokensPerBlock..<needed {
                precondition(slice.blocks[row * groups.count + index] >= 0, "a slice lacks a block")
            }
        }
    }
}
