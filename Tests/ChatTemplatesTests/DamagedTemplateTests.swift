import ChatTemplates
import Foundation
import OrderedJSON
import Testing

/// Published templates with random damage end in a text or an error, within their limits.
///
/// `TRTLLM_SERVE_DAMAGED_FILES` says how many are tried.
@Suite struct DamagedTemplateTests {
    private static let count =
        ProcessInfo.processInfo.environment["TRTLLM_SERVE_DAMAGED_FILES"].flatMap { Int($0) } ?? 2000
    private static let limits = TemplateLimits(memoryBytes: 16 << 20, steps: 100_000, duration: .seconds(60))

    private static let pieces = [
        "{%", "%}", "{{", "}}", "{#", "(", ")", "[", "]", "'", "\"", " if ", " else ", "|", ".", ",", "-", "~", "*",
        "loop", "messages", "namespace", "{% endif %}", "{% endfor %}", "{% macro m() %}", "99999999999", "\u{FFFF}",
    ]

    private static func prepared(_ conversation: JSONObject) throws -> JSONObject {
        var variables = conversation
        variables["messages"] = .array(try TemplateMessages.prepared(conversation["messages"]?.arrayValue ?? []))
        return variables
    }

    @Test(.timeLimit(.minutes(60)))
    func damagedTemplatesEndInATextOrAnError() throws {
        let templates = try PublishedTemplateTests.recorded.templates.map { published in
            let file = PublishedTemplateTests.folder.appending(path: "\(published.name).jinja")
            return [UInt8](try Data(contentsOf: file))
        }
        let conversations = PublishedTemplateTests.recorded.conversations.map(\.variables)
        var random = Generator(state: 21)
        nonisolated(unsafe) var outcomes: [String: Int] = [:]
        for number in 0..<Self.count {
            let source = random.damaged(templates[number % templates.count], Self.pieces)
            let conversation = conversations[Int(random.next() % UInt64(conversations.count))]
            let variables = try Self.prepared(conversation)
            onSmallStack {
                do throws(TemplateError) {
                    let template = try ChatTemplate(source: source, limits: Self.limits)
                    let (text, cost) = template.measured(variables)
                    outcomes[(try? text.get()) == nil ? "error" : "text", default: 0] += 1
                    if cost.leftBytes != 0 { Issue.record("\(number) leaves \(cost.leftBytes) bytes") }
                } catch {
                    outcomes["refused", default: 0] += 1
                }
            }
        }
        #expect(outcomes.values.reduce(0, +) == Self.count)
        #expect(outcomes["refused", default: 0] > Self.count / 10, "\(outcomes)")
        #expect(outcomes["text", default: 0] > Self.count / 20, "\(outcomes)")
    }
}

/// Random damage that comes back (SplitMix64).
private struct Generator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    private mutating func below(_ count: Int) -> Int { Int(next() % UInt64(max(1, count))) }

    /// The source with one to three places changed, taken out, put in or moved.
    mutating func damaged(_ source: [UInt8], _ pieces: [String]) -> String {
        var bytes = source
        for _ in 0...below(3) {
            let start = below(bytes.count)
            let end = min(bytes.count, start + 1 + below(12))
            switch below(5) {
            case 0: bytes.removeSubrange(start..<end)
            case 1: bytes.insert(contentsOf: bytes[start..<end], at: below(bytes.count))
            case 2: bytes.removeSubrange(start...)
            case 3: bytes.replaceSubrange(start..<end, with: Array(pieces[below(pieces.count)].utf8))
            default: bytes.insert(contentsOf: Array(pieces[below(pieces.count)].utf8), at: start)
            }
            if bytes.isEmpty { break }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
