/// Why a chat template couldn't be compiled or rendered, and where in its source.
public struct TemplateError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What went wrong, by who has to act.
    public enum Kind: String, Sendable, Hashable {
        /// The source isn't a template: nothing was rendered.
        case syntax
        /// The template did something its variables don't allow.
        case runtime
        /// The template called `raise_exception`: the conversation isn't one it accepts.
        case raised
        /// The template wanted more than its `TemplateLimits`.
        case limit
        /// Nobody waits for the text any more.
        case cancelled
    }

    /// What went wrong, at most `longestMessage` bytes; for `raised` the template's own words.
    public let message: String
    /// Line of the template, from 1.
    public let line: Int
    /// Column in code points, from 1; known for syntax errors.
    public let column: Int?
    /// What went wrong, by who has to act.
    public let kind: Kind

    /// Longest message, in UTF-8 bytes: templates and their variables may be anything.
    public static let longestMessage = 400

    /// An error with these values.
    public init(_ kind: Kind, _ message: String, line: Int, column: Int? = nil) {
        self.kind = kind
        self.message = message.excerpt(Self.longestMessage)
        self.line = line
        self.column = column
    }

    /// The message and the place, for a log line.
    public var description: String {
        if let column {
            "\(message) (chat template line \(line), column \(column))"
        } else {
            "\(message) (chat template line \(line))"
        }
    }
}

extension String {
    /// The text, or its beginning and an ellipsis when it is longer than that many bytes.
    func excerpt(_ bytes: Int = 64) -> String {
        guard utf8.count > bytes else { return self }
        let kept = utf8.prefix(max(0, bytes - 3))
        // A code point that the cut goes through is left out.
        let whole = kept.lastIndex { $0 & 0xC0 != 0x80 }.map { start in
            kept[start] < 0x80 ? kept[...] : kept[..<start]
        }
        return String(decoding: whole ?? kept, as: UTF8.self) + "…"
    }
}
