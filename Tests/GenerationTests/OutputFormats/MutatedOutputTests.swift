import Generation
import Testing

/// Outputs that were damaged at random: what comes of them doesn't depend on where they were cut, and calls are whole.
@Suite struct MutatedOutputTests {
    @Test(arguments: ToolCallFormat.all.map(\.names[0])) func damagedOutputsComeToTheSameHoweverTheyAreCut(
        parser: String
    ) throws {
        let samples = (FormatSample.wellFormed + FormatSample.malformed).filter {
            $0.toolParser.flatMap(ToolCallFormat.named)?.names[0] == parser && $0.hasTools
        }
        try #require(!samples.isEmpty)
        var random = SeededGenerator(state: 41)
        for round in 0..<60 {
            let sample = samples[round % samples.count]
            let stream = Self.damaged(
                sample.stream,
                by: samples[Int.random(in: samples.indices, using: &random)],
                &random
            )
            let whole = try Self.result(sample, stream, cutAt: [])
            let count = stream.count
            for places in [
                Array(0..<count), (0..<4).map { _ in Int.random(in: 0...count, using: &random) }.sorted(),
                [Int.random(in: 0...count, using: &random)],
            ] {
                let parsed = try Self.result(sample, stream, cutAt: places)
                #expect(parsed == whole, "\(String(decoding: stream, as: UTF8.self)) cut at \(places)")
            }
            #expect(!whole.isMixedUp)
            #expect(whole.calls.allSatisfy { FormatSample.tools.contains($0.name) })
        }
    }

    private static let samples = FormatSample.wellFormed + FormatSample.malformed

    @Test(arguments: samples) func nothingOfAnOutputThatEndsAnywhereIsLost(sample: FormatSample) throws {
        let stream = sample.stream
        for count in 0...stream.count {
            let beginning = Array(stream[..<count])
            let parsed = try Self.result(sample, beginning, cutAt: [])
            #expect(!parsed.isMixedUp)
            if count % 5 == 0 { #expect(try Self.result(sample, beginning, cutAt: Array(0..<count)) == parsed) }
            // Without a call all of it is text; control tokens and heads of messages may be left out.
            guard parsed.calls.isEmpty, sample.controls.isEmpty, sample.reasoningParser == nil,
                sample.toolParser != "gpt-oss"
            else { continue }
            #expect(Self.trimmed(parsed.content) == Self.trimmed(String(decoding: beginning, as: UTF8.self)))
        }
    }

    @Test(arguments: samples.filter { $0.controls.isEmpty && $0.reasoningParser == nil && $0.toolParser != "gpt-oss" })
    func callsInThoughtsAreThoughts(sample: FormatSample) throws {
        var thinking = sample
        thinking.reasoningParser = "qwen3"
        let stream = Array("<think>\(sample.output)</think>".utf8)
        let thought = try Self.result(thinking, stream, cutAt: [])
        #expect(Self.trimmed(thought.reasoning) == Self.trimmed(sample.output))
        #expect(thought.calls.isEmpty && thought.content.isEmpty)
        let both = try Self.result(thinking, stream + sample.stream, cutAt: [stream.count / 2])
        let alone = try Self.result(sample, sample.stream, cutAt: [])
        #expect(both.reasoning == thought.reasoning && both.calls == alone.calls)
        #expect(Self.trimmed(both.content) == Self.trimmed(alone.content))
    }

    private static func trimmed(_ text: String) -> String {
        let isSpace: (UInt8) -> Bool = { $0 == 0x20 || (0x09...0x0D).contains($0) }
        let bytes = Array(text.utf8.drop(while: isSpace).reversed().drop(while: isSpace).reversed())
        return String(decoding: bytes, as: UTF8.self)
    }

    /// What comes of a stream, cut before the given places.
    private static func result(_ sample: FormatSample, _ stream: [UInt8], cutAt places: [Int]) throws -> ParsedOutput {
        var parser = try sample.parser()
        var deltas: [GenerationDelta] = []
        var start = 0
        for place in places + [stream.count] {
            deltas += parser.append(stream[start..<place])
            start = place
        }
        return ParsedOutput(deltas + parser.finish())
    }

    /// A stream with one or two parts of it left out, doubled, or replaced by parts of another sample's.
    private static func damaged(_ stream: [UInt8], by other: FormatSample, _ random: inout SeededGenerator) -> [UInt8] {
        var stream = stream
        for _ in 0..<Int.random(in: 1...2, using: &random) where !stream.isEmpty {
            let part = Self.part(of: stream.count, &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: stream.removeSubrange(part)
            case 1: stream.insert(contentsOf: stream[part], at: part.upperBound)
            case 2: stream[part.lowerBound] = UInt8.random(in: 0x20..<0x7F, using: &random)
            default:
                let others = other.stream
                stream.replaceSubrange(part, with: others[Self.part(of: others.count, &random)])
            }
        }
        return stream
    }

    /// A part of a stream of so many bytes, at least one of them.
    private static func part(of count: Int, _ random: inout SeededGenerator) -> Range<Int> {
        let start = Int.random(in: 0..<count, using: &random)
        return start..<min(count, start + Int.random(in: 1...12, using: &random))
    }
}
