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
    }

    /// What went wrong; for `raised` exactly the template's own words.
    public let message: String
    /// Line of the template, from 1.
    public let line: Int
    /// Column in code points, from 1; known for syntax errors.
    public let column: Int?
    /// What went wrong, by who has to act.
    public let kind: Kind

    /// An error with these values.
    public init(_ kind: Kind, _ message: String, line: Int, column: Int? = nil) {
        self.kind = kind
        self.message = message
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
