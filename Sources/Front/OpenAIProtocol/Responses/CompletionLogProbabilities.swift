/// `logprobs` of a completion choice: four parallel lists.
enum CompletionLogProbabilities {
    /// Appends `{"text_offset":[...],"token_logprobs":[...],"tokens":[...],"top_logprobs":[...]}`.
    ///
    /// Offsets count code points of the tokens' own texts, from `offset`, which moves on past these tokens.
    static func append(_ scores: [TokenScores], offset: inout Int, to bytes: inout [UInt8]) {
        bytes.put("{\"text_offset\":[")
        for (index, score) in scores.enumerated() {
            if index > 0 { bytes.put(",") }
            bytes.put(integer: offset)
            offset += score.chosen.text.unicodeScalars.count
        }
        bytes.put("],\"token_logprobs\":")
        bytes.put(list: scores) { bytes, score in
            bytes.put(optional: score.chosen.logProbability) { $0.put(logProbability: $1) }
        }
        bytes.put(",\"tokens\":")
        bytes.put(list: scores) { $0.put(string: $1.chosen.label) }
        bytes.put(",\"top_logprobs\":")
        bytes.put(list: scores) { appendTop(of: $1, to: &$0) }
        bytes.put("}")
    }

    /// Token text -> log-probability, with the sampled token; of equal texts the more probable stays.
    private static func appendTop(of score: TokenScores, to bytes: inout [UInt8]) {
        guard score.chosen.logProbability != nil else { return bytes.put("null") }
        bytes.put("{")
        var seen: Set<String> = []
        for token in score.top + [score.chosen] {
            guard let logProbability = token.logProbability, seen.insert(token.label).inserted else { continue }
            if seen.count > 1 { bytes.put(",") }
            bytes.put(string: token.label)
            bytes.put(":")
            bytes.put(logProbability: logProbability)
        }
        bytes.put("}")
    }
}
