import Foundation
import Models
import Testing

/// What a scanner finds in a row, against sorting the row.
@Suite struct LogitScannerTests {
    static func row(_ count: Int, spread: Float, seed: UInt64) -> [Float] {
        var random = SplitMix(state: seed)
        return (0..<count).map { _ in (random.unit() * 2 - 1) * spread }
    }

    @Test(arguments: [1, 63, 64, 65, 500, 5000, 20_000], [1, 5, 20, 64, 300] as [Int])
    func theLargestAreThoseOfASortLowerIdsFirst(count: Int, wanted: Int) {
        for spread: Float in [10, 0] {
            let row = Self.row(count, spread: spread, seed: 3).map { ($0 * 8).rounded() }
            let sorted = row.indices.sorted { (row[$1], $0) < (row[$0], $1) }
            var scanner = LogitScanner()
            row.withUnsafeBufferPointer { row in
                scanner.scan(row)
                #expect(scanner.largest(wanted, row) == sorted.prefix(wanted).map(Int32.init))
                #expect(scanner.indexOfMaximum(row) == Int32(sorted[0]))
            }
        }
    }

    @Test(arguments: [1, 7, 8, 9, 513, 4099]) func theSumOfWeightsIsThatOfDoubles(_ count: Int) {
        let row = Self.row(count, spread: 12, seed: UInt64(count))
        var scanner = LogitScanner()
        row.withUnsafeBufferPointer { row in
            scanner.scan(row)
            let exact = row.reduce(0) { $0 + exp(Double($1 - scanner.maximum) / 0.75) }
            #expect(abs(scanner.sumOfWeights(row, temperature: 0.75) / exact - 1) < 1e-6)
        }
    }

    @Test(arguments: [1e-6, 0.01, 1, 50, 1e8] as [Float])
    func theHeaviestTokensAreAllFoundWithThoseThatWeighTheSame(temperature: Float) {
        let row = Self.row(9000, spread: 9, seed: 5)
        var scanner = LogitScanner()
        row.withUnsafeBufferPointer { row in
            scanner.scan(row)
            scanner.find(weighingAtLeast: 0, row, temperature: temperature)
            let everything = Dictionary(uniqueKeysWithValues: zip(scanner.tokens, scanner.weights)).filter {
                $0.value > 0
            }
            for count in [2, 50, 400, 9000] {
                let least = everything.values.sorted(by: >).prefix(count).last ?? 0
                scanner.find(heaviest: count, row, temperature: temperature)
                let found = Dictionary(uniqueKeysWithValues: zip(scanner.tokens, scanner.weights))
                #expect(found.filter { $0.value >= least } == everything.filter { $0.value >= least })
            }
            for floor: Float in [0x1p-12, 0.3] {
                scanner.find(weighingAtLeast: floor, row, temperature: temperature)
                let found = Dictionary(uniqueKeysWithValues: zip(scanner.tokens, scanner.weights))
                #expect(found.filter { $0.value >= floor } == everything.filter { $0.value >= floor })
                #expect(scanner.tokens == scanner.tokens.sorted())
            }
        }
    }

    @Test func fewGroupsAreLookedIntoForAFewTokens() {
        let row = Self.row(100_000, spread: 9, seed: 6)
        var scanner = LogitScanner()
        row.withUnsafeBufferPointer { row in
            scanner.scan(row)
            scanner.find(heaviest: 50, row, temperature: 1)
            #expect(scanner.tokens.count >= 50 && scanner.tokens.count < 100)
        }
    }

    @Test func aRowWithoutNumbersHasNoLargest() {
        var scanner = LogitScanner()
        for row in [[], [.nan, .nan], [.nan, -.infinity]] as [[Float]] {
            row.withUnsafeBufferPointer { row in
                scanner.scan(row)
                #expect(scanner.maximum == -.infinity)
                #expect(scanner.indexOfMaximum(row) == (row.count == 2 && row[1] == -.infinity ? 1 : 0))
            }
        }
    }
}
