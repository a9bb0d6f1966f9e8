internal import Tensors

/// The weights of latent attention behind its first products.
struct LatentInputs {
    let shape: LatentShape
    /// The norm of what queries are made from.
    let queryNorm: NormOperation?
    /// From that to queries, into `memory.queries`.
    let secondQuery: LinearOperation?
    let latentNorm: NormOperation
    /// From a head's plain query to the latent.
    let keyHeads: UnsafeBufferPointer<PackedTiles>
    /// From the latent to a head's value.
    let valueHeads: UnsafeBufferPointer<PackedTiles>
    /// What `keyHeads` want.
    let keyNeeds: ActivationNeeds
    /// What `valueHeads` want.
    let valueNeeds: ActivationNeeds
    let memory: LatentMemory
}

/// Memory that latent attention works in.
struct LatentMemory {
    /// Queries that have products of their own, `[chunkRows, heads, queryWidth]`.
    let queries: UnsafeMutablePointer<Float>
    /// What meets the cache, `[chunkRows, heads, rank + rotaryWidth]`.
    let absorbed: UnsafeMutablePointer<Float>
    /// What attention makes of the cache, `[chunkRows, heads, rank]`.
    let output: UnsafeMutablePointer<Float>
    /// Rows of one head after the other, as its matrices want them.
    let activations: Activations
    /// Each worker's products, `[workers][heads]`.
    let work: UnsafeMutablePointer<GroupedProduct>
}

/// Owns the memory that latent attention works in.
final class LatentWorkspace {
    /// Where everything is.
    let memory: LatentMemory
    private let numbers: AlignedMemory
    private let activations: ActivationBuffer
    private let arrays = RawArrays()

    /// Reserves for chunks of `rows` rows; `nil` for a model without latent attention.
    init?(shape: DecoderShape, rows: Int, workers: Int) throws(ModelError) {
        let attentions = shape.layers.map(\.attention).filter { $0.latent != nil }
        guard let heads = attentions.map(\.headCount).max() else { return nil }
        let most = { (width: (LatentShape) -> Int) in attentions.compactMap(\.latent).map(width).max() ?? 0 }
        let purpose = "latent attention of \(rows) tokens"
        let counts = [most(\.queryWidth), most(\.cachedWidth), most(\.rank)].map { width in
            MemorySize.product(MemorySize.sum([MemorySize.product(rows, heads, width), 15]) / 16, 16)
        }
        let bytes = MemorySize.product(MemorySize.sum(counts), MemoryLayout<Float>.size)
        numbers = try AlignedMemory.reserve(bytes: bytes, purpose: purpose)
        do {
            let places = MemorySize.product(heads, LatentMemory.places(rows))
            activations = try ActivationBuffer(rows: places, columns: most { max($0.rank, $0.plainWidth) })
        } catch {
            throw .outOfMemory(purpose: purpose, bytes: bytes)
        }
        let first = numbers.start(of: Float.self)
        memory = LatentMemory(
            queries: first,
            absorbed: first + counts[0],
            output: first + counts[0] + counts[1],
            activations: activations.activations,
            work: arrays.uninitialized(workers * heads)
        )
    }
}

extension LatentMemory {
    /// Places that the rows of one head take: whole blocks.
    static func places(_ rows: Int) -> Int { (rows + 3) / 4 * 4 }
}
