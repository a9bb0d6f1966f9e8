internal import CPUKernels
internal import Tensors

/// The memory that forward passes work in, reserved for the largest batch and for the rows of logits that are wanted at once.
///
/// The residual and the rotary tables hold all rows of a batch. Everything wider is processed in row chunks, so
/// that it stays in the cache and memory stays bounded however many tokens a batch has.
final class Workspace: @unchecked Sendable {  // used by one forward pass at a time; its workers write apart
    /// Rows of a chunk: those that go through a layer together.
    static let chunkRows = 512
    /// Rows that go through the output matrix together when each is multiplied twice.
    static let twofoldRows = 32

    /// Where everything is; valid as long as the workspace lives.
    struct Memory {
        /// Batches of up to so many rows fit.
        var tokenCapacity: Int
        /// The residual, `[tokens, hidden]`.
        var residual: UnsafeMutablePointer<Float>
        /// Cosines and then sines, `[rotary][tokens][2][rotaryDimension / 2]`.
        var angles: UnsafeMutablePointer<Float>
        /// Queries, keys, values of a row chunk, `[2 chunkRows, queryWidth + 2 kvWidth]`, or what latent attention makes them
        /// from: the second half is for remainders.
        var queryKeyValue: UnsafeMutablePointer<Float>
        /// Outputs of the heads, `[chunkRows, outputWidth]`.
        var attended: UnsafeMutablePointer<Float>
        /// Outputs of attention or feed-forward before they join the residual, `[chunkRows, hidden]`.
        var output: UnsafeMutablePointer<Float>
        /// Outputs of feed-forward parts that are parallel to attention, `[chunkRows, hidden]`.
        var secondOutput: UnsafeMutablePointer<Float>
        /// Gates and then ups, `[chunkRows, rowStride]`.
        var gateUp: UnsafeMutablePointer<Float>
        /// What products multiply, before quantization, `[chunkRows, rowStride]`.
        var rows: UnsafeMutablePointer<Float>
        /// Floats from one of those rows to the next, however wide they are: a worker's own rows stay in their place.
        var rowStride: Int
        /// `[logitRows, logitStride]`, and behind them room for what twofold products are made of.
        var logits: UnsafeMutablePointer<Float>
        /// This rank's part of what a feed-forward part's last product multiplies, `[chunkRows, width]`; as the next only where
        /// ranks share layers.
        var activated: UnsafeMutablePointer<Float>
        /// What ranks have brought together, rank after rank.
        var gathered: UnsafeMutablePointer<Float>
        /// The rows after quantization, of rows that all workers multiply.
        var activations: Activations
        /// The same of rows that a worker multiplies by itself, and its own copy of a batch's only row: one per worker.
        var ownActivations: UnsafeBufferPointer<Activations>
        /// Of models that have latent attention.
        var latent: LatentMemory?
        /// Of models that have experts.
        var experts: ExpertMemory?
        /// Of models that may have adapters.
        var adapters: AdapterMemory?
        /// The workers' own memory.
        fileprivate var scratch: UnsafeMutablePointer<Float>
        /// How that is laid out.
        var layout: ScratchLayout

        /// A worker's own memory, laid out by `layout`.
        func scratch(worker: Int) -> UnsafeMutablePointer<Float> { scratch + worker * layout.floats }
    }

    /// Batches of up to so many rows fit.
    let tokenCapacity: Int
    /// Up to so many rows of logits fit at once.
    let logitCapacity: Int
    /// Where everything is.
    let memory: Memory

    private let floats: AlignedMemory
    private let scratch: AlignedMemory
    private let activations: [ActivationBuffer]
    private let arrays = RawArrays()
    private let experts: ExpertWorkspace?
    private let latent: LatentWorkspace?
    private let adapters: AdapterWorkspace?

