import Checkpoints
import Foundation
import Models
import Tensors
import Testing

/// Models whose floats are quantized when they are loaded.
@Suite struct QuantizedModelTests {
    private static let tokens = (0..<40).map { Int32($0 * 37 % MadeModel.vocabulary) }

    private func model(
        _ quantization: WeightQuantization,
        matrices: DataType = .f32,
        calibration: [[Int32]] = [],
        threads: Int = 2,
    ) throws -> DecoderModel {
        let folder = URL.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = try MadeModel(matrices: matrices, seed: 7).write([], to: folder)
        let model = try DecoderModel.load(
            checkpoint: Checkpoint.open(path: path),
            pool: ThreadPool(threadCount: threads),
            cacheType: .float32,
            quantization: quantization,
            calibration: calibration
        )
        try model.allocateKVCache(blockCount: 2, tokensPerBlock: 32)
        try model.reserve(tokens: 64, logitRows: 64)
        return model
    }

    private func logits(
        _ quantization: WeightQuantization,
        calibration: [[Int32]] = [],
        threads: Int = 2,
    ) throws -> [Double] {
        let model = try model(quantization, calibration: calibration, threads: threads)
        let rows = Self.tokens.indices
        let slice = ModelBatch.Slice(rows: rows, position: 0, blocks: [1, 0], logitRows: Array(rows))
        model.forward(ModelBatch(tokens: Self.tokens, slices: [slice]))
        return model.logits(rows).map(Double.init)
    }

    /// The root of the mean square of differences, relative to that of logits in single precision.
    private func difference(_ quantization: WeightQuantization) throws -> Double {
        let exact = try logits(WeightQuantization(.unquantized))
        let found = try logits(quantization)
        let squares = zip(exact, found).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        return (squares / exact.reduce(0) { $0 + $1 * $1 }).squareRoot()
    }

    /// Steps of a 254th of the range of 32 weights that are evenly distributed, of a 31st, of a sixteenth of the weight.
    @Test(arguments: [
        (WeightQuantization(.w8a16), 0.001...0.03), (WeightQuantization(.w8a8PerChannel), 0.001...0.03),
        (WeightQuantization(.w4a16), 0.01...0.13), (WeightQuantization(.w4a16, groupSize: 128), 0.01...0.18),
        (WeightQuantization(.fp8), 0.005...0.12), (WeightQuantization(.unquantized), 0.0...0.0),
    ]) func logitsAreAsFarFromTheExactOnesAsStepsAreLarge(
        quantization: WeightQuantization,
        expected: ClosedRange<Double>,
    ) throws {
        #expect(expected.contains(try difference(quantization)))
    }

    @Test func measuredActivationsChangeTheRoundingAlikeOnAnyNumberOfThreads() throws {
        let windows = [Self.tokens, Array(Self.tokens.prefix(7))]
        let quantization = WeightQuantization(.w4a16AWQ)
        let weighed = try logits(quantization, calibration: windows, threads: 1)
        #expect(try logits(quantization, calibration: windows, threads: 3) == weighed)
        #expect(try logits(WeightQuantization(.w4a16)) != weighed)
    }

    @Test(arguments: [[], [[5]], [[-1, 96, 5]]] as [[[Int32]]])
    func measuringActivationsNeedsATextOfKnownTokens(windows: [[Int32]]) {
        let reason = "there is no text to measure activations on"
        #expect(throws: ModelError.nothingToQuantize(algorithm: "W4A16_AWQ", reason: reason)) {
            try model(WeightQuantization(.w4a16AWQ), calibration: windows)
        }
    }

    @Test func theOutputMatrixStaysAsItIsUnlessItIsAskedFor() throws {
        let weights = MadeModel.vocabulary * MadeModel.hidden
        let byDefault = try model(WeightQuantization(.w8a16)).footprint
        #expect(byDefault.packedHeadBytes == weights * 4)
        #expect(byDefault.packedLayerBytes == byDefault.layerWeights / 512 * 544)
        let everything = try model(WeightQuantization(.w8a16, exclusions: [])).footprint
        #expect(everything.packedHeadBytes == weights / 512 * 544)
        #expect(everything.packedLayerBytes == byDefault.packedLayerBytes)
    }

    @Test(arguments: [
        ("blk.3.attn_q.weight", 2048, 4), ("blk.3.ffn_up.weight", 1024, 4), ("output.weight", 4096, 4),
        ("blk.3.attn_v.weight", 2048, 8), ("blk.3.attn_v.weight", 512, 8), ("blk.3.attn_q.weight", 992, 5),
        ("blk.3.ffn_down.weight", 8192, 5), ("blk.3.ffn_down_exps.weight", 8192, 5),
    ]) func fourBitsAreMoreWhereThatMattersMost(tensor: String, columns: Int, bits: Int) {
        #expect(WeightQuantization.fewBits(of: tensor, columns: columns) == bits)
    }

    @Test func aNarrowModelHasFiveBitsAndEightForValues() throws {
        let footprint = try model(WeightQuantization(.w4a16)).footprint
        let values = MadeModel.layers * MadeModel.kvHeads * MadeModel.headWidth * MadeModel.hidden
        #expect(footprint.packedLayerBytes == (footprint.layerWeights - values) / 512 * 384 + values / 512 * 544)
    }

    @Test(arguments: [
        ["model.layers.1.*", "lm_head"], ["blk.1.*", "output"], ["*.1.self_attn.?_proj", "*.1.mlp.*", "lm_head"],
    ]) func excludedModulesStayAsTheyAre(exclusions: [String]) throws {
        let footprint = try model(WeightQuantization(.w8a16, exclusions: exclusions)).footprint
        let weights = footprint.layerWeights / 2
        #expect(footprint.packedLayerBytes == weights / 512 * 544 + weights * 4)
        #expect(footprint.packedHeadBytes == MadeModel.vocabulary * MadeModel.hidden * 4)
    }

    @Test func weightsThatCantBeQuantizedAreRefusedByTheirFormat() {
        let expected = ModelError.nothingToQuantize(algorithm: "W4A16", reason: "they are stored as Q4_K")
        #expect(throws: expected) { try model(WeightQuantization(.w4a16), matrices: .q4_k) }
        let excluded = ModelError.nothingToQuantize(algorithm: "FP8", reason: "all of them are excluded")
        #expect(throws: excluded) { try model(WeightQuantization(.fp8, exclusions: ["*"])) }
    }
}
