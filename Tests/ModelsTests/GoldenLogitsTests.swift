import Foundation
import Models
import Testing

/// Each family against llama.cpp on the same tiny model in single precision.
///
/// Our keys and values are in half precision and llama.cpp's here in single: that alone moves logits, which reach 27,
/// by some thousandths.
@Suite struct GoldenLogitsTests {
    static let tolerance: Float = 0.03
    static let meanTolerance: Float = 0.004

    @Test(arguments: TinyModel.families)
    func logitsAreThoseOfLlamaCpp(family: String) throws {
        let expected = try TinyModel.expectation(family)
        let tiny = try TinyModel(family)
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
        #expect(worst <= Self.tolerance)
        #expect(sum / Float(expected.positions.count * tiny.model.limits.vocabularySize) <= Self.meanTolerance)
    }
}
