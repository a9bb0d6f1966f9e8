internal import Glibc
internal import GuidedDecoding
internal import Models
internal import RequestParameters

extension Sampler {
    /// The best ways to go on for a beam that has `outputCount` tokens, best first, lower ids first among equals.
    ///
    /// What the request asks for is done to the log-probabilities, not to the logits, as in `transformers`; what is reported
    /// is of the raw logits as ever. A beam whose constraint can't be followed has none.
    package mutating func candidates(
        _ count: Int,
        _ logits: UnsafeBufferPointer<Float>,
        request: EngineRequest,
        progress: inout ChoiceProgress,
        outputCount: Int,
    ) -> [BeamSearch.Candidate] {
        guard !progress.isLost, progress.matcher?.failure == nil else { return [] }
        scanner.scan(logits)
        let (maximum, logSum) = (scanner.maximum, log(scanner.sumOfWeights(logits, temperature: 1)))
        func raw(_ token: Int32) -> Float { Float(Double(logits[Int(token)] - maximum) - logSum) }
        let reported = request.logProbabilities.map { scanner.largest($0, logits) } ?? []
        let top = reported.map { TokenLogProbability(token: $0, logProbability: raw($0)) }
        func candidate(_ token: Int32, _ logProbability: Float) -> BeamSearch.Candidate {
            let chosen = TokenLogProbability(token: token, logProbability: raw(token))
            let report = request.logProbabilities.map { _ in PositionLogProbabilities(chosen: chosen, top: top) }
            return BeamSearch.Candidate(token: token, logProbability: logProbability, report: report)
        }
        guard isAdjusted(request, progress, outputCount: outputCount) else {
            return scanner.largest(count, logits).map { candidate($0, raw($0)) }
        }
        let row = logits.indices.map { raw(Int32($0)) }
        let found = row.withUnsafeBufferPointer { row in
            withAdjusted(row, request: request, progress: &progress, outputCount: outputCount) { sampler, adjusted in
                sampler.scanner.scan(adjusted)
                return sampler.scanner.largest(count, adjusted).map { candidate($0, adjusted[Int($0)]) }
            }
        }
        return progress.matcher?.failure == nil ? found : []
    }
}
