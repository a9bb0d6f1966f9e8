import Models
import Synchronization

/// A model whose logits are a pure function of what its KV cache really holds.
///
/// Each slot of each block stores a token and its position. The logits of a row mix all slots of the sequence that the
/// groups of layers see from it, so that a wrong table, a missing copy or a stale block changes the output. Unwritten slots
/// hold rubbish, and what is written is each group's own.
final class ScriptedModel: LanguageModel, @unchecked Sendable {  // the engine calls it from one thread at a time
    struct Slot { var token: Int32, position: Int32, group: Int }
    struct Broken: Error, CustomStringConvertible { var description: String { "no memory left" } }

    let limits: ModelLimits
    private var tokensPerBlock = 1
    private var slots: [Slot] = []
    private var logits: [Float] = []
    private var visible: [Float] = []
    private var hiddenStates: [[Float]] = []
    private(set) var reserved = (tokens: 0, logitRows: 0)
    private var wantedRows = 0
    /// Most rows of logits that one batch wanted.
    private(set) var mostLogitRows = 0
    private(set) var mistakes: [String] = []
    /// Rows computed so far, readable from other threads.
    let computedRows = Atomic(0)
    /// Makes the next `reserve` fail.
    let failsToReserve = Atomic(false)
    /// Called at the beginning of each forward pass with its batch.
    let onForward: (@Sendable (ModelBatch) -> Void)?

    /// A model of some groups of layers, with these windows.
    init(
        vocabularySize: Int = 50,
        windows: [Int] = [0],
        isCausal: Bool = true,
        positionCount: Int? = nil,
        onForward: (@Sendable (ModelBatch) -> Void)? = nil,
    ) {
        limits = ModelLimits(
            vocabularySize: vocabularySize,
            contextLength: 4096,
            kvBytesPerToken: 8 * windows.count,
            kvGroups: windows.enumerated().map { KVGroup(window: $1, layers: [$0]) },
            hiddenSize: 6,
            isCausal: isCausal,
            positionCount: positionCount,
        )
        self.onForward = onForward
    }

    func allocateKVCache(blockCount: Int, tokensPerBlock: Int) throws {
        self.tokensPerBlock = tokensPerBlock
        slots = [Slot](repeating: Slot(token: -1, position: -1, group: -1), count: blockCount * tokensPerBlock)
    }

    func reserve(tokens: Int, logitRows: Int) throws {
        if failsToReserve.load(ordering: .relaxed) { throw Broken() }
        reserved = (tokens, logitRows)
    }

    /// Like the real model, ends the process when a batch doesn't fit what was reserved.
    func forward(_ batch: ModelBatch) {
        onForward?(batch)
        precondition(batch.tokens.count <= reserved.tokens, "\(batch.tokens.count) rows; reserved \(reserved)")
        for slice in batch.slices {
            precondition(limits.isCausal || slice.position == 0 && slice.logitRows.isEmpty, "an encoder's slice")
            write(slice, batch)
        }
        wantedRows = batch.logitRowCount
        mostLogitRows = max(mostLogitRows, wantedRows)
        logits = batch.slices.flatMap { slice in
            slice.logitRows.flatMap { Self.logits(fingerprint(slice, length: slice.position + $0 + 1), limits) }
        }
        hiddenStates = batch.slices.flatMap { slice in
            slice.hiddenRows.map { row in
                let end = limits.isCausal ? row + 1 : slice.rows.count
                return hidden(fingerprint(slice, length: slice.position + end), position: slice.position + row)
            }
        }
        computedRows.add(batch.tokens.count, ordering: .relaxed)
    }

    func addHiddenStates(_ rows: Range<Int>, to sums: inout [Float]) {
        for row in hiddenStates[rows] { sums = zip(sums, row).map { $0 + $1 } }
    }

