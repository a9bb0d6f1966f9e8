import CPUKernels
import Foundation
import Testing

/// Attention over a paged cache of random blocks, poisoned with NaN wherever no token is.
@Suite struct AttentionKernelTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var context: Int
        var tokens: Int
        var group: Int
        var dimension: Int
        /// Whether all tokens see each other.
        var isMutual = false
        var window = 0
        var tilesPerBlock = 1
        var softcap: Float = 0
        var hasSinks = false
        /// Values are the first so many dimensions of keys; 0 for values of their own.
        var sharedValues = 0
        var type = CACHE_BF16

        var head: HeadShape {
            var head = head_shape(Int32(dimension))
            if sharedValues > 0 { (head.values, head.values_are_keys) = (Int32(sharedValues), 1) }
            return head
        }

        var testDescription: String {
            "context \(context), tokens \(tokens)\(isMutual ? " of a whole" : ""), group \(group), dimension \(dimension), "
                + "window \(window), "
                + "tiles \(tilesPerBlock), softcap \(softcap), \(hasSinks ? "" : "no ")sinks, shared values \(sharedValues), "
                + (type == CACHE_BF16 ? "bfloat16" : type == CACHE_INT8 ? "int8" : "float32")
        }
    }

    static let types = [CACHE_BF16, CACHE_INT8, CACHE_F32]

    /// All shapes with all types of cache.
    static let cases = shapes.flatMap { shape in
        types.map { type in
            var shape = shape
            shape.type = type
            return shape
        }
    }

    private static let shapes = [
        Case(context: 0, tokens: 1, group: 1, dimension: 16),
        Case(context: 31, tokens: 1, group: 3, dimension: 64),
        Case(context: 32, tokens: 1, group: 7, dimension: 64),
        Case(context: 0, tokens: 32, group: 3, dimension: 64),
        Case(context: 250, tokens: 17, group: 2, dimension: 48),
        Case(context: 511, tokens: 9, group: 4, dimension: 80, tilesPerBlock: 2),
        Case(context: 700, tokens: 13, group: 7, dimension: 32),
        Case(context: 500, tokens: 24, group: 4, dimension: 16, window: 40),
        Case(context: 255, tokens: 30, group: 1, dimension: 32, window: 1),
        Case(context: 300, tokens: 40, group: 2, dimension: 16, window: 33, tilesPerBlock: 4),
        Case(context: 10, tokens: 96, group: 1, dimension: 16),
        Case(context: 290, tokens: 5, group: 2, dimension: 32, softcap: 0.7),
        Case(context: 290, tokens: 7, group: 3, dimension: 32, window: 40, softcap: 20, hasSinks: true),
        Case(context: 290, tokens: 6, group: 16, dimension: 96, sharedValues: 64),
        Case(context: 0, tokens: 1, group: 1, dimension: 64, isMutual: true),
        Case(context: 0, tokens: 90, group: 1, dimension: 32, isMutual: true),
        Case(context: 500, tokens: 41, group: 2, dimension: 64, isMutual: true, tilesPerBlock: 2),
    ]

    /// A filled cache and queries.
    struct Setup {
        var cache: [UInt8]
        var blocks: [Int32]
        var queries: [Float]
        var sinks: [Float]
        var blockStride: Int
    }

    func setup(_ c: Case) -> Setup {
        var random = SplitMix(state: UInt64(c.context * 1000 + c.tokens))
        let length = c.context + c.tokens
        let perBlock = Int(ATTENTION_TILE) * c.tilesPerBlock
        let blockCount = (length + perBlock - 1) / perBlock
        let blocks = (0..<blockCount).map { Int32(blockCount - 1 - $0) }
        let tileBytes = cache_tile_bytes(c.type, c.head)
        let stride = c.tilesPerBlock * tileBytes
        // Both bytes of a number that is NaN.
        var cache = [UInt8](repeating: 0xff, count: blockCount * stride)
        let numbers = { (count: Int) in (0..<count).map { _ in random.unit() * 2 - 1 } }
        for position in 0..<length {
            let key = numbers(c.dimension)
            let value = numbers(c.dimension)
            let tile = position % perBlock / Int(ATTENTION_TILE) * tileBytes
            let start = Int(blocks[position / perBlock]) * stride + tile
            cache.withUnsafeMutableBufferPointer { buffer in
                layer_kernels_for_level(0).pointee.store_key_value(
                    c.type,
                    key,
                    value,
                    c.head,
                    Int32(position) % ATTENTION_TILE,
                    buffer.baseAddress.unsafelyUnwrapped + start
                )
            }
        }
        let queries = numbers(c.tokens * c.group * c.dimension)
        let sinks = c.hasSinks ? numbers(c.group).map { 4 * $0 } : []
        return Setup(cache: cache, blocks: blocks, queries: queries, sinks: sinks, blockStride: stride)
    }

    /// The outputs of tokens `range`, computed as one task, whole or by segments in reverse order.
    func attend(_ c: Case, _ s: Setup, level: Int32, range: Range<Int>, bySegments: Bool = false) -> [Float] {
        let kernels = layer_kernels_for_level(min(level, layer_kernels_highest_level())).pointee
        return attend(c, s, kernels: kernels, range: range, bySegments: bySegments)
    }

    func attend(_ c: Case, _ s: Setup, kernels: LayerKernels, range: Range<Int>, bySegments: Bool = false) -> [Float] {
        let width = c.group * c.dimension
        let outputWidth = c.group * Int(c.head.values)
        let sinks = UnsafeMutablePointer<Float>.allocate(capacity: max(1, s.sinks.count))
        sinks.initialize(from: s.sinks, count: s.sinks.count)
        defer { sinks.deallocate() }
        var output = [Float](repeating: .nan, count: range.count * outputWidth)
        var scratch = [Float](repeating: .nan, count: attention_scratch_floats(c.head))
        s.queries.withUnsafeBufferPointer { queries in
            output.withUnsafeMutableBufferPointer { output in
                s.cache.withUnsafeBufferPointer { cache in
                    s.blocks.withUnsafeBufferPointer { blocks in
                        var task = AttentionTask(
                            queries: queries.baseAddress.unsafelyUnwrapped + range.lowerBound * width,
                            query_stride: width,
                            output: output.baseAddress,
                            output_stride: outputWidth,
                            tokens: Int32(range.count),
                            group: Int32(c.group),
                            head: c.head,
                            position: Int32(c.context + range.lowerBound),
                            length: c.isMutual ? Int32(c.context + c.tokens) : 0,
                            window: Int32(c.window),
                            softcap: c.softcap,
                            sinks: c.hasSinks ? sinks : nil,
                            cache_type: c.type,
                            cache: cache.baseAddress,
                            block_stride: s.blockStride,
                            blocks: blocks.baseAddress,
                            tiles_per_block: Int32(c.tilesPerBlock)
                        )
                        guard bySegments else { return kernels.attend(&task, &scratch) }
                        let last = c.context + (c.isMutual ? c.tokens : range.upperBound) - 1
                        let segments = last / Int(ATTENTION_SEGMENT) + 1
                        let rowFloats = attention_partial_floats(c.head)
                        var partials = [Float](
                            repeating: .nan,
                            count: segments * range.count * c.group * rowFloats
                        )
                        for segment in (0..<Int32(segments)).reversed() {
                            kernels.attend_segments(&task, segment, segment + 1, &partials, &scratch)
                        }
                        kernels.merge_segments(&task, 0, Int32(segments), partials)
                    }
                }
            }
        }
        return output
    }

    @Test(arguments: LayerKernelsTests.levels, cases)
    func matchesItsTwin(level: Int32, c: Case) {
        let setup = setup(c)
        let found = attend(c, setup, level: level, range: 0..<c.tokens)
        let expected = attend(c, setup, level: 0, range: 0..<c.tokens)
        let worst = zip(found, expected).map { abs($0 - $1) }.reduce(0) { $1.isNaN ? .infinity : max($0, $1) }
        // Of an 8-bit cache, weights are rounded to bfloat16 once more, and some fall to the other side of a tie.
        #expect(worst <= (c.type == CACHE_BF16 ? 2e-6 : c.type == CACHE_INT8 ? 2e-4 : 0))
    }

    @Test(arguments: 0...LayerKernelsTests.levels.upperBound, cases)
    func rowsHaveTheSameBitsAloneAndInATile(level: Int32, c: Case) {
        let setup = setup(c)
        let together = attend(c, setup, level: level, range: 0..<c.tokens)
        let alone = (0..<c.tokens).flatMap { attend(c, setup, level: level, range: $0..<$0 + 1) }
        #expect(together.map(\.bitPattern) == alone.map(\.bitPattern))
    }

    @Test(arguments: 0...LayerKernelsTests.levels.upperBound, cases)
    func segmentsMergeToTheSameBits(level: Int32, c: Case) {
        let setup = setup(c)
        let whole = attend(c, setup, level: level, range: 0..<c.tokens)
        let merged = attend(c, setup, level: level, range: 0..<c.tokens, bySegments: true)
        #expect(whole.map(\.bitPattern) == merged.map(\.bitPattern))
    }

    @Test(.enabled(if: layer_kernels_highest_level() >= 2), arguments: cases)
    func instructionsForBfloat16ChangeNoBit(c: Case) {
        let setup = setup(c)
        let found = attend(c, setup, level: 2, range: 0..<c.tokens)
        let expected = attend(c, setup, kernels: layer_kernels_without_bf16().pointee, range: 0..<c.tokens)
        #expect(found.map(\.bitPattern) == expected.map(\.bitPattern))
    }

    @Test(arguments: types, 0...LayerKernelsTests.levels.upperBound)
    func everyInstructionSetStoresTheSameBytes(type: CacheType, level: Int32) {
        let kernels = layer_kernels_for_level(min(level, layer_kernels_highest_level())).pointee
        var random = SplitMix(state: 3)
        for dimension in [16, 48, 128] {
            // Sizes from beyond the scales' range to below their smallest number.
            for exponent in [20, 0, -10, -30] {
                let factor = Float(sign: .plus, exponent: exponent, significand: 1)
                let key = (0..<dimension).map { _ in (random.unit() * 2 - 1) * factor }
                let value = (0..<dimension).map { _ in (random.unit() * 2 - 1) * factor }
                let head = head_shape(Int32(dimension))
                let size = cache_tile_bytes(type, head)
                var found = [UInt8](repeating: 0xff, count: size)
                var expected = found
                kernels.store_key_value(type, key, value, head, 5, &found)
                layer_kernels_for_level(0).pointee.store_key_value(type, key, value, head, 5, &expected)
                #expect(found == expected, "dimension \(dimension), exponent \(exponent)")
            }
        }
    }

    @Test func oneTokenSeesItsOwnValueOnly() {
        let c = Case(context: 0, tokens: 1, group: 2, dimension: 16)
        let setup = setup(c)
        let head = c.head
        let found = attend(c, setup, level: 1, range: 0..<1)
        #expect(Array(found[0..<16]) == Array(found[16..<32]))
        let values = setup.cache.withUnsafeBytes { bytes in
            (0..<Int32(16)).map { dimension in
                bytes.load(fromByteOffset: 2 * cache_value_index(head, dimension, 0), as: UInt16.self)
            }
        }
        #expect(found[0..<16].map { UInt16($0.bitPattern >> 16) } == values)
    }

    /// Softmax over all scores and the sink, in double precision.
    @Test(arguments: cases.filter { $0.type == CACHE_F32 })
    func withASinglePrecisionCacheItIsTheFormula(c: Case) {
        let setup = setup(c)
        let found = attend(c, setup, level: 2, range: 0..<c.tokens)
        let floats = setup.cache.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
        let (tile, perBlock) = (Int(ATTENTION_TILE), Int(ATTENTION_TILE) * c.tilesPerBlock)
        let start = { (position: Int) in
            (Int(setup.blocks[position / perBlock]) * setup.blockStride
                + position % perBlock / tile * cache_tile_bytes(c.type, c.head)) / 4
        }
        var worst = 0.0
        for row in 0..<c.tokens * c.group {
            let position = c.context + row / c.group
            let last = c.isMutual ? c.context + c.tokens - 1 : position
            let seen = (c.window > 0 ? max(0, position - c.window + 1) : 0)...last
            let query = setup.queries[row * c.dimension..<(row + 1) * c.dimension].map(Double.init)
            let weights = seen.map { other in
                let keys = start(other) + other % tile
                let score = query.indices.reduce(0) { $0 + query[$1] * Double(floats[keys + $1 * tile]) }
                let cap = Double(c.softcap)
                return exp(cap > 0 ? cap * tanh(score / cap) : score)
            }
            let sum = weights.reduce(0, +) + (c.hasSinks ? exp(Double(setup.sinks[row % c.group])) : 0)
            let valueWidth = Int(c.head.values)
            for dimension in 0..<valueWidth {
                let expected = zip(seen, weights).reduce(0) { total, pair in
                    let (first, token) = (start(pair.0), pair.0 % tile)
                    let value =
                        c.sharedValues > 0
                        ? first + dimension * tile + token
                        : first + tile * c.dimension + token * c.dimension + dimension
                    return total + pair.1 * Double(floats[value])
                }
                worst = max(worst, abs(expected / sum - Double(found[row * valueWidth + dimension])))
            }
        }
        #expect(worst <= 2e-6)
    }
}
