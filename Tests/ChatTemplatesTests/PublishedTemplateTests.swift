import ChatTemplates
import Foundation
import OrderedJSON
import Testing

/// Templates of published models, and what `transformers` makes of them; see `Tests/Fixtures/chat-templates/published.py`.
///
/// `TRTLLM_SERVE_CHAT_TEMPLATES` names another folder of `.jinja` files with an `outcomes.json` that it wrote.
@Suite struct PublishedTemplateTests {
    struct Published: Sendable, CustomTestStringConvertible {
        let name: String
        let outcomes: [JSONValue]

        var testDescription: String { name }
    }

    struct Recorded: Sendable {
        var conversations: [(name: String, variables: JSONObject)] = []
        var templates: [Published] = []
    }

    static let folder: URL = {
        let other = ProcessInfo.processInfo.environment["TRTLLM_SERVE_CHAT_TEMPLATES"]
        return other.map { URL(filePath: $0) }
            ?? URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Fixtures/chat-templates/published")
    }()

    static let recorded: Recorded = {
        var recorded = Recorded()
        guard let data = try? Data(contentsOf: folder.appending(path: "outcomes.json")),
            let json = try? JSONParser.parse(Array(data))
        else { return recorded }
        for (name, variables) in json["conversations"]?.objectValue ?? [:] {
            recorded.conversations.append((name, variables.objectValue ?? [:]))
        }
        for (name, outcomes) in json["templates"]?.objectValue ?? [:] {
            recorded.templates.append(Published(name: name, outcomes: outcomes.arrayValue ?? []))
        }
        return recorded
    }()

    @Test func thereAreMoreThanAHundredTemplates() throws {
        #expect(Self.recorded.templates.count >= 100)
        #expect(Self.recorded.conversations.count >= 20)
        let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
        #expect(files.filter { $0.hasSuffix(".jinja") }.count == Self.recorded.templates.count)
    }

    @Test(arguments: recorded.templates)
    func rendersEveryConversationAsTransformersDoes(published: Published) throws {
        let source = try String(contentsOf: Self.folder.appending(path: "\(published.name).jinja"), encoding: .utf8)
        #expect(published.outcomes.count == Self.recorded.conversations.count)
        for (conversation, expected) in zip(Self.recorded.conversations, published.outcomes) {
            let outcome = Self.outcome(source, conversation.variables)
            #expect(outcome.recorded == expected, "\(published.name), \(conversation.name): \(outcome.text)")
        }
    }

    /// What comes of a conversation, as it is recorded, and the text or the error.
    private static func outcome(_ source: String, _ conversation: JSONObject) -> (recorded: JSONValue, text: String) {
        var variables: JSONObject = [
            "bos_token": "<s>", "eos_token": "</s>", "add_generation_prompt": true, "tools": nil, "documents": nil,
        ]
        for (name, value) in conversation { variables[name] = value }
        let now = LocalTime(secondsSinceEpoch: 1_753_536_896, microsecond: 123)
        do {
            let messages = try TemplateMessages.prepared(conversation["messages"]?.arrayValue ?? [])
            variables["messages"] = .array(messages)
            let text = try ChatTemplate(source: source).render(variables, now: now)
            return ([.integer(text.utf8.count), .string(hash(text))], text)
        } catch {
            // Endless recursion is an error like others to Python.
            let kind = JSONValue.string(error.kind == .limit ? "runtime" : error.kind.rawValue)
            return (error.kind == .raised ? [kind, .string(error.message)] : [kind], "\(error)")
        }
    }

    /// FNV-1a of the text's UTF-8.
    private static func hash(_ text: String) -> String {
        let value = text.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}
