internal import ArgumentParser
internal import Engine
internal import RequestParameters

/// How measured requests have their logits read.
struct SamplingOptions: ParsableArguments {
    @Option(name: .customLong("temperature"), help: "Temperature of the requests; 0 takes the most probable token.")
    var temperature: Float = 0

    @Option(name: .customLong("top_k"), help: "Sample from this many most probable tokens; 0: from all.")
    var topK = 0

    @Option(name: .customLong("top_p"), help: "Sample from the most probable tokens up to this total probability.")
    var topP: Float = 1

    @Flag(name: .customLong("score_prompts"), help: "Also have the log-probabilities of the prompts' tokens reported.")
    var scoresPrompts = false

    mutating func validate() throws {
        guard temperature >= 0, temperature.isFinite else {
            throw ValidationError("--temperature is \(temperature), but must be at least 0")
        }
        guard topK >= 0 else { throw ValidationError("--top_k is \(topK), but must be at least 0") }
        guard topP > 0, topP <= 1 else { throw ValidationError("--top_p is \(topP), but must be in (0, 1]") }
    }

    /// The parameters of a request.
    var parameters: SamplingParameters {
        var parameters = SamplingParameters()
        (parameters.temperature, parameters.topK, parameters.topP) = (temperature, topK, topP)
        return parameters
    }
}