    func logits(_ rows: Range<Int>) -> UnsafeBufferPointer<Float> {
        precondition(rows.count <= reserved.logitRows, "\(rows.count) rows of logits; reserved \(reserved)")
        precondition(rows.lowerBound >= 0 && rows.upperBound <= wantedRows, "rows \(rows) of \(wantedRows)")
        // Earlier rows go, as they do in the real one.
        visible = Array(logits[rows.lowerBound * limits.vocabularySize..<rows.upperBound * limits.vocabularySize])
        return visible.withUnsafeBufferPointer { $0 }
    }

    /// All rows of logits of a batch.
    func allLogits(of batch: ModelBatch) -> UnsafeBufferPointer<Float> {
        forward(batch)
        return logits(0..<batch.logitRowCount)
    }

    func copyBlock(from source: Int32, to destination: Int32) {
        let (from, to) = (Int(source) * tokensPerBlock, Int(destination) * tokensPerBlock)
        for offset in 0..<tokensPerBlock { slots[to + offset] = slots[from + offset] }
    }

    /// The logits after `tokens`, computed without any cache.
    func logits(after tokens: [Int32]) -> [Float] { Self.logits(fingerprint(of: tokens[...]), limits) }

    /// The hidden states of `tokens`, computed without any cache.
    func hiddenStates(of tokens: [Int32]) -> [[Float]] {
        tokens.indices.map { position in
            hidden(fingerprint(of: tokens.prefix(limits.isCausal ? position + 1 : tokens.count)), position: position)
        }
    }

    private func fingerprint(of tokens: ArraySlice<Int32>) -> UInt64 {
        var fingerprint: UInt64 = 0
        for (index, group) in limits.kvGroups.enumerated() {
            for position in group.firstSeen(from: tokens.count - 1)..<tokens.count {
                Self.mix(&fingerprint, Slot(token: tokens[position], position: Int32(position), group: index))
            }
        }
        return fingerprint
    }

    private func hidden(_ fingerprint: UInt64, position: Int) -> [Float] {
        Array(Self.logits(fingerprint &+ UInt64(position) &* 77, limits).prefix(limits.hiddenSize))
    }

    private func write(_ slice: ModelBatch.Slice, _ batch: ModelBatch) {
        for (offset, row) in slice.rows.enumerated() {
            let position = slice.position + offset
            for group in limits.kvGroups.indices {
                guard let slot = slot(slice, position, group) else {
                    mistakes.append("no block for position \(position) in group \(group)")
                    return
                }
                slots[slot] = Slot(token: batch.tokens[row], position: Int32(position), group: group)
            }
        }
    }

    private func fingerprint(_ slice: ModelBatch.Slice, length: Int) -> UInt64 {
        var fingerprint: UInt64 = 0
        for (index, group) in limits.kvGroups.enumerated() {
            for position in group.firstSeen(from: length - 1)..<length {
                guard let slot = slot(slice, position, index) else { continue }
                Self.mix(&fingerprint, slots[slot])
            }
        }
        return fingerprint
    }

    private func slot(_ slice: ModelBatch.Slice, _ position: Int, _ group: Int) -> Int? {
        let place = position / tokensPerBlock * limits.kvGroups.count + group
        guard place < slice.blocks.count, slice.blocks[place] >= 0 else { return nil }
        return Int(slice.blocks[place]) * tokensPerBlock + position % tokensPerBlock
    }

    private static func mix(_ fingerprint: inout UInt64, _ slot: Slot) {
        fingerprint ^= UInt64(UInt32(bitPattern: slot.token)) << 32 | UInt64(UInt32(bitPattern: slot.position))
        fingerprint = scramble(fingerprint &+ UInt64(bitPattern: Int64(slot.group)))
    }

    private static func logits(_ fingerprint: UInt64, _ limits: ModelLimits) -> [Float] {
        (0..<limits.vocabularySize).map { token in
            Float(scramble(fingerprint &+ UInt64(token) &* 0x9E37_79B9_7F4A_7C15) >> 40) / 0x1p21 - 4
        }
    }

    private static func scramble(_ value: UInt64) -> UInt64 {
        var value = value &+ 0x9E37_79B9_7F4A_7C15
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}

/// A seeded generator for test data.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return (state ^ state >> 31) &* 0x9E37_79B9_7F4A_7C15
    }
}
