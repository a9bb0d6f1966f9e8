/// What has been emitted of a grammar so far.
struct Emission {
    /// The nodes of terms.
    var nodes: [Term: GrammarNode] = [:]
    /// Terms whose nodes were declared and have yet to be defined.
    var waiting: [Term] = []
    /// A member's colon and value, by the value's term.
    var members: [Term: GrammarNode] = [:]
    /// The space that may stand between tokens; made at first use.
    var layout: Layout?

    /// Expressions around values.
    struct Layout {
        /// Behind a name.
        var colon: Expression
        /// Between members and elements.
        var comma: Expression
        /// Before members.
        var openBrace: Expression
        /// Behind members.
        var closeBrace: Expression
        /// Before elements.
        var openBracket: Expression
        /// Behind elements.
        var closeBracket: Expression
    }
}
