/// `logprobs` of a chat choice: one record per token.
enum ChatLogProbabilities {
    /// Appends `{"content":[...]}`.
    static func append(_ scores: [TokenScores], to bytes: inout [UInt8]) {
        bytes.put("{\"content\":")
        bytes.put(list: scores) { bytes, score in
            open(score.chosen, to: &bytes)
            bytes.put(",\"top_logprobs\":")
            bytes.put(list: score.top) { bytes, token in
                open(token, to: &bytes)
                bytes.put("}")
            }
            bytes.put("}")
        }
        bytes.put("}")
    }

    private static func open(_ token: ScoredToken, to bytes: inout [UInt8]) {
        bytes.put("{\"token\":")
        bytes.put(string: token.label)
        bytes.put(",\"logprob\":")
        bytes.put(logProbability: token.logProbability ?? 0)
        bytes.put(",\"bytes\":")
        bytes.put(integers: token.bytes)
    }
}
