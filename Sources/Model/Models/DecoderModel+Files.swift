public import Checkpoints

extension DecoderModel {
    /// What writes the loaded weights as an engine.
    ///
    /// - Parameters:
    ///   - checkpoint: What the model was loaded from.
    ///   - facts: What the engine says of itself.
    /// - Throws: `ModelError.checkpoint` for a checkpoint that is an engine itself, `.badLayout` on one of several ranks.
    public func engineWriter(_ checkpoint: Checkpoint, facts: EngineFacts) throws(ModelError) -> EngineWriter {
        guard partition.isWhole else {
            throw .badLayout("an engine is built of a whole model, and this rank has only a part")
        }
        do {
            return try EngineWriter(checkpoint, tensors: weights.record.tensors(), facts: facts)
        } catch {
            throw .checkpoint(error)
        }
    }

    /// The keys and values in a block, which may be written to any block of the same group, in this model or another that was
    /// loaded from the same checkpoint with the same cache type and has blocks of as many tokens.
    ///
    /// Precondition: the cache is allocated and has the block.
    package func readBlock(_ block: Int32) -> [UInt8] {
        cache(with: block).read(Int(block))
    }

    /// Overwrites a block with keys and values that `readBlock` returned.
    ///
    /// Precondition: the cache is allocated and has the block, and the content is as long as its blocks.
    package func writeBlock(_ block: Int32, _ content: [UInt8]) {
        cache(with: block).write(content, to: Int(block))
    }

    private func cache(with block: Int32) -> KVStorage {
        guard let storage else { preconditionFailure("blocks before allocateKVCache") }
        precondition(block >= 0 && block < storage.blockCount, "a block doesn't exist")
        return storage
    }
}
