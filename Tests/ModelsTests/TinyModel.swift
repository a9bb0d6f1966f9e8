import Checkpoints
import Foundation
import Models
import Tensors

/// A tiny model of `Tests/Fixtures/tiny-models` with the logits that llama.cpp computes for it.
struct TinyModel {
    /// Contents of `FAMILY.logits.json`.
    struct Expectation: Decodable {
        var tokens: [Int32]
        var positions: [Int]
        var logits: [[Float]]
    }

    static let families = ["llama", "qwen2", "qwen3", "gemma3"]
    /// The families, a model whose matrices multiply quantized activations, and some with an 8-bit KV cache.
    static let all = families + ["llama-q8_0", "llama+int8", "gemma3+int8"]
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/tiny-models")

    /// Rows of logits that are computed at once.
    private static let logitRows = 64

    let model: DecoderModel

    /// Loads `FAMILY.gguf`; a name that ends in "+int8" has an 8-bit KV cache.
    init(_ name: String, threads: Int = 1, blocks: Int = 64, tokensPerBlock: Int = 32) throws {
        let parts = name.split(separator: "+")
        let family = parts.first.map(String.init) ?? name
        try self.init(
            path: Self.folder.appendingPathComponent("\(family).gguf").path,
            cacheType: parts.count > 1 ? .int8 : .bfloat16,
            threads: threads,
            blocks: blocks,
            tokensPerBlock: tokensPerBlock
        )
    }

    /// Loads a file.
    init(
        path: String,
        cacheType: KVCacheType = .bfloat16,
        threads: Int = 1,
        blocks: Int = 64,
        tokensPerBlock: Int = 32,
    ) throws {
        model = try DecoderModel.load(
            checkpoint: try Checkpoint.open(path: path),
            pool: try ThreadPool(threadCount: threads),
            cacheType: cacheType
        )
        try model.allocateRows(blocks, tokensPerBlock: tokensPerBlock)
        try model.reserve(tokens: 1024, logitRows: Self.logitRows)
    }

    /// The tokens of all models, and the logits of a family.
    static func expectation(_ model: String) throws -> Expectation {
        let family = model.prefix { $0 != "-" && $0 != "+" }
        let data = try Data(contentsOf: folder.appendingPathComponent("\(family).logits.json"))
        return try JSONDecoder().decode(Expectation.self, from: data)
    }

    /// Feeds part of a sequence and returns all rows of logits; `blocks` are those of a model with one group.
    func feed(
        _ tokens: ArraySlice<Int32>,
        position: Int,
        blocks: [Int32],
        adapter: Adapter? = nil,
    ) -> [[UInt32]] {
        var batch = ModelBatch()
        batch.add(tokens, position: position, blocks: model.rows(blocks), adapter: adapter)
        return rows(of: batch)
    }

    /// The hidden states of all tokens of some sequences that share a batch, in blocks that follow each other.
    func hiddenStates(_ sequences: [[Int32]]) -> [[Float]] { Self.hiddenStates(model, sequences) }

    /// The same of any model whose blocks hold 32 tokens.
    static func hiddenStates(_ model: DecoderModel, _ sequences: [[Int32]]) -> [[Float]] {
        var batch = ModelBatch()
        var block: Int32 = 0
        for tokens in sequences {
            let (first, count) = (batch.tokens.count, tokens.count)
            let end = block + Int32(count + 31) / 32
            batch.tokens += tokens
            batch.slices.append(
                .init(
                    rows: first..<first + count,
                    position: 0,
                    blocks: model.rows(Array(block..<end)),
                    hiddenRows: 0..<count
                )
            )
            block = end
        }
        model.forward(batch)
        return batch.tokens.indices.map { row in
            var states = PooledStates(width: model.limits.hiddenSize)
            states.add(row..<row + 1, of: model)
            return states.mean
        }
    }

    /// All rows of a batch's logits as bits, some rows at a time.
    func rows(of batch: ModelBatch) -> [[UInt32]] {
        model.forward(batch)
        return model.logitBits(of: batch, atOnce: Self.logitRows)
    }
}

extension ModelBatch {
    /// Adds tokens of one sequence, of which the logits of all are wanted.
    mutating func add(_ tokens: ArraySlice<Int32>, position: Int, blocks: [Int32], adapter: Adapter? = nil) {
        let first = self.tokens.count
        self.tokens += tokens
        slices.append(
            Slice(
                rows: first..<first + tokens.count,
                position: position,
                blocks: blocks,
                logitRows: Array(0..<tokens.count),
                adapter: adapter
            )
        )
    }
}

/// Blocks as a model with one group would have them; others have a block of each group for each of them.
extension LanguageModel {
    /// All rows of logits of the last batch that has ended, as bits; some rows are computed at once.
    func logitBits(of batch: ModelBatch, atOnce count: Int) -> [[UInt32]] {
        let width = limits.vocabularySize
        return stride(from: 0, to: batch.logitRowCount, by: count).flatMap { first in
            let logits = logits(first..<min(first + count, batch.logitRowCount))
            return stride(from: 0, to: logits.count, by: width).map { start in
                logits[start..<start + width].map(\.bitPattern)
            }
        }
    }

    func allocateRows(_ count: Int, tokensPerBlock: Int) throws {
        try allocateKVCache(blockCount: count * limits.kvGroups.count, tokensPerBlock: tokensPerBlock)
    }

    func rows(_ blocks: [Int32]) -> [Int32] {
        let groupCount = Int32(limits.kvGroups.count)
        return blocks.flatMap { block in (0..<groupCount).map { block * groupCount + $0 } }
    }

    func copyRow(from source: Int32, to destination: Int32) {
        for (from, to) in zip(rows([source]), rows([destination])) { copyBlock(from: from, to: to) }
    }
}
