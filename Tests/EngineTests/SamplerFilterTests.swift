import Engine
import Models
import RequestParameters
import Testing

/// The filters and draws of the sampler against a sort of the whole vocabulary.
@Suite struct SamplerFilterTests {
    /// A token that is kept, and its weight.
    private struct Kept {
        var token: Int32
        var weight: Float

        /// Draws go from greater weights to less by sixteenths of a power of two.
        var bucket: UInt32 { weight.bitPattern >> 19 }
    }

    @Test(arguments: 0..<72) func exactlyTheTokensOfASortAreKeptAndEachIsDrawnForItsShare(round: Int) {
        var random = SeededGenerator(UInt64(round))
        let count = [2000, 7, 20_000][round % 3]
        let spread = Float([0.001, 1, 8, 0, 30, 4][round % 6])
        let logits = (0..<count).map { _ in Float.random(in: -spread...spread, using: &random) }
        var parameters = SamplingParameters()
        parameters.topK = [0, 2, 7, 300, 0][round % 5]
        parameters.topP = [1, 0.9, 0.3, 0.999][round / 2 % 4]
        parameters.minP = [0, 0.05, 1e-5][round / 3 % 3]
        parameters.temperature = [1, 0.7, 1.5, 40][round / 7 % 4]
        let kept = Self.keptBySorting(logits, parameters)
        let total = kept.reduce(0) { $0 + Double($1.weight) }
        var sampler = Sampler(vocabularySize: count)
        var before = 0.0
        logits.withUnsafeBufferPointer { logits in
            for (place, entry) in kept.enumerated() {
                let middle = (before + Double(entry.weight) / 2) / total
                before += Double(entry.weight)
                // Rounding may decide about a token that weighs next to nothing.
                guard Double(entry.weight) / total > 1e-9,
                    place % (kept.count / 100 + 1) == 0 || place == kept.count - 1
                else { continue }
                let token = sampler.choose(logits, parameters, random: middle)
                #expect(token == entry.token, "\(place) of \(kept.count)")
            }
        }
    }

    /// What is kept of a row, in the order of the draws.
    private static func keptBySorting(_ logits: [Float], _ parameters: SamplingParameters) -> [Kept] {
        var scanner = LogitScanner()
        logits.withUnsafeBufferPointer {
            scanner.scan($0)
            scanner.find(weighingAtLeast: 0, $0, temperature: parameters.temperature)
        }
        var kept = zip(scanner.tokens, scanner.weights).map(Kept.init).filter { $0.weight > 0 }
        kept.sort { ($1.weight, $0.token) < ($0.weight, $1.token) }
        let isLimited = parameters.topK > 0 && parameters.topK < logits.count
        if isLimited { kept = Array(kept.prefix(parameters.topK)) }
        if parameters.topP < 1 {
            let target = Double(parameters.topP) * kept.reduce(0) { $0 + Double($1.weight) }
            var sum = 0.0
            let end = kept.firstIndex { entry in
                sum += Double(entry.weight)
                return sum >= target
            }
            if let end { kept.removeSubrange((end + 1)...) }
        }
        let lastOfShares = isLimited || parameters.topP < 1 ? kept.last?.bucket : nil
        kept.removeAll { $0.weight < parameters.minP }
        // The bucket where a number or a share of tokens ends was sorted by weight; the others are by id.
        return kept.sorted { left, right in
            guard left.bucket == right.bucket, left.bucket != lastOfShares else {
                return (right.bucket, right.weight, left.token) < (left.bucket, left.weight, right.token)
            }
            return left.token < right.token
        }
    }
}
