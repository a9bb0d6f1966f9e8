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
