internal import CPUKernels
internal import Tensors

/// The memory that forward passes work in, reserved for the largest batch and for the rows of logits that are wanted at once.
///
/// The residual stream and the rotary tables hold all rows of a batch. Everything wider is processed in row tiles, so
/// that it stays in the cache and memory stays bounded however many tokens a batch has.
final class Workspace: @unchecked Sendable {  // used by one forward pass at a time; its workers write apart
    /// Rows that go through a layer together.
    static let tileRows = 512
    /// Rows that go through the output matrix together when each is multiplied twice.
    static let twofoldRows = 32

    /// Batches of up to so many rows fit.
    let tokenCapacity: Int
    /// Up to so many rows of logits fit at once.
    let logitCapacity: Int

    /// The residual stream, `[tokens, hidden]`.
    let hidden: UnsafeMutablePointer<Float>
    /// Cosines and then sines, `[rotary][tokens][2][rotaryDimension / 2]`.
    let angles: UnsafeMutablePointer<Float>
    /// Queries, keys, values of a row tile, `[2 tileRows, queryWidth + 2 kvWidth]`: the second half is for remainders.
    let qkv: UnsafeMutablePointer<Float>
    /// Outputs of the heads, `[tileRows, queryWidth]`.
    let attended: UnsafeMutablePointer<Float>
    /// Outputs of attention or feed-forward before they join the stream, `[tileRows, hidden]`.
    let projected: UnsafeMutablePointer<Float>
    /// Gates and then ups, `[tileRows, gateUpStride]`.
    let gateUp: UnsafeMutablePointer<Float>
    /// Floats from one row of gates and ups to the next: a line more than they take, because rows a power of two apart
    /// would push each other out of the cache.
    let gateUpStride: Int
    /// What products multiply, before quantization, `[tileRows, rowStride]`.
    let rows: UnsafeMutablePointer<Float>
    /// Floats from one of those rows to the next, however wide they are: a worker's own rows stay in their place.
    let rowStride: Int
    /// The same after quantization, of rows that all workers multiply.
    let activations: ActivationBuffer
    /// The same of rows that a worker multiplies by itself, and its own copy of a batch's only row.
    let ownActivations: [ActivationBuffer]
    /// `[logitRows, vocabulary]`, and behind them room for what twofold products are made of.
    let logits: UnsafeMutablePointer<Float>

    private let memory: AlignedMemory
    private let scratch: AlignedMemory
    let layout: ScratchLayout

    /// Reserves for batches of `tokens` rows and `logitRows` rows of logits.
    init(shape: DecoderShape, tokens: Int, logitRows: Int, workers: Int) throws(ModelError) {
        tokenCapacity = tokens
        logitCapacity = logitRows
        gateUpStride = 2 * shape.feedForwardSize + 16
        let tile = min(tokens, Self.tileRows)
        let twofold = min(logitRows, Self.twofoldRows)
        let widest = max(shape.hiddenSize, shape.queryWidth, shape.feedForwardSize)
        rowStride = widest + 16
        let purpose = "batches of \(tokens) tokens and \(logitRows) rows of logits"
        let counts = [
            MemorySize.product(tokens, shape.hiddenSize),
            MemorySize.product(shape.rotaries.count, tokens, shape.rotaryDimension),
            MemorySize.product(2 * tile, shape.queryWidth + 2 * shape.kvWidth),
            MemorySize.product(tile, shape.queryWidth),
            MemorySize.product(tile, shape.hiddenSize),
            MemorySize.product(tile, gateUpStride),
            MemorySize.product(tile, rowStride),
            MemorySize.product(MemorySize.sum([logitRows, twofold]), shape.vocabularySize),
        ].map { MemorySize.product(MemorySize.sum([$0, 15]) / 16, 16) }
        let bytes = MemorySize.product(MemorySize.sum(counts), MemoryLayout<Float>.size)
        memory = try AlignedMemory.reserve(bytes: bytes, purpose: purpose)
        var next = memory.start(of: Float.self)
        var parts: [UnsafeMutablePointer<Float>] = []
        for count in counts {
            parts.append(next)
            next += count
        }
        (hidden, angles, qkv, attended) = (parts[0], parts[1], parts[2], parts[3])
        (projected, gateUp, rows, logits) = (parts[4], parts[5], parts[6], parts[7])
        layout = ScratchLayout(shape: shape, widest: widest)
        scratch = try AlignedMemory.reserve(
            bytes: workers * layout.floats * MemoryLayout<Float>.size,
            purpose: "\(workers) threads"
        )
        do {
            let shared = max(min(tile, WorkerState.rowsApart * workers), twofold)
            activations = try ActivationBuffer(rows: 2 * shared, columns: widest)
            let own = (tile + workers - 1) / workers + Int(MATMUL_ROW_BLOCK)
            ownActivations = try (0..<workers).map { _ in try ActivationBuffer(rows: own, columns: widest) }
        } catch {
            throw .outOfMemory(purpose: purpose, bytes: tile * widest)
        }
    }

    /// A worker's own memory, laid out by `layout`.
    func scratch(worker: Int) -> UnsafeMutablePointer<Float> {
        scratch.start(of: Float.self) + worker * layout.floats
    }
}

/// Where the parts of a worker's own memory start, in floats.
struct ScratchLayout {
    /// Scratch of the attention kernels.
    let attention = 0
    /// Rotated queries of one attention task.
    let queries: Int
    /// A key and then a value.
    let key: Int
    /// A row of activations.
    let row: Int
    /// The residual stream of a batch of one row.
    let stream: Int
    /// Floats of all parts.
    let floats: Int

    init(shape: DecoderShape, widest: Int) {
        queries = (attention_scratch_floats(Int32(shape.headDimension)) + 15) / 16 * 16
        key = queries + Int(ATTENTION_ROWS) * shape.headDimension
        row = key + 2 * shape.headDimension
        stream = row + widest
        floats = (stream + shape.hiddenSize + 63) / 64 * 64
    }
}

extension AlignedMemory {
    /// Memory for a purpose that the error names.
    static func reserve(bytes: Int, purpose: String) throws(ModelError) -> AlignedMemory {
        do {
            return try AlignedMemory(byteCount: bytes)
        } catch {
            throw .outOfMemory(purpose: purpose, bytes: bytes)
        }
    }

    /// The first element; the memory is never empty.
    func start<Element: BitwiseCopyable>(of type: Element.Type) -> UnsafeMutablePointer<Element> {
        bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: type)
    }
}
