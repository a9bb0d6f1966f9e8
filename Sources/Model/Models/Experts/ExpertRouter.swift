internal import Checkpoints
internal import Glibc

/// Chooses experts for a token by the router's logits.
struct ExpertRouter {
    let shape: ExpertShape
    /// Takes part in choosing, `[experts]`.
    let selectionBias: UnsafePointer<Float>?

    /// Writes the experts of one token, the best first, and their weights.
    ///
    /// - Parameters:
    ///   - logits: `[experts]`, which become scores.
    ///   - scratch: Room for `[experts]` numbers.
    ///   - chosen: `[perToken]`.
    ///   - weights: `[perToken]`.
    func choose(
        _ logits: UnsafeMutablePointer<Float>,
        scratch: UnsafeMutablePointer<Float>,
        chosen: UnsafeMutablePointer<Int32>,
        weights: UnsafeMutablePointer<Float>,
    ) {
        makeScores(logits)
        for expert in 0..<shape.count { scratch[expert] = logits[expert] + (selectionBias?[expert] ?? 0) }
        if shape.groupsUsed < shape.groupCount { excludeGroups(scratch) }
        for place in 0..<shape.perToken {
            let best = Self.largest(scratch, shape.count)
            scratch[best] = -.infinity
            chosen[place] = Int32(best)
            weights[place] = logits[best]
        }
        finish(weights)
    }

    /// Turns logits into what is compared.
    private func makeScores(_ logits: UnsafeMutablePointer<Float>) {
        switch shape.gating {
        case .softmaxOfChosen: break
        case .sigmoid:
            for expert in 0..<shape.count { logits[expert] = Self.sigmoid(logits[expert]) }
        case .softmax:
            Self.softmax(logits, shape.count)
        }
        // A NaN would be no expert at all.
        for expert in 0..<shape.count where logits[expert].isNaN { logits[expert] = 0 }
    }

    /// Turns the scores of the chosen experts into weights.
    private func finish(_ weights: UnsafeMutablePointer<Float>) {
        if shape.gating == .softmaxOfChosen { Self.softmax(weights, shape.perToken) }
        if shape.normalizesWeights && shape.gating != .softmaxOfChosen {
            var sum: Float = 0
            for place in 0..<shape.perToken { sum += weights[place] }
            for place in 0..<shape.perToken { weights[place] /= sum + 1e-20 }
        }
        for place in 0..<shape.perToken { weights[place] *= shape.weightScale }
    }

    /// Leaves only the experts of the best groups.
    ///
    /// A group is as good as its best expert, or, of sigmoid scores, as its best two together (arXiv 2412.19437, section
    /// 2.1.2).
    private func excludeGroups(_ scores: UnsafeMutablePointer<Float>) {
        let size = shape.count / shape.groupCount
        let groups = (0..<shape.groupCount).map { group -> Float in
            let own = scores + group * size
            let best = Self.largest(own, size)
            guard shape.gating == .sigmoid, size > 1 else { return own[best] }
            var second = -Float.infinity
            for index in 0..<size where index != best { second = max(second, own[index]) }
            return own[best] + second
        }
        let order = groups.indices.sorted { groups[$0] != groups[$1] ? groups[$0] > groups[$1] : $0 < $1 }
        for group in order.dropFirst(shape.groupsUsed) {
            for expert in group * size..<(group + 1) * size { scores[expert] = -.infinity }
        }
    }

    /// The index of the largest number, the first among equals.
    private static func largest(_ numbers: UnsafePointer<Float>, _ count: Int) -> Int {
        var best = 0
        for index in 1..<max(1, count) where numbers[index] > numbers[best] { best = index }
        return best
    }

    static func sigmoid(_ x: Float) -> Float { 1 / (1 + expf(-x)) }

    private static func softmax(_ numbers: UnsafeMutablePointer<Float>, _ count: Int) {
        let greatest = numbers[largest(numbers, count)]
        var sum: Float = 0
        for index in 0..<count {
            numbers[index] = expf(numbers[index] - greatest)
            sum += numbers[index]
        }
        for index in 0..<count { numbers[index] /= sum }
    }
}
