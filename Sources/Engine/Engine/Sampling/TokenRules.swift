internal import GuidedDecoding
internal import RequestParameters

/// Which tokens may come next: what the constraint allows, less what the request rules out by name.
enum TokenRules {
    /// Whether anything is ruled out for a choice that has `outputCount` tokens.
    static func restrict(_ request: EngineRequest, _ progress: ChoiceProgress, outputCount: Int) -> Bool {
        progress.matcher != nil || outputCount < request.minTokens || request.sampling.allowedTokens != nil
            || !request.sampling.bannedSequences.isEmpty
    }

    /// Writes to `mask` which tokens may come next; `scratch` is a mask of the same size.
    ///
    /// Where a constraint is, end tokens are allowed exactly where the output may end.
    static func write(
        _ request: EngineRequest,
        _ progress: inout ChoiceProgress,
        outputCount: Int,
        to mask: inout TokenMask,
        scratch: inout TokenMask,
    ) {
        if progress.matcher == nil {
            mask.allowAll()
        } else {
            mask.removeAll()
            progress.matcher?.allow(&mask)
            let mayEnd = progress.matcher?.isComplete == true
            for token in request.endTokens { mask[token] = mayEnd }
        }
        if let allowed = request.sampling.allowedTokens {
            scratch.removeAll()
            for token in allowed { scratch[token] = true }
            mask.formIntersection(scratch)
        }
        if outputCount < request.minTokens {
            for token in request.endTokens { mask[token] = false }
            for token in request.stopTokens { mask[token] = false }
        }
        for sequence in request.sampling.bannedSequences where progress.history.precedesEnd(of: sequence) {
            if let last = sequence.last { mask[last] = false }
        }
    }
}

extension TokenMask {
    /// The allowed token of the lowest id.
    var first: Int32? {
        words.firstIndex { $0 != 0 }.map { Int32($0 * 64 + words[$0].trailingZeroBitCount) }
    }

    /// Copies a row of logits, `[vocabulary]`, with -infinity in the place of tokens that aren't allowed.
    func copy(_ logits: UnsafeBufferPointer<Float>, to row: UnsafeMutableBufferPointer<Float>) {
        let length = min(logits.count, row.count)
        for start in stride(from: 0, to: length, by: 64) {
            let word = start / 64 < words.count ? words[start / 64] : 0
            let range = start..<min(start + 64, length)
            if word == .max {
                _ = UnsafeMutableBufferPointer(rebasing: row[range]).update(fromContentsOf: logits[range])
            } else if word == 0 {
                UnsafeMutableBufferPointer(rebasing: row[range]).update(repeating: -.infinity)
            } else {
                for token in range { row[token] = word >> UInt64(token - start) & 1 == 1 ? logits[token] : -.infinity }
            }
        }
    }
}
