import ChatTemplates
import Foundation
import OrderedJSON
import Testing

/// Templates whose meaning was asked of Jinja itself; see `Tests/Fixtures/chat-templates/make.py`.
@Suite struct ReferenceTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let source: String
        let variables: JSONObject
        let kind: String
        let result: String?

        var testDescription: String { source }
    }

    static let cases: [Case] = {
        let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Fixtures/chat-templates/cases.json")
        guard let data = try? Data(contentsOf: path), let json = try? JSONParser.parse(Array(data)) else { return [] }
        return (json["cases"]?.arrayValue ?? []).compactMap { entry in
            guard let fields = entry.arrayValue, fields.count == 4, let source = fields[0].stringValue,
                let kind = fields[2].stringValue
            else { return nil }
            let variables = fields[1].boolValue == true ? json["variables"]?.objectValue : [:]
            return Case(source: source, variables: variables ?? [:], kind: kind, result: fields[3].stringValue)
        }
    }()

    @Test func thereAreHundredsOfCases() { #expect(Self.cases.count > 900) }

    @Test(arguments: cases)
    func meansWhatItMeansToJinja(reference: Case) throws {
        let now = LocalTime(secondsSinceEpoch: 1_753_536_896, microsecond: 123)
        do {
            let text = try ChatTemplate(source: reference.source).render(reference.variables, now: now)
            #expect(reference.kind == "out")
            // As bytes: equal strings may differ in theirs.
            #expect(reference.result.map { Array($0.utf8) } == Array(text.utf8), "\(text)")
        } catch {
            // Jinja's own bound on ranges is an error of any other kind to it.
            let kind = error.kind == .limit ? "runtime" : error.kind.rawValue
            #expect(kind == reference.kind, "\(error)")
            if let message = reference.result { #expect(error.message == message) }
        }
    }
}
