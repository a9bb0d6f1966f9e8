internal import Models

/// Reads an iteration's logits, some rows at a time and all workers together.
///
/// Who reads which row is a matter of chance, and what comes of it isn't: it depends on the row and its use alone.
struct LogitReader {
    private let model: any LanguageModel
    /// One for each worker.
    private var samplers: [Sampler]

    /// A reader of a model's logits.
    init(model: any LanguageModel) {
        self.model = model
        let sampler = Sampler(vocabularySize: model.limits.vocabularySize)
        samplers = [Sampler](repeating: sampler, count: max(1, model.workerCount))
    }

    /// Reads the rows of the last batch for their uses, which ascend by row, and takes what comes of it into the uses'
    /// progress.
    ///
    /// - Returns: what came of each.
    /// - Throws: `EngineError.failed` when the model returns something else than rows of logits.
    mutating func read(_ uses: inout [LogitUse]) throws(EngineError) -> [LogitReading] {
        var readings: [LogitReading] = []
        readings.reserveCapacity(uses.count)
        while readings.count < uses.count {
            let rest = uses[readings.count...]
            let first = uses[readings.count].row
            let together = rest.prefix { $0.row < first + ModelRunner.logitRowsAtOnce }
            let rows = first..<(together.last?.row ?? first) + 1
            let logits = model.logits(rows)
            guard logits.count >= rows.count * model.limits.vocabularySize else {
                throw .failed("the model returned \(logits.count) logits for \(rows.count) rows")
            }
            readings += read(&uses, together.indices, logits, firstRow: first)
        }
        return readings
    }

    private mutating func read(
        _ uses: inout [LogitUse],
        _ range: Range<Int>,
        _ logits: UnsafeBufferPointer<Float>,
        firstRow: Int,
    ) -> [LogitReading] {
        let width = model.limits.vocabularySize
        var readings = [LogitReading?](repeating: nil, count: range.count)
        uses.withUnsafeMutableBufferPointer { uses in
            samplers.withUnsafeMutableBufferPointer { samplers in
                readings.withUnsafeMutableBufferPointer { readings in
                    // Each worker has its sampler, and each use its place.
                    model.distribute(range.count) { index, worker in
                        let place = range.lowerBound + index
                        let start = (uses[place].row - firstRow) * width
                        let row = UnsafeBufferPointer(rebasing: logits[start..<start + width])
                        readings[index] = samplers[worker].read(row, for: &uses[place])
                    }
                }
            }
        }
        return readings.compactMap { $0 }
    }
}

extension Sampler {
    /// Does with a row what it is wanted for.
    mutating func read(_ row: UnsafeBufferPointer<Float>, for use: inout LogitUse) -> LogitReading {
        switch use.purpose {
        case .logits:
            return .logits(Array(row))
        case .score(let next, let alternatives):
            return .score(LogProbabilities.report(row, chosen: next, alternatives: alternatives, scanner: &scanner))
        case .token(let choice, let outputCount):
            return withProgress(of: &use) { sampler, request, progress in
                .run(
                    sampler.grow(row, request: request, progress: &progress, choice: choice, outputCount: outputCount)
                )
            }
        case .candidates(let count, let choice, let outputCount):
            return withProgress(of: &use) { sampler, request, progress in
                let found = sampler.candidates(
                    count,
                    row,
                    request: request,
                    progress: &progress,
                    outputCount: outputCount,
                )
                return .candidates(found, choice: choice)
            }
        }
    }

    /// Calls `body` with what a use was lent, held by nobody else meanwhile: so it is changed in place.
    private mutating func withProgress(
        of use: inout LogitUse,
        _ body: (inout Sampler, EngineRequest, inout ChoiceProgress) -> LogitReading,
    ) -> LogitReading {
        var progress = use.progress ?? ChoiceProgress(use.request)
        use.progress = nil
        defer { use.progress = progress }
        return body(&self, use.request, &progress)
    }
}
