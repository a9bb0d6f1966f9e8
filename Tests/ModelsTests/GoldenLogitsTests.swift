import Foundation
import Models
import Testing

/// Each family against llama.cpp on the same tiny model in single precision.
///
/// Our attention is of bfloat16 numbers and llama.cpp's here of single precision: that alone moves logits, which reach 27,
/// by some hundredths. An 8-bit cache moves them further.
@Suite struct GoldenLogitsTests {
    /// The largest and the mean difference that may be.
    struct Tolerance {
        var worst: Float
        var mean: Float

        static let bfloat16 = Tolerance(worst: 0.2, mean: 0.015)
        static let int8 = Tolerance(worst: 0.3, mean: 0.04)
    }

    @Test(arguments: TinyModel.families)
    func logitsAreThoseOfLlamaCpp(family: String) throws { try compare(family, .bfloat16) }

    @Test(arguments: TinyModel.families)
    func logitsWithAnInt8CacheAreNearThoseOfLlamaCpp(family: String) throws { try compare(family + "+int8", .int8) }

    private func compare(_ name: String, _ tolerance: Tolerance) throws {
        let expected = try TinyModel.expectation(name)
        let tiny = try TinyModel(name)
        let rows = tiny.feed(expected.tokens[...], position: 0, blocks: Array(0..<10))
        var worst: Float = 0
        var sum: Float = 0
        for (position, logits) in zip(expected.positions, expected.logits) {
            for (bits, number) in zip(rows[position], logits) {
                let difference = abs(Float(bitPattern: bits) - number)
                worst = difference.isNaN ? .infinity : max(worst, difference)
                sum += difference
            }
        }
        #expect(worst <= tolerance.worst)
        #expect(sum / Float(expected.positions.count * tiny.model.limits.vocabularySize) <= tolerance.mean)
    }
}
