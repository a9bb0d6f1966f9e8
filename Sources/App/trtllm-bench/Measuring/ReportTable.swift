internal import Foundation

/// Figures for people: a name and some numbers per line, in columns.
package struct ReportTable: Sendable {
    private static let nameWidth = 26
    private static let columnWidth = 14

    /// The lines so far.
    package private(set) var text: String

    /// A table with a first line.
    package init(title: String) { text = title }

    /// Adds a line of numbers; `-` stands for one that couldn't be measured.
    package mutating func append(_ name: String, _ values: [Double?]) {
        append(name, texts: values.map { value in value.map { Self.format($0) } ?? "-" })
    }

    /// Adds a line of whole numbers.
    package mutating func append(_ name: String, _ value: Int) { append(name, texts: [String(value)]) }

    /// Adds a line that names the columns below it.
    package mutating func append(heads: [String]) { append("", texts: heads) }

    /// Adds a line of texts in columns.
    package mutating func append(_ name: String, texts: [String]) {
        text += "\n" + name + Self.spaces(Self.nameWidth - name.count)
        for column in texts { text += Self.spaces(Self.columnWidth - column.count) + column }
    }

    private static func format(_ value: Double) -> String { value.isFinite ? String(format: "%.2f", value) : "-" }

    private static func spaces(_ count: Int) -> String { String(repeating: " ", count: max(1, count)) }
}
