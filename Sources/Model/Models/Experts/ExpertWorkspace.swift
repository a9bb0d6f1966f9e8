internal import Tensors

/// Owns the memory that mixtures of experts work in.
final class ExpertWorkspace {
    /// Where everything is.
    let memory: ExpertMemory
    private let numbers: AlignedMemory
    private let activations: ActivationBuffer
    private let arrays = RawArrays()

    /// Reserves for chunks of `rows` rows; `nil` for a model without experts.
    init?(_ partition: Partition, rows: Int, workers: Int) throws(ModelError) {
        let (shape, layout) = (partition.shape, partition.layout)
        let shapes = shape.layers.compactMap(\.feedForward.experts)
        guard let most = shapes.map(\.count).max(), let perToken = shapes.map(\.perToken).max() else { return nil }
        let slots = shapes.map { $0.slots(rows) }.max() ?? 0
        let hidden = shape.hiddenSize
        let (isShared, isDealt) = (layout.expertTensorParallel > 1, layout.expertParallel > 1)
        let wholeWidth = partition.whole.layers.compactMap(\.feedForward.experts?.width).max() ?? 0
        let purpose = "experts' work on \(rows) tokens"
        let counts = [
            MemorySize.product(rows, most + 1), MemorySize.product(slots, hidden),
            MemorySize.product(slots, shapes.map(\.rowStride).max() ?? 0), MemorySize.product(slots, hidden),
            MemorySize.product(rows, hidden), MemorySize.product(rows, perToken),
            MemorySize.product(isShared ? slots : 0, shapes.map(\.width).max() ?? 0),
            MemorySize.product(isShared ? slots : 0, wholeWidth),
            MemorySize.product(isDealt ? rows * perToken : 0, hidden),
            max(
                MemorySize.product(isShared ? slots : 0, wholeWidth),
                MemorySize.product(isDealt ? rows * perToken : 0, hidden)
            ),
        ].map { MemorySize.product(MemorySize.sum([$0, 15]) / 16, 16) }
        let bytes = MemorySize.product(MemorySize.sum(counts), MemoryLayout<Float>.size)
        numbers = try AlignedMemory.reserve(bytes: bytes, purpose: purpose)
        var next = numbers.start(of: Float.self)
        let parts = counts.map { count in
            defer { next += count }
            return next
        }
        do {
            activations = try ActivationBuffer(rows: slots, columns: max(hidden, wholeWidth))
        } catch {
            throw .outOfMemory(purpose: purpose, bytes: slots * hidden)
        }
        memory = ExpertMemory(
            logits: parts[0],
            gathered: parts[1],
            gateUp: parts[2],
            activated: parts[6],
            rows: parts[7],
            packed: parts[8],
            exchanged: parts[9],
            output: parts[3],
            sharedOutput: parts[4],
            activations: activations.activations,
            choices: .init(experts: arrays.integers(rows * perToken), weights: parts[5]),
            workers: arrays.add(
                (0..<workers).map { [arrays] _ in
                    ExpertMemory.Scratch(arrays, experts: most, perToken: perToken, rows: rows, slots: slots)
                }
            )
        )
    }
}

extension ExpertMemory.Scratch {
    fileprivate init(_ arrays: RawArrays, experts: Int, perToken: Int, rows: Int, slots: Int) {
        choices = .init(experts: arrays.integers(perToken), weights: arrays.floats(perToken))
        scores = arrays.floats(2 * experts)
        starts = arrays.integers(experts)
        counts = arrays.integers(experts)
        self.rows = arrays.integers(slots)
        self.slots = arrays.integers(rows * perToken)
        places = arrays.integers(rows * perToken)
        partCounts = arrays.integers(experts)
        work = arrays.uninitialized(2 * experts)
    }
}

extension RawArrays {
    fileprivate func integers(_ count: Int) -> UnsafeMutablePointer<Int32> {
        reserve(count, of: Int32(0)).baseAddress.unsafelyUnwrapped
    }

    fileprivate func floats(_ count: Int) -> UnsafeMutablePointer<Float> {
        reserve(count, of: Float(0)).baseAddress.unsafelyUnwrapped
    }
}