    /// Reserves for batches of `tokens` rows and `logitRows` rows of logits, and for adapters of up to `adapterRank`.
    init(
        _ partition: Partition,
        tokens: Int,
        logitRows: Int,
        workers: Int,
        adapterRank: Int = 0,
    ) throws(ModelError) {
        let shape = partition.shape
        tokenCapacity = tokens
        logitCapacity = logitRows
        let chunk = min(tokens, Self.chunkRows)
        let twofold = min(logitRows, Self.twofoldRows)
        let widest = max(shape.hiddenSize, partition.whole.widest { $0.widestRow })
        let isShared = partition.layout.tensorParallel > 1
        let purpose = "batches of \(tokens) tokens and \(logitRows) rows of logits"
        let counts = [
            MemorySize.product(tokens, shape.hiddenSize),
            MemorySize.product(shape.rotaries.count, tokens, shape.rotaryDimension),
            MemorySize.product(2 * chunk, shape.widest(\.attention.firstWidth)),
            MemorySize.product(chunk, shape.widest(\.attention.outputWidth)),
            MemorySize.product(chunk, shape.hiddenSize),
            MemorySize.product(shape.layers.contains { $0.residual == .parallel } ? chunk : 0, shape.hiddenSize),
            MemorySize.product(chunk, shape.widest(\.feedForward.rowStride)),
            MemorySize.product(chunk, widest + 16),
            MemorySize.product(MemorySize.sum([logitRows, twofold]), partition.logitStride),
            MemorySize.product(isShared ? chunk : 0, shape.widest(\.feedForward.width)),
            MemorySize.product(isShared ? chunk : 0, partition.widestShared),
        ].map { MemorySize.product(MemorySize.sum([$0, 15]) / 16, 16) }
        let bytes = MemorySize.product(MemorySize.sum(counts), MemoryLayout<Float>.size)
        floats = try AlignedMemory.reserve(bytes: bytes, purpose: purpose)
        var next = floats.start(of: Float.self)
        let parts = counts.map { count in
            defer { next += count }
            return next
        }
        let layout = ScratchLayout(shape: shape, widest: widest)
        scratch = try AlignedMemory.reserve(
            bytes: MemorySize.product(workers, layout.floats, MemoryLayout<Float>.size),
            purpose: "\(workers) threads"
        )
        do {
            let shared = max(min(chunk, WorkerState.rowsApart * workers), twofold)
            let own = (chunk + workers - 1) / workers + Int(MATMUL_ROW_BLOCK)
            let sizes = [2 * shared] + Array(repeating: own, count: workers)
            activations = try sizes.map { try ActivationBuffer(rows: $0, columns: widest) }
        } catch {
            throw .outOfMemory(purpose: purpose, bytes: chunk * widest)
        }
        experts = try ExpertWorkspace(partition, rows: chunk, workers: workers)
        latent = try LatentWorkspace(shape: shape, rows: chunk, workers: workers)
        adapters = try AdapterWorkspace(rank: adapterRank, rows: chunk, width: widest, workers: workers)
        memory = Memory(
            tokenCapacity: tokens,
            residual: parts[0],
            angles: parts[1],
            queryKeyValue: parts[2],
            attended: parts[3],
            output: parts[4],
            secondOutput: parts[5],
            gateUp: parts[6],
            rows: parts[7],
            rowStride: widest + 16,
            logits: parts[8],
            activated: parts[9],
            gathered: parts[10],
            activations: activations[0].activations,
            ownActivations: arrays.add(activations.dropFirst().map(\.activations)),
            latent: latent?.memory,
            experts: experts?.memory,
            adapters: adapters?.memory,
            scratch: scratch.start(of: Float.self),
            layout: layout
        )
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
    /// Another.
    let secondRow: Int
    /// The residual of a batch of one row.
    let residual: Int
    /// Floats of all parts.
    let floats: Int

    init(shape: DecoderShape, widest: Int) {
        let scratch = shape.widest { attention_scratch_floats($0.attention.head) }
        let dimension = shape.widest { Int($0.attention.head.keys) }
        queries = (scratch + 15) / 16 * 16
        key = queries + Int(ATTENTION_ROWS) * dimension
        row = key + 2 * dimension
        secondRow = row + widest
        residual = secondRow + widest
        floats = (residual + shape.hiddenSize + 63) / 64 * 64
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
