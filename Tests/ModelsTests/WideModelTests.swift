import Checkpoints
import Foundation
import Models
import Tensors
import Testing

/// The path of real models, which the tiny ones are too narrow for, against a plain decoder.
@Suite struct WideModelTests {
    private static let tokens = (0..<60).map { Int32($0 * 37 % MadeModel.vocabulary) }
    private static let plain = (0..<MadeModel.headWidth / 2).map {
        pow(MadeModel.base, -2 * Double($0) / Double(MadeModel.headWidth))
    }
    /// What a file says of YaRN.
    private static let yarnKeys: [(String, GGUFField)] = [
        ("llama.rope.scaling.type", .text("yarn")), ("llama.rope.scaling.factor", .real(8)),
        ("llama.rope.scaling.original_context_length", .number(512)),
    ]

    /// YaRN as its paper has it (arXiv 2309.00071), with the usual 32 and 1 turns: pairs that turn more often than 32 times
    /// within the context of training stay, those that turn less than once are stretched, between them it's a line over
    /// the pairs.
    private static func yarn(factor: Double, context: Double) -> (frequencies: [Double], magnitude: Double) {
        let width = Double(MadeModel.headWidth)
        let pair = { (turns: Double) in width * log(context / (turns * 2 * .pi)) / (2 * log(MadeModel.base)) }
        let (first, last) = (pair(32).rounded(.down), pair(1).rounded(.up))
        let frequencies = plain.enumerated().map { index, frequency in
            let stretched = min(1, max(0, (Double(index) - first) / (last - first)))
            return frequency * (1 - stretched) + frequency / factor * stretched
        }
        return (frequencies, 0.1 * log(factor) + 1)
    }

    /// The logits of a made model, `[token][vocabulary]`.
    private func logits(_ made: MadeModel, keys: [(String, GGUFField)] = [], threads: Int = 2) throws -> [[Double]] {
        let folder = URL.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let checkpoint = try Checkpoint.open(path: made.write(keys, to: folder))
        let model = try DecoderModel.load(checkpoint: checkpoint, pool: ThreadPool(threadCount: threads))
        try model.allocateRows(4, tokensPerBlock: 32)
        try model.reserve(tokens: 128, logitRows: 128)
        let slice = ModelBatch.Slice(
            rows: 0..<Self.tokens.count,
            position: 0,
            blocks: model.rows([2, 0, 1]),
            logitRows: Array(Self.tokens.indices)
        )
        model.forward(ModelBatch(tokens: Self.tokens, slices: [slice]))
        let logits = model.logits(Self.tokens.indices)
        let width = MadeModel.vocabulary
        return Self.tokens.indices.map { row in logits[row * width..<(row + 1) * width].map(Double.init) }
    }

    /// What a plain decoder with a rotation makes of the same weights.
    private func plainLogits(_ made: MadeModel, _ rotation: PlainDecoder.Rotation) throws -> [[Double]] {
        let layer = LayerShape(
            attention: AttentionShape(
                headCount: MadeModel.heads,
                kvHeadCount: MadeModel.kvHeads,
                headDimension: MadeModel.headWidth,
                rotary: 0,
                scale: 1 / Float(MadeModel.headWidth).squareRoot()
            ),
            feedForward: .gated(width: MadeModel.feedForward, .silu)
        )
        var shape = DecoderShape(
            hiddenSize: MadeModel.hidden,
            vocabularySize: MadeModel.vocabulary,
            contextLength: 4096,
            layers: Array(repeating: layer, count: MadeModel.layers),
            normEpsilon: Float(MadeModel.epsilon)
        )
        shape.rotaryDimension = MadeModel.headWidth
        shape.rotaryLayout = .pairs
        return try PlainDecoder(made, shape: shape, rotations: [rotation]).logits(Self.tokens)
    }

    /// The mean difference of logits, relative to their mean size.
    private func difference(_ found: [[Double]], _ expected: [[Double]]) -> Double {
        let pairs = zip(found.joined(), expected.joined())
        let size = expected.joined().reduce(0) { $0 + abs($1) }
        return pairs.reduce(0) { $0 + abs($1.0 - $1.1) } / size
    }

    @Test(arguments: [(DataType.q4_k, DataType.q6_k), (.bf16, .bf16), (.q6_k, .bf16)])
    func logitsOfKQuantsAndBfloat16AreThoseOfAPlainDecoder(types: (DataType, DataType)) throws {
        let made = MadeModel(matrices: types.0, halfOfThem: types.1, seed: 1)
        let expected = try plainLogits(made, (Self.plain, 1))
        #expect(difference(try logits(made), expected) < (types.0 == .bf16 ? 0.02 : 0.08))
    }

    @Test func rotationsAreThoseOfYaRN() throws {
        let made = MadeModel(matrices: .bf16, seed: 2)
        let found = try logits(made, keys: Self.yarnKeys)
        let rotation = Self.yarn(factor: 8, context: 512)
        #expect(difference(found, try plainLogits(made, rotation)) < 0.02)
        // None of it may be left out: neither the ramp between the pairs nor the temperature.
        for other in [(Self.plain, 1), (Self.plain.map { $0 / 8 }, rotation.magnitude), (rotation.frequencies, 1)] {
            #expect(difference(found, try plainLogits(made, other)) > 0.2)
        }
    }

    @Test(arguments: [(DataType.q4_k, DataType.q6_k), (.bf16, .bf16)])
    func theNumberOfWorkersDoesNotMatter(types: (DataType, DataType)) throws {
        let made = MadeModel(matrices: types.0, halfOfThem: types.1, seed: 3)
        let alone = try logits(made, threads: 1)
        for threads in [2, 3] { #expect(try logits(made, threads: threads) == alone) }
    }
}
