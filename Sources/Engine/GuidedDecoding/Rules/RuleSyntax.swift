package import OrderedJSON

/// What stands behind a rule's name in a grammar's text, in any dialect.
package indirect enum RuleSyntax: Sendable, Hashable {
    /// Exactly these bytes.
    case literal([UInt8])
    /// One character of a set.
    case characters(ScalarSet)
    /// A regular expression that matches as a whole.
    case regex(RegexSyntax)
    /// Another rule.
    case name(String)
    /// A special token, by its name.
    case special(String)
    /// A value that a JSON schema describes.
    case schema(JSONValue)
    /// Parts one behind the other.
    case sequence([RuleSyntax])
    /// One of several.
    case alternation([RuleSyntax])
    /// A part `minimum` to `maximum` (nil: any number of) times.
    case repetition(RuleSyntax, minimum: Int, maximum: Int?)
    /// Texts that all parts match.
    case intersection([RuleSyntax])
    /// All texts that a part doesn't match.
    case complement(RuleSyntax)
    /// The words of a part that don't begin with another of its words.
    case shortest(RuleSyntax)
}

/// A grammar as text says it.
package struct RuleGrammar: Sendable, Hashable {
    /// The rules by their names.
    package var rules: [String: RuleSyntax] = [:]
    /// The rule that an output matches.
    package var root: String
    /// The rules that are read as one word each, with nothing ignored inside.
    package var terminals: Set<String> = []
    /// What may stand between words.
    package var ignored: [RuleSyntax] = []

    /// A grammar without rules.
    package init(root: String) { self.root = root }
}

/// In which language a grammar is written.
public enum GrammarDialect: Sendable, Hashable, CaseIterable {
    /// llama.cpp's GBNF and XGrammar's EBNF, which differ in so little that both are read alike: `root ::= …`.
    case ebnf
    /// Lark's, with llguidance's additions: `start: …`.
    case lark

    /// The dialect that a text is written in: `::=` occurs only in EBNF.
    public init(of text: String) { self = text.contains("::=") ? .ebnf : .lark }
}
