import Foundation
import OpenAIProtocol
import OrderedJSON
import Server
import Testing

/// `docs/endpoints.md` is what the table of endpoints and the decoders of requests say.
///
/// With `TRTLLM_SERVE_WRITE_DOCUMENTS=1` it is written instead.
@Suite struct DocumentedEndpointsTests {
    private static let file = URL(filePath: #filePath).appending(path: "../../../docs/endpoints.md").standardized

    private static func document() throws -> String {
        var lines = [
            "# Endpoints and their fields", "",
            "Made from the table of endpoints and from what the decoders of requests read, by",
            "`TRTLLM_SERVE_WRITE_DOCUMENTS=1 make unit-test`; what it means is in [api.md](api.md).", "",
            "| method | path | what it is for |", "|---|---|---|",
        ]
        for endpoint in Endpoint.all {
            lines.append("| \(endpoint.method.rawValue) | `\(endpoint.path.text)` | \(endpoint.summary) |")
        }
        for endpoint in Endpoint.all {
            let fields = try endpoint.request?.fields() ?? endpoint.query
            guard !fields.isEmpty else { continue }
            let place = endpoint.request == nil ? "of the query" : "field"
            lines += ["", "## \(endpoint.method.rawValue) \(endpoint.path.text)", ""]
            lines += ["| \(place) | what it holds | default |", "|---|---|---|"]
            lines += rows(fields, path: "")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func rows(_ fields: [FieldDescription], path: String) -> [String] {
        fields.flatMap { field in
            let last = field.isRequired ? "required" : field.defaultValue.map { "`\($0.serializedText)`" } ?? ""
            let row = "| `\(path)\(field.name)` | \(words(field.kind)) | \(last) |"
            guard case .object(let inner) = field.kind else { return [row] }
            return [row] + rows(inner, path: "\(path)\(field.name).")
        }
    }

    private static func words(_ kind: FieldKind) -> String {
        switch kind {
        case .any: "anything"
        case .string: "text"
        case .boolean: "boolean"
        case .integer(let range): "integer" + bounds(range)
        case .number(let range) where range == .any: "number"
        case .number(.notNegative): "number, at least 0"
        case .number(.positive): "number above 0"
        case .number(let range): "number, \(range.excludesMinimum ? "above " : "")\(range.minimum) to \(range.maximum)"
        case .choice(let texts): texts.map { "`\($0)`" }.joined(separator: ", ")
        case .list(let kind): "list of: \(words(kind))"
        case .object, .map(.any): "object"
        case .map(let kind): "object, its values: \(words(kind))"
        case .either(let kinds): kinds.map { words($0) }.joined(separator: "; or ")
        }
    }

    private static func bounds(_ range: ClosedRange<Int>) -> String {
        switch (range.lowerBound, range.upperBound) {
        case (.min, .max): ""
        case (let low, .max): ", at least \(low)"
        case (0, Int(Int32.max)): ""
        case (let low, let high): ", \(low) to \(high)"
        }
    }

    @Test func theDocumentIsWhatTheServerDoes() throws {
        let expected = try Self.document()
        if ProcessInfo.processInfo.environment["TRTLLM_SERVE_WRITE_DOCUMENTS"] == "1" {
            try expected.write(to: Self.file, atomically: true, encoding: .utf8)
        }
        #expect(try String(contentsOf: Self.file, encoding: .utf8) == expected)
    }
}
