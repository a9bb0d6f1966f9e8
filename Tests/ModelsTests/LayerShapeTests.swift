import Checkpoints
import Foundation
import Models
import Tensors
import Testing

/// Everything that a layer can be made of, in single precision against a plain decoder, and bit for bit however a sequence
/// is cut.
@Suite struct LayerShapeTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var shape: DecoderShape
        var biases: Set<String> = []
        var rotations: [PlainDecoder.Rotation] = [LayerShapeTests.series(base: 10_000, width: 16)]
        var longestSequence: Int?

        var testDescription: String { name }
    }

    private static let tokens = (0..<70).map { Int32($0 * 37 % 96) }

    /// The plain rotation of a head's first dimensions.
    static func series(base: Double, width: Int) -> PlainDecoder.Rotation {
        ((0..<width / 2).map { pow(base, -2 * Double($0) / Double(width)) }, 1)
    }

    private static let layer = LayerShape(
        attention: AttentionShape(headCount: 4, kvHeadCount: 2, headDimension: 16, rotary: 0, scale: 0.25),
        feedForward: .gated(width: 96, .silu)
    )

    private static let plain = {
        var shape = DecoderShape(
            hiddenSize: 64,
            vocabularySize: 96,
            contextLength: 512,
            layers: [layer, layer],
            normEpsilon: 1e-5
        )
        shape.rotaries = [.init(base: 10_000, scaling: .none, usesFrequencyFactors: false)]
        shape.rotaryDimension = 16
        return shape
    }()

    /// The plain shape with something changed in every layer.
    private static func layers(_ name: String, biases: Set<String> = [], _ change: (inout LayerShape) -> Void) -> Case {
        var shape = plain
        shape.updateLayers(change)
        return Case(name: name, shape: shape, biases: biases)
    }

    /// The plain shape with something changed in it.
    private static func whole(
        _ name: String,
        biases: Set<String> = [],
        _ change: (inout DecoderShape) -> Void,
    ) -> Case {
        var shape = plain
        change(&shape)
        return Case(name: name, shape: shape, biases: biases)
    }

    private static let attentionCases = [
        layers("heads normed alike") { $0.attention.headNorms = .perHead },
        layers("each head normed by itself") { $0.attention.headNorms = .eachHead },
        layers("all heads normed together", biases: ["attn_q", "attn_k", "attn_v"]) {
            $0.attention.headNorms = .allHeads
        },
        layers("attention biases", biases: ["attn_q", "attn_k", "attn_v", "attn_output"]) {
            $0.attention.needsBiases = true
        },
        layers("capped scores") { $0.attention.softcap = 2 },
        layers("sinks") { $0.attention.hasSinks = true },
        layers("a window and sinks") {
            $0.attention.window = 9
            $0.attention.hasSinks = true
        },
        layers("limited queries, keys and values") { $0.attention.clamp = 0.8 },
        layers("limits behind norms of each head") {
            $0.attention.clamp = 0.8
            $0.attention.headNorms = .perHead
        },
        layers("limits behind norms of all heads") {
            $0.attention.clamp = 0.8
            $0.attention.headNorms = .allHeads
        },
        layers("heads of 80 and groups of three") {
            $0.attention = AttentionShape(headCount: 6, kvHeadCount: 2, headDimension: 80, rotary: 0, scale: 0.1)
        },
        whole("layers of different sizes, one without rotation") {
            $0.layers[1].attention = AttentionShape(
                headCount: 2,
                kvHeadCount: 1,
                headDimension: 48,
                rotary: nil,
                scale: 0.14
            )
            $0.layers[1].feedForward = .gated(width: 160, .silu)
        },
        whole("pairs") { $0.rotaryLayout = .pairs },
    ]

    private static let layerCases = [
        layers("norms behind") { $0.norms = .behind },
        layers("norms around") { $0.norms = .around },
        layers("norms of the sums") { $0.norms = .after },
        layers("a parallel feed-forward part with its own norm") { $0.residual = .parallel },
        layers("a parallel feed-forward part that shares the norm") {
            $0.residual = .parallel
            $0.sharesNorm = true
        },
        layers("scaled outputs") { $0.residualScale = 0.22 },
        layers("GELU gates with biases", biases: ["ffn_gate", "ffn_up", "ffn_down"]) {
            $0.feedForward = .gated(width: 96, .geluTanh)
        },
        layers("a plain part with GELU and biases", biases: ["ffn_up", "ffn_down"]) {
            $0.feedForward = .plain(width: 128, .gelu)
        },
        layers("a plain part with a squared ReLU") { $0.feedForward = .plain(width: 128, .reluSquared) },
        layers("a plain part with a ReLU") { $0.feedForward = .plain(width: 128, .relu) },
    ]

    private static let wholeCases = [
        whole("layer norms with biases", biases: ["attn_norm", "ffn_norm", "output_norm"]) { $0.norm = .layer },
        whole("layer norms without biases") { $0.norm = .layer },
        whole("learned positions and no rotation") {
            $0.positionCount = 512
            $0.rotaries = []
            $0.rotaryDimension = 0
            $0.updateLayers { $0.attention.rotary = nil }
        },
        whole("kinds of segments and normed embeddings") {
            $0.tokenTypeCount = 3
            $0.hasEmbeddingNorm = true
        },
        whole("scaled embeddings and logits, a cap and a bias", biases: ["output"]) {
            $0.embeddingScale = 6
            $0.logitScale = 0.25
            $0.logitSoftcap = 1.5
        },
    ]

    private static let rotaryCases: [Case] = [
        rotary("partial rotation", .none, width: 8, series(base: 10_000, width: 8)),
        rotary("linear scaling", .linear(factor: 4), (series(base: 10_000, width: 16).frequencies.map { $0 / 4 }, 1)),
        rotary(
            "dynamic scaling of a sequence twice as long",
            .dynamic(factor: 2, originalContextLength: 256),
            series(base: 10_000 * pow(3, 16.0 / 14), width: 16)
        ),
        rotary(
            "dynamic scaling within",
            .dynamic(factor: 2, originalContextLength: 512),
            series(base: 10_000, width: 16)
        ),
        rotary(
            "Llama 3's scaling",
            .llama3(factor: 8, low: 1, high: 4, originalContextLength: 64),
            (
                series(base: 10_000, width: 16).frequencies.map { frequency in
                    let wavelength = 2 * Double.pi / frequency
                    if wavelength < 16 { return frequency }
                    if wavelength > 64 { return frequency / 8 }
                    let smooth = (64 / wavelength - 1) / 3
                    return (1 - smooth) * frequency / 8 + smooth * frequency
                }, 1
            )
        ),
        rotary(
            "LongRoPE of short sequences",
            longRope,
            (zip(series(base: 10_000, width: 16).frequencies, shortDivisors).map { $0 / $1 }, 1.2),
            longest: 100
        ),
        rotary(
            "LongRoPE of long sequences",
            longRope,
            (zip(series(base: 10_000, width: 16).frequencies, longDivisors).map { $0 / $1 }, 1.2)
        ),
    ]

    private static let shortDivisors = [1, 1.1, 1.2, 1.3, 1.5, 2, 2.5, 3]
    private static let longDivisors = [1, 2, 4, 5, 6, 8, 12, 20.0]
    private static let longRope = RopeScaling.longRope(
        short: shortDivisors,
        long: longDivisors,
        originalContextLength: 128,
        magnitude: 1.2
    )

    private static func rotary(
        _ name: String,
        _ scaling: RopeScaling,
        width: Int = 16,
        _ rotation: PlainDecoder.Rotation,
        longest: Int? = nil,
    ) -> Case {
        var shape = plain
        shape.rotaries = [.init(base: 10_000, scaling: scaling, usesFrequencyFactors: false)]
        shape.rotaryDimension = width
        return Case(name: name, shape: shape, rotations: [rotation], longestSequence: longest)
    }

    /// Mixtures of 8 experts, of which a token uses 3.
    private static func experts(
        _ name: String,
        biases: Set<String> = [],
        _ change: (inout ExpertShape) -> Void,
    ) -> Case {
        var experts = ExpertShape(count: 8, perToken: 3, width: 64, activation: .silu)
        change(&experts)
        return layers(name, biases: biases) { $0.feedForward = .experts(experts) }
    }

    private static let expertCases = [
        experts("experts by a softmax") { _ in },
        experts("experts whose weights are normalized") { $0.normalizesWeights = true },
        experts("experts by a softmax over the chosen") { $0.gating = .softmaxOfChosen },
        experts("experts beside a shared part") { $0.sharedWidth = 96 },
        experts("experts beside a shared part with a gate", biases: ["shared gate"]) { $0.sharedWidth = 96 },
        experts("experts in groups") {
            $0.groupCount = 4
            $0.groupsUsed = 2
            $0.weightScale = 2.5
        },
        experts("experts by sigmoids in groups, with a bias for choosing, and a shared part") {
            $0.gating = .sigmoid
            $0.groupCount = 4
            $0.groupsUsed = 2
            $0.normalizesWeights = true
            $0.weightScale = 2.5
            $0.hasSelectionBias = true
            $0.sharedWidth = 32
        },
        experts(
            "limited experts with biases",
            biases: ["ffn_gate_inp", "ffn_gate_exps", "ffn_up_exps", "ffn_down_exps"]
        ) {
            $0.gating = .softmaxOfChosen
            $0.gateLimit = 1.5
        },
        whole("experts behind a dense layer") {
            $0.layers[1].feedForward = .experts(ExpertShape(count: 5, perToken: 5, width: 32, activation: .gelu))
        },
        layers("experts beside attention") {
            $0.residual = .parallel
            $0.feedForward = .experts(ExpertShape(count: 70, perToken: 2, width: 32, activation: .silu))
        },
    ]

    private static func latent(_ name: String, heads: Int, queryRank: Int) -> Case {
        var attention = AttentionShape(headCount: heads, kvHeadCount: heads, headDimension: 48, rotary: 0, scale: 0.14)
        attention.latent = LatentShape(queryRank: queryRank, rank: 64, plainWidth: 32, rotaryWidth: 16, valueWidth: 32)
        var c = layers(name) { $0.attention = attention }
        c.shape.rotaryLayout = .pairs
        return c
    }

    private static let latentCases = [
        latent("latent attention", heads: 4, queryRank: 0),
        latent("latent attention of many heads whose queries have a latent too", heads: 34, queryRank: 96),
    ]

    static let cases = attentionCases + layerCases + wholeCases + rotaryCases + expertCases + latentCases

    private func model(_ c: Case, _ made: ShapedModel, _ type: KVCacheType, threads: Int) throws -> DecoderModel {
        let folder = URL.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let model = try DecoderModel.load(
            checkpoint: Checkpoint.open(path: made.write(to: folder)),
            shape: c.shape,
            pool: ThreadPool(threadCount: threads),
            cacheType: type,
            longestSequence: c.longestSequence
        )
        try model.allocateRows(8, tokensPerBlock: 32)
        try model.reserve(tokens: 128, logitRows: 128)
        return model
    }

    /// Feeds the tokens in chunks of some sizes; returns all logits.
    private func feed(_ model: DecoderModel, chunks sizes: [Int]) -> [[Float]] {
        var rows: [[Float]] = []
        var index = 0
        while rows.count < Self.tokens.count {
            let end = min(Self.tokens.count, rows.count + sizes[index % sizes.count])
            let part = Array(Self.tokens[rows.count..<end])
            let slice = ModelBatch.Slice(
                rows: 0..<part.count,
                position: rows.count,
                blocks: model.rows([5, 2, 7]),
                logitRows: Array(part.indices)
            )
            model.forward(ModelBatch(tokens: part, slices: [slice]))
            let logits = model.logits(part.indices)
            let width = model.limits.vocabularySize
            rows += part.indices.map { Array(logits[$0 * width..<($0 + 1) * width]) }
            index += 1
        }
        return rows
    }

    @Test(arguments: cases)
    func inSinglePrecisionLogitsAreThoseOfAPlainDecoder(c: Case) throws {
        let made = ShapedModel(c.shape, biases: c.biases)
        let found = try feed(model(c, made, .float32, threads: 2), chunks: [70])
        let expected = try PlainDecoder(made, shape: c.shape, rotations: c.rotations).logits(Self.tokens)
        let all = expected.joined()
        let range = (all.max() ?? 0) - (all.min() ?? 0)
        let worst = zip(found.joined(), all).reduce(0) { max($0, abs(Double($1.0) - $1.1)) }
        #expect(worst <= 2e-5 * range)
    }

    @Test(arguments: cases, [(KVCacheType.float32, false), (.bfloat16, true)])
    func chunksAndWorkersChangeNoBit(c: Case, types: (cache: KVCacheType, quantizes: Bool)) throws {
        var made = ShapedModel(c.shape, biases: c.biases)
        made.isQuantized = types.quantizes
        let type = types.cache
        let expected = try feed(model(c, made, type, threads: 1), chunks: [70])
        for (threads, chunks) in [(1, [1]), (2, [70]), (2, [1]), (3, [33, 1, 7])] {
            let found = try feed(model(c, made, type, threads: threads), chunks: chunks)
            #expect(found == expected, "\(threads), \(chunks)")
        }
    }
}
