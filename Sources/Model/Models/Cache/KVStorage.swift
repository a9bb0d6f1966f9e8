internal import CPUKernels
internal import Tensors

/// The memory of the paged KV cache: `[layer of a group][KV head][block][tile]`; any block can be any group's.
///
/// A tile is 32 tokens: their keys, then their values, then scales where the type has them (see `layer_kernels.h`). What
/// one layer and head needs of a sequence whose blocks follow each other is one stretch of memory.
final class KVStorage: @unchecked Sendable {  // written by one forward pass at a time; its workers write apart
    /// Tokens of one tile.
    static let tileTokens = Int(ATTENTION_TILE)

    /// The parts of the model's layers.
    let layers: [KVLayer]
    let groups: [KVGroup]
    let blockCount: Int
    let tokensPerBlock: Int
    /// The different parts of the memory, one for each layer of a group.
    private let parts: [KVLayer]
    private let memory: AlignedMemory
    private let population: PagePopulation?

    /// Allocates all blocks; their pages are made in the background, while the pool of the passes has little to do.
    ///
    /// A rank may have more layers of one group than of another: blocks have room for the most.
    ///
    /// Precondition: the groups hold the shape's layers, those of the same place in groups being of the same size.
    init(
        shape: DecoderShape,
        groups: [KVGroup],
        type: KVCacheType,
        blockCount: Int,
        tokensPerBlock: Int,
        pool: ThreadPool,
    ) throws(ModelError) {
        try Self.check(blockCount: blockCount, tokensPerBlock: tokensPerBlock)
        self.groups = groups
        self.blockCount = blockCount
        self.tokensPerBlock = tokensPerBlock
        let largest = Self.largest(groups)
        let perToken = Self.bytesPerToken(shape, groups, type)
        let bytes = MemorySize.product(blockCount, tokensPerBlock, perToken)
        memory = try AlignedMemory.reserve(bytes: bytes, purpose: "the KV cache")
        var next = memory.start(of: UInt8.self)
        var layers: [Int: KVLayer] = [:]
        var parts: [KVLayer] = []
        for position in largest.indices {
            let attention = shape.layers[largest[position]].attention
            let tileBytes = Self.tileBytes(type, attention)
            var part = KVLayer(
                base: next,
                type: type.kernelType,
                headCount: attention.cachedHeadCount,
                headStride: blockCount * (tokensPerBlock / Self.tileTokens) * tileBytes,
                tileBytes: tileBytes,
                tokensPerBlock: tokensPerBlock
            )
            next += part.headCount * part.headStride
            parts.append(part)
            for (index, group) in groups.enumerated() where position < group.layers.count {
                part.group = index
                layers[group.layers[position]] = part
            }
        }
        self.layers = shape.layers.indices.compactMap { layers[$0] }
        self.parts = parts
        let heads = parts.reduce(0) { $0 + $1.headCount }
        population = PagePopulation(of: memory, stripes: heads, givingWayTo: pool)
    }

    private static func check(blockCount: Int, tokensPerBlock: Int) throws(ModelError) {
        guard tokensPerBlock > 0, tokensPerBlock % tileTokens == 0 else {
            throw .badConfiguration(
                field: "tokens_per_block",
                value: "\(tokensPerBlock)",
                reason: "it must be a multiple of \(tileTokens)"
            )
        }
        guard blockCount > 0 else {
            throw .badConfiguration(
                field: "number of KV cache blocks",
                value: "\(blockCount)",
                reason: "it must be positive"
            )
        }
    }

    /// Bytes that one token takes over all layers.
    static func bytesPerToken(_ shape: DecoderShape, _ type: KVCacheType) -> Int {
        shape.layers.reduce(0) { $0 + bytesPerToken($1.attention, type) }
    }

    /// Bytes that one token takes in a block, of any group.
    static func bytesPerToken(_ shape: DecoderShape, _ groups: [KVGroup], _ type: KVCacheType) -> Int {
        largest(groups).reduce(0) { $0 + bytesPerToken(shape.layers[$1].attention, type) }
    }

    /// The layers of the group that has most.
    private static func largest(_ groups: [KVGroup]) -> [Int] {
        groups.max { $0.layers.count < $1.layers.count }?.layers ?? []
    }

    private static func bytesPerToken(_ attention: AttentionShape, _ type: KVCacheType) -> Int {
        attention.cachedHeadCount * tileBytes(type, attention) / tileTokens
    }

    static func tileBytes(_ type: KVCacheType, _ attention: AttentionShape) -> Int {
        cache_tile_bytes(type.kernelType, attention.head)
    }

    /// Bytes of one block.
    var bytesPerBlock: Int { parts.reduce(0) { $0 + $1.headCount * $1.blockStride } }

    /// Copies one block to another.
    func copyBlock(from source: Int, to destination: Int) {
        eachStretch { start, stride in
            (start + destination * stride).update(from: start + source * stride, count: stride)
        }
    }

    /// The content of a block, `[layer of the group][KV head][tile]`: it means the same in any block, and to any cache of the
    /// same model, type and tokens per block.
    func read(_ block: Int) -> [UInt8] {
        var content: [UInt8] = []
        content.reserveCapacity(bytesPerBlock)
        eachStretch { start, stride in
            content.append(contentsOf: UnsafeBufferPointer(start: start + block * stride, count: stride))
        }
        return content
    }

    /// Overwrites a block with what `read` returned.
    ///
    /// Precondition: `content` has `bytesPerBlock` bytes.
    func write(_ content: [UInt8], to block: Int) {
        precondition(content.count == bytesPerBlock, "a block of \(content.count) bytes")
        var next = 0
        content.withUnsafeBufferPointer { content in
            eachStretch { start, stride in
                let source = UnsafeBufferPointer(rebasing: content[next..<next + stride])
                _ = UnsafeMutableBufferPointer(start: start + block * stride, count: stride).update(from: source)
                next += stride
            }
        }
    }

    /// Where the first block of each layer of a group and head begins, and how many bytes each block has there.
    private func eachStretch(_ body: (_ start: UnsafeMutablePointer<UInt8>, _ stride: Int) -> Void) {
        for part in parts {
            for head in 0..<part.headCount { body(part.base(head: head), part.blockStride) }
        }
    }
}

/// One layer's part of the KV cache: `[KV head][block][tile]`.
struct KVLayer {
    /// The layer's group, which says what blocks of a sequence are its own.
    fileprivate(set) var group = 0
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
