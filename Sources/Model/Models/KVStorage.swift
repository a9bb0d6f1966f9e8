internal import CPUKernels
internal import Tensors

/// The memory of the paged KV cache: `[layer][KV head][block][tile]`.
///
/// A tile is 32 tokens: their keys, then their values, then scales where the type has them (see `layer_kernels.h`). What
/// one layer and head needs of a sequence whose blocks follow each other is one stretch of memory.
final class KVStorage: @unchecked Sendable {  // written by one forward pass at a time; its workers write apart
    /// Tokens of one tile.
    static let tileTokens = Int(ATTENTION_TILE)

    let type: KVCacheType
    let layerCount: Int
    let kvHeadCount: Int
    let headDimension: Int
    let blockCount: Int
    let tokensPerBlock: Int
    private let memory: AlignedMemory
    private let population: PagePopulation?

    /// Allocates all blocks; their pages are made in the background, while the pool of the passes has little to do.
    init(
        shape: DecoderShape,
        type: KVCacheType,
        blockCount: Int,
        tokensPerBlock: Int,
        pool: ThreadPool,
    ) throws(ModelError) {
        guard tokensPerBlock > 0, tokensPerBlock % Self.tileTokens == 0 else {
            throw .badConfiguration(
                field: "tokens_per_block",
                value: "\(tokensPerBlock)",
                reason: "it must be a multiple of \(Self.tileTokens)"
            )
        }
        guard blockCount > 0 else {
            throw .badConfiguration(
                field: "number of KV cache blocks",
                value: "\(blockCount)",
                reason: "it must be positive"
            )
        }
        self.type = type
        layerCount = shape.layers.count
        kvHeadCount = shape.kvHeadCount
        headDimension = shape.headDimension
        self.blockCount = blockCount
        self.tokensPerBlock = tokensPerBlock
        let perToken = Self.bytesPerToken(shape, type)
        let bytes = MemorySize.product(blockCount, tokensPerBlock, perToken)
        memory = try AlignedMemory.reserve(bytes: bytes, purpose: "the KV cache")
        population = PagePopulation(of: memory, stripes: layerCount * kvHeadCount, givingWayTo: pool)
    }

    /// Bytes that one token takes over all layers.
    static func bytesPerToken(_ shape: DecoderShape, _ type: KVCacheType) -> Int {
        shape.layers.count * shape.kvHeadCount * tileBytes(type, shape.headDimension) / tileTokens
    }

    private static func tileBytes(_ type: KVCacheType, _ headDimension: Int) -> Int {
        cache_tile_bytes(type.kernelType, Int32(headDimension))
    }

    /// Tiles of one block.
    var tilesPerBlock: Int { tokensPerBlock / Self.tileTokens }
    /// Bytes of one tile.
    private var tileBytes: Int { Self.tileBytes(type, headDimension) }
    /// Bytes of one block in one layer and head.
    var blockStride: Int { tilesPerBlock * tileBytes }

    /// The first block's share of a layer and head.
    func base(layer: Int, head: Int) -> UnsafeMutablePointer<UInt8> {
        memory.start(of: UInt8.self) + (layer * kvHeadCount + head) * blockCount * blockStride
    }

    /// The tile that holds a position of a sequence.
    func tile(
        layer: Int,
        head: Int,
        position: Int,
        blocks: UnsafePointer<Int32>,
    ) -> UnsafeMutablePointer<UInt8> {
        let block = Int(blocks[position / tokensPerBlock])
        let tile = position % tokensPerBlock / Self.tileTokens
        return base(layer: layer, head: head) + block * blockStride + tile * tileBytes
    }

    /// Copies one block to another in all layers.
    func copyBlock(from source: Int, to destination: Int) {
        for layer in 0..<layerCount {
            for head in 0..<kvHeadCount {
                let start = base(layer: layer, head: head)
                (start + destination * blockStride).update(from: start + source * blockStride, count: blockStride)
            }
        }
    }
}
