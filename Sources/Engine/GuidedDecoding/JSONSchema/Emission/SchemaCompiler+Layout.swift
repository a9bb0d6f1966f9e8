extension SchemaCompiler {
    /// Most spaces, and twice as many tabs as are likely, that indent a line.
    private static let indentationLimit = 64

    /// The expressions around values.
    ///
    /// A comma or a colon may be followed by one space; between all tokens of arrays and objects a line may begin. No
    /// more is allowed, so that an output never ends in endless space.
    mutating func layout() throws(GrammarError) -> Emission.Layout {
        if let known = emission.layout { return known }
        let space = try builder.literal(" ")
        var line = Expression.nothing
        if options.allowsIndentation {
            let spaces = try builder.repetition(space, 0, Self.indentationLimit)
            let tabs = try builder.repetition(builder.literal("\t"), 1, Self.indentationLimit / 4)
            line = try builder.concatenation([builder.literal("\n"), builder.union([spaces, tabs])])
        }
        let inside = try builder.union([.empty, line])
        let behind = try builder.union([.empty, space, line])
        let made = Emission.Layout(
            colon: try builder.concatenation([builder.literal(":"), builder.optional(space)]),
            comma: try builder.concatenation([builder.literal(","), behind]),
            openBrace: try builder.concatenation([builder.literal("{"), inside]),
            closeBrace: try builder.concatenation([inside, builder.literal("}")]),
            openBracket: try builder.concatenation([builder.literal("["), inside]),
            closeBracket: try builder.concatenation([inside, builder.literal("]")])
        )
        emission.layout = made
        return made
    }
}
