/// The beginning of a text, for messages that shouldn't repeat all that was given.
package struct Excerpt: Sendable, Hashable, CustomStringConvertible {
    /// Most characters that are shown.
    package static let limit = 64

    package var description: String

    /// The first characters of a text, with three dots where there are more.
    package init(_ text: String) {
        let beginning = text.unicodeScalars.prefix(Self.limit)
        let isAll = beginning.endIndex == text.unicodeScalars.endIndex
        description = String(String.UnicodeScalarView(beginning)) + (isAll ? "" : "...")
    }
}
