import Generation
import OrderedJSON
import Testing

@Suite struct OutputFormatTests {
    @Test(arguments: FormatSample.wellFormed) func samplesComeToWhatTheyMean(sample: FormatSample) throws {
        let parsed = try sample.result(cutAt: [])
        #expect(parsed.content == sample.content)
        #expect(parsed.reasoning == sample.reasoning)
        #expect(parsed.calls.map(\.name) == sample.calls.map(\.name))
        for (call, expected) in zip(parsed.calls, sample.calls) {
            #expect(try JSONParser.parse(call.arguments) == expected.arguments, "\(call.arguments)")
        }
        #expect(!parsed.isMixedUp)
    }

    @Test(arguments: FormatSample.wellFormed + FormatSample.malformed)
    func whereAnOutputIsCutChangesNothing(sample: FormatSample) throws {
        let whole = try sample.result(cutAt: [])
        let count = sample.stream.count
        #expect(try sample.result(cutAt: Array(0..<count)) == whole)
        for place in 0..<count {
            let parsed = try sample.result(cutAt: [place])
            #expect(parsed == whole, "cut at \(place)")
        }
        var random = SeededGenerator(state: 7)
        for _ in 0..<20 {
            let places = (0..<5).map { _ in Int.random(in: 0...count, using: &random) }.sorted()
            let parsed = try sample.result(cutAt: places)
            #expect(parsed == whole, "cut at \(places)")
        }
    }

    @Test(arguments: FormatSample.malformed) func nothingOfAMalformedCallIsLost(sample: FormatSample) throws {
        let parsed = try sample.result(cutAt: [])
        #expect(parsed.content == sample.content)
        #expect(parsed.calls.map(\.name) == sample.calls.map(\.name))
    }

    @Test func argumentsAreGivenOutAsTheyCome() throws {
        for sample in FormatSample.wellFormed {
            guard sample.output.contains("Paris"), !sample.output.contains("\\\"city") else { continue }
            var parser = try sample.parser()
            var deltas: [GenerationDelta] = []
            let stream = sample.stream
            let place = try #require(stream.firstRange(of: Array("Paris".utf8))).lowerBound + 3
            deltas += parser.append(stream[..<place])
            let parsed = ParsedOutput(deltas)
            #expect(parsed.calls.last?.arguments.hasSuffix("\"Par") == true, "\(sample.name): \(parsed)")
            #expect(parser.isInCall && parser.completedCalls < parsed.calls.count)
        }
    }

    @Test func idsOfTheModelAreKept() throws {
        let ids = try ["mistral, a list", "mistral, a name and an id", "command-r", "kimi_k2"].map { name in
            let sample = try #require(FormatSample.wellFormed.first { $0.name == name })
            return try #require(try sample.result(cutAt: []).calls.first?.id)
        }
        // Behind the arguments an id comes too late.
        #expect(ids == ["id0", "123456789", "0", "functions.get_weather:0"])
    }

    @Test func everyFormatOfCallsHasASample() {
        let tested = Set(FormatSample.wellFormed.compactMap(\.toolParser).map { ToolCallFormat.named($0)?.names[0] })
        #expect(Set(ToolCallFormat.all.map(\.names[0])).subtracting(tested.compactMap(\.self)).isEmpty)
        let thoughts = Set(
            FormatSample.wellFormed.compactMap(\.reasoningParser).map { ReasoningFormat.named($0)?.names[0] }
        )
        #expect(Set(ReasoningFormat.all.map(\.names[0])).subtracting(thoughts.compactMap(\.self)).isEmpty)
    }

    @Test func namesAreFoundWhateverTheirSpelling() throws {
        for name in [
            "deepseek-r1", "DeepSeek_R1", "qwen3", "nano-v3", "granite", "mistral", "nemotron", "glm45", "kimi",
            "gpt-oss", "openai_gptoss", "nemotron_v3", "deepseek_v3", "glm47", "kimi_k2", "olmo3", "qwen3-thinking",
            "cohere_command3", "seed_oss", "gemma4",
        ] {
            #expect(ReasoningFormat.named(name) != nil, "\(name)")
        }
        for name in [
            "hermes", "qwen3", "qwen3_coder", "llama3_json", "llama4_pythonic", "pythonic", "mistral", "deepseek_v3",
            "deepseek_v31", "deepseek_v32", "kimi_k2", "glm4", "glm45", "granite", "command-r", "phi4",
            "functiongemma", "gpt-oss", "openai", "qwen25", "deepseekv3.1", "deepseek_v4", "glm47", "glm4_0414",
            "olmo3",
            "granite4", "cohere_command3", "phi4_mini_json", "qwen3_xml", "llama4_json", "step3p5", "seed_oss",
            "gemma4",
        ] {
            #expect(ToolCallFormat.named(name) != nil, "\(name)")
        }
        #expect(throws: OutputFormat.Failure.self) {
            try OutputFormat(toolParser: "nonsense", tokens: ControlTokens([]))
        }
        #expect(throws: OutputFormat.Failure.self) {
            try OutputFormat(reasoningParser: "nonsense", tokens: ControlTokens([]))
        }
    }
}

/// A small generator with a seed.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        // SplitMix64.
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
