import Generation
import Testing

/// Calls that only their form tells from a text: what has another form isn't held back, and an answer that obeys a
/// grammar is none.
@Suite struct UntaggedCallTests {
    @Test(arguments: FormatSample.untagged.filter { $0.calls.isEmpty })
    func whatIsNoCallComesAtOnce(sample: FormatSample) throws {
        var parser = try sample.parser()
        var (given, most) = (0, 0)
        let stream = sample.stream
        for (index, byte) in stream.enumerated() {
            given += ParsedOutput(parser.append([byte])).content.utf8.count
            most = max(most, index + 1 - given)
        }
        // What may still begin a call with the longest name of a function, and no more.
        #expect(most <= #"```json{"type": "function", "name": "get_weather", "arguments": "#.utf8.count)
        _ = parser.finish()
    }

    @Test func anAnswerUnderAGrammarIsNoCall() throws {
        let answer = #"{"name": "now", "arguments": {}}"#
        let format = try OutputFormat(toolParser: "hermes", tokens: ControlTokens([]))
        for obeysGrammar in [true, false] {
            var situation = OutputSituation(tools: FormatSample.tools)
            situation.obeysGrammar = obeysGrammar
            var parser = try #require(format.makeParser(situation))
            let parsed = ParsedOutput(parser.append(answer.utf8) + parser.finish())
            #expect(parsed.content == (obeysGrammar ? answer : ""))
            #expect(parsed.calls.count == (obeysGrammar ? 0 : 1))
        }
    }
}
