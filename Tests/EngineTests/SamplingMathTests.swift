import Engine
import Foundation
import Testing

@Suite struct CounterRandomTests {
    /// The known answers published with the generator.
    @Test func philoxGivesThePublishedWords() {
        #expect(
            CounterRandom.words(counter: .zero, key: .zero)
                == SIMD4(0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8)
        )
        #expect(
            CounterRandom.words(counter: SIMD4(repeating: .max), key: SIMD2(repeating: .max))
                == SIMD4(0x408F_276D, 0x41C8_3B0E, 0xA20B_C7C6, 0x6D54_51FD)
        )
        #expect(
            CounterRandom.words(
                counter: SIMD4(0x243F_6A88, 0x85A3_08D3, 0x1319_8A2E, 0x0370_7344),
                key: SIMD2(0xA409_3822, 0x299F_31D0),
            ) == SIMD4(0xD16C_FE09, 0x94FD_CCEB, 0x5001_E420, 0x2412_6EA1)
        )
    }

    @Test func uniformNumbersFillTheUnitInterval() {
        let numbers = (0..<1000).map { CounterRandom.uniform(seed: 1, choice: 0, position: $0) }
        #expect(numbers.allSatisfy { (0..<1).contains($0) })
        #expect(Set(numbers).count == 1000)
        #expect(abs(numbers.reduce(0, +) / 1000 - 0.5) < 0.03)
    }
}

@Suite struct VectorMathTests {
    @Test func theExponentialIsRightToTwoUnitsInTheLastPlace() {
        var worst = 0.0
        for step in 0..<20_000 {
            let argument = -Float(step) / 230
            let exact = exp(Double(argument))
            let found = VectorMath.exponential(SIMD8(repeating: argument))[3]
            worst = max(worst, abs(Double(found) - exact) / Double(Float(exact).ulp))
        }
        #expect(worst < 2)
    }

    @Test func theExponentialOfZeroIsOneAndOfTheUnderflowingZero() {
        let arguments = SIMD8<Float>(0, -0.0, -88, -.infinity, .nan, -1e30, -87.5, 0)
        #expect(VectorMath.exponential(arguments) == SIMD8(1, 1, 0, 0, 0, 0, 0, 1))
    }

    @Test(arguments: [1, 7, 8, 9, 513, 4099]) func theLogSumIsThatOfDoubles(_ count: Int) {
        var random = SeededGenerator(UInt64(count))
        let values = (0..<count).map { _ in Float.random(in: -12...3, using: &random) }
        let maximum = values.max() ?? 0
        let exact = log(values.reduce(0) { $0 + exp(Double($1 - maximum)) })
        let (found, foundMaximum) = values.withUnsafeBufferPointer {
            (VectorMath.logSumOfExponentials($0, maximum: maximum), VectorMath.maximum($0))
        }
        #expect(abs(found - exact) < 1e-6)
        #expect(foundMaximum == maximum)
    }
}

@Suite struct LogProbabilitiesTests {
    @Test func theyAreThoseOfTheRawLogitsBestFirstLowIdsFirst() {
        // Probabilities 1/10, 4/10, 4/10, 1/10.
        let logits: [Float] = [0, Float(log(4.0)), Float(log(4.0)), 0]
        let report = logits.withUnsafeBufferPointer { LogProbabilities.report($0, chosen: 3, alternatives: 3) }
        #expect(report.top.map(\.token) == [1, 2, 0])
        #expect(report.chosen.token == 3)
        #expect(abs(report.chosen.logProbability - Float(log(0.1))) < 1e-6)
        #expect(abs(report.top[0].logProbability - Float(log(0.4))) < 1e-6)
    }

    @Test func noneAreListedWhenNoneAreAskedForAndAllWhenThereAreFewer() {
        let logits: [Float] = [2, 1]
        let (none, all) = logits.withUnsafeBufferPointer {
            (
                LogProbabilities.report($0, chosen: 0, alternatives: 0),
                LogProbabilities.report($0, chosen: 0, alternatives: 20)
            )
        }
        #expect(none.top.isEmpty)
        #expect(all.top.map(\.token) == [0, 1])
    }
}
