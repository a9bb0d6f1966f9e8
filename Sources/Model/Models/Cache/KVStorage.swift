internal import CPUKernels
internal import Tensors

/// The memory of the paged KV cache: `[layer][KV head][block][tile]`.
///
/// A tile is 32 tokens: their keys, then their values, then scales where the type has them (see `layer_kernels.h`). What
/// one layer and head needs of a sequence whose blocks follow each other is one stretch of memory.
final class KVStorage: @unchecked Sendable {  // written by one forward pass at a time; its workers write apart
    /// Tokens of one tile.
    static let tileTokens = Int(ATTENTION_TILE)

    /// The layers' parts.
    let layers: [KVLayer]
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
        self.blockCount = blockCount
        self.tokensPerBlock = tokensPerBlock
        let perToken = Self.bytesPerToken(shape, type)
        let bytes = MemorySize.product(blockCount, tokensPerBlock, perToken)
        memory = try AlignedMemory.reserve(bytes: bytes, purpose: "the KV cache")
        var next = memory.start(of: UInt8.self)
        var layers: [KVLayer] = []
        for layer in shape.layers {
            let tileBytes = Self.tileBytes(type, layer.attention)
            let own = KVLayer(
                base: next,
                type: type.kernelType,
                headCount: layer.attention.cachedHeadCount,
                headStride: blockCount * (tokensPerBlock / Self.tileTokens) * tileBytes,
                tileBytes: tileBytes,
                tokensPerBlock: tokensPerBlock
            )
            next += own.headCount * own.headStride
            layers.append(own)
        }
        self.layers = layers
        let heads = shape.layers.reduce(0) { $0 + $1.attention.cachedHeadCount }
        population = PagePopulation(of: memory, stripes: heads, givingWayTo: pool)
    }

    /// Bytes that one token takes over all layers.
    static func bytesPerToken(_ shape: DecoderShape, _ type: KVCacheType) -> Int {
        shape.layers.reduce(0) { $0 + $1.attention.cachedHeadCount * tileBytes(type, $1.attention) } / tileTokens
    }

    private static func tileBytes(_ type: KVCacheType, _ attention: AttentionShape) -> Int {
        cache_tile_bytes(type.kernelType, attention.head)
    }

    /// Copies one block to another in all layers.
    func copyBlock(from source: Int, to destination: Int) {
        for layer in layers {
            for head in 0..<layer.headCount {
                let (start, stride) = (layer.base(head: head), layer.blockStride)
                (start + destination * stride).update(from: start + source * stride, count: stride)
            }
        }
    }
}

/// One layer's part of the KV cache: `[KV head][block][tile]`.
struct KVLayer {
    fileprivate let base: UnsafeMutablePointer<UInt8>
    /// How keys and values are stored.
    let type: CacheType
    fileprivate let headCount: Int
    fileprivate let headStride: Int
    private let tileBytes: Int
    private let tokensPerBlock: Int

    fileprivate init(
        base: UnsafeMutablePointer<UInt8>,
        type: CacheType,
        headCount: Int,
        headStride: Int,
        tileBytes: Int,
        tokensPerBlock: Int,
    ) {
        self.base = base
        self.type = type
        self.headCount = headCount
        self.headStride = headStride
        self.tileBytes = tileBytes
        self.tokensPerBlock = tokensPerBlock
    }

    /// Tiles of one block.
    var tilesPerBlock: Int { tokensPerBlock / KVStorage.tileTokens }
    /// Bytes of one block in one head.
    var blockStride: Int { tilesPerBlock * tileBytes }

    /// The first block's share of a head.
    func base(head: Int) -> UnsafeMutablePointer<UInt8> { base + head * headStride }

    /// The tile that holds a position of a sequence.
    func tile(head: Int, position: Int, blocks: UnsafePointer<Int32>) -> UnsafeMutablePointer<UInt8> {
        let block = Int(blocks[position / tokensPerBlock])
        let tile = position % tokensPerBlock / KVStorage.tileTokens
        return base(head: head) + block * blockStride + tile * tileBytes
    }
}
