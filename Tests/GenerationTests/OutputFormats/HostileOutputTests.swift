import Generation
import Testing

/// Outputs made to cost much.
///
/// That they come to an end at all is the point: anything but linear time would take hours.
@Suite struct HostileOutputTests {
    private static let length = 1 << 20

    private static func repeated(_ text: String) -> [UInt8] {
        Array(repeatElement(Array(text.utf8), count: length / text.utf8.count).joined())
    }

    /// Feeds an output in parts, and returns how much of it came back as text.
    private static func run(_ sample: FormatSample, _ stream: [UInt8]) throws -> ParsedOutput {
        var parser = try sample.parser()
        var deltas: [GenerationDelta] = []
        for start in stride(from: 0, to: stream.count, by: 4096) {
            deltas += parser.append(stream[start..<min(start + 4096, stream.count)])
        }
        return ParsedOutput(deltas + parser.finish())
    }

    @Test(arguments: ToolCallFormat.all.map(\.names[0])) func aMebibyteOfOpenersIsText(parser: String) throws {
        let sample = FormatSample(name: parser, toolParser: parser, output: "")
        let format = try #require(ToolCallFormat.named(parser))
        for opener in format.openers(ControlTokens([])) {
            let marker = opener.marker.isEmpty ? Array(opener.firstBytes.prefix(1)) : opener.marker
            let stream = Self.repeated(String(decoding: marker, as: UTF8.self))
            let parsed = try Self.run(sample, stream)
            #expect(parsed.calls.isEmpty)
            #expect(parsed.content.utf8.count == stream.count)
        }
    }

    @Test(arguments: [
        ("hermes", #"<tool_call>{"a":""#, #"<tool_call>{\"a\":\""#), ("hermes", "<tool_call>", "[["),
        ("hermes", #"<tool_call>{"arguments":{"a":"#, "[[{"), ("qwen3_coder", "<tool_call>", "<function="),
        ("qwen3_coder", "<tool_call><function=now>", "<parameter=a>"), ("pythonic", "[now(a=", "[("),
        ("kimi_k2", "<|tool_calls_section_begin|>", "<|tool_call_begin|>"),
        ("functiongemma", "<start_function_call>", "call:"),
        ("glm45", "<tool_call>now<arg_key>a</arg_key><arg_value>", "<arg_value>"), ("gpt-oss", "", "<|start|>"),
        ("gpt-oss", "", "<|message|>"), ("llama3_json", "", "{\"a\":"), ("mistral", "[TOOL_CALLS]", "[ARGS]"),
        ("hermes", "", " \n"), ("hermes", "<tool_call>", " "),
    ]) func aMebibyteOfNestingIsLinear(parser: String, opener: String, part: String) throws {
        let sample = FormatSample(name: parser, toolParser: parser, reasoningParser: "qwen3", output: "")
        let stream = Array(opener.utf8) + Self.repeated(part)
        let parsed = try Self.run(sample, stream)
        #expect(parsed.calls.count <= 1)
    }

    @Test func argumentsOfAMebibyteAreGivenOut() throws {
        let sample = FormatSample(name: "", toolParser: "hermes", output: "")
        let text = String(repeating: "é", count: Self.length / 2)
        let stream = Array(#"<tool_call>{"name":"get_weather","arguments":{"city":"\#(text)"}}</tool_call>"#.utf8)
        let parsed = try Self.run(sample, stream)
        #expect(parsed.calls.first?.arguments.utf8.count == Self.length + #"{"city":""}"#.utf8.count)
    }
}
