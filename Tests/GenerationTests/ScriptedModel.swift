import Glibc
import Models
import Synchronization
import Tokenization

/// A model that says what it is told, position by position after the prompt; past the script it repeats its last token.
///
/// A token's hidden state is its id and its position.
///
/// Unchecked because the engine calls it from one thread at a time.
final class ScriptedModel: LanguageModel, @unchecked Sendable {
    let limits: ModelLimits
    private let script: [TokenID]
    private let promptLength: Int
    private var hiddenStates: [[Float]] = []
    private var buffer = UnsafeMutableBufferPointer<Float>.allocate(capacity: 0)
    /// Closed while the model must not go on.
    let door = Door()
    /// After so many forward passes the model closes its door itself.
    private let passes: Int
    private var passed = 0

    init(
        _ script: [TokenID],
        promptLength: Int,
        vocabularySize: Int,
        contextLength: Int = 512,
        passes: Int = .max,
        isCausal: Bool = true,
    ) {
        self.passes = passes
        self.script = script
        self.promptLength = promptLength
        limits = ModelLimits(
            vocabularySize: vocabularySize,
            contextLength: contextLength,
            kvBytesPerToken: 16,
            kvGroups: [.all(layers: 1)],
            hiddenSize: 2,
            isCausal: isCausal
        )
    }

    deinit { buffer.deallocate() }

    func allocateKVCache(blockCount: Int, tokensPerBlock: Int) {}

    func reserve(tokens: Int, logitRows: Int) {}

    func copyBlock(from source: Int32, to destination: Int32) {}

    func logits(_ rows: Range<Int>) -> UnsafeBufferPointer<Float> {
        let width = limits.vocabularySize
        return UnsafeBufferPointer(rebasing: buffer[rows.lowerBound * width..<rows.upperBound * width])
    }

    func addHiddenStates(_ rows: Range<Int>, to sums: inout [Float]) {
        for row in hiddenStates[rows] { sums = zip(sums, row).map { $0 + $1 } }
    }

    func forward(_ batch: ModelBatch) {
        door.pass()
        passed += 1
        if passed == passes { door.close() }
        let width = limits.vocabularySize
        buffer.deallocate()
        buffer = .allocate(capacity: max(1, batch.logitRowCount) * width)
        buffer.initialize(repeating: -20)
        hiddenStates = batch.slices.flatMap { slice in
            slice.hiddenRows.map { [Float(batch.tokens[slice.rows.lowerBound + $0]), Float(slice.position + $0)] }
        }
        var row = 0
        for slice in batch.slices {
            for logitRow in slice.logitRows {
                let place = max(0, slice.position + logitRow + 1 - promptLength)
                buffer[row * width + Int(script[min(place, script.count - 1)])] = 20
                row += 1
            }
        }
    }
}

/// Something to wait in front of, on plain threads.
final class Door: Sendable {
    private let isOpen = Atomic(true)

    func close() { isOpen.store(false, ordering: .releasing) }
    func open() { isOpen.store(true, ordering: .releasing) }
    func pass() { while !isOpen.load(ordering: .acquiring) { usleep(500) } }
}
