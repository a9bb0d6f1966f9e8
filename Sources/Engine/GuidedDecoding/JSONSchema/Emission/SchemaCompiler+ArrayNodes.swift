internal import OrderedJSON

extension SchemaCompiler {
    /// Most values of an element that unique arrays may be made of.
    static let uniqueLimit = 500

    /// The node of a clause's arrays.
    mutating func node(of clause: ArrayClause) throws(GrammarError) -> GrammarNode {
        if clause.isUnique, clause.maximum.map({ $0 > 1 }) ?? true { return try uniqueNode(of: clause) }
        let layout = try layout()
        let elements = try clause.contained.isEmpty ? elements(of: clause) : countedElements(of: clause)
        return try builder.sequence([
            builder.terminal(layout.openBracket), elements, builder.terminal(layout.closeBracket),
        ])
    }

    /// Elements and the commas between them.
    private mutating func elements(of clause: ArrayClause) throws(GrammarError) -> GrammarNode {
        let comma = try layout().comma
        let count = clause.prefix.count
        if count == 0 {
            if clause.rest == .none || clause.maximum == 0 { return try builder.sequence([]) }
            return try builder.list(of: node(of: clause.rest), separator: comma, clause.minimum, clause.maximum)
        }
        var tail = try builder.sequence([])
        if clause.rest != .none, clause.maximum.map({ $0 > count }) ?? true {
            let next = try builder.sequence([builder.terminal(comma), node(of: clause.rest)])
            let most = clause.maximum.map { $0 - count }
            tail = try builder.repetition(next, max(0, clause.minimum - count), most)
        }
        for index in (0..<count).reversed() {
            var parts = index == 0 ? [] : [try builder.terminal(comma)]
            parts.append(try node(of: clause.prefix[index]))
            parts.append(tail)
            tail = try builder.sequence(parts)
            if clause.minimum <= index { tail = try builder.choice([builder.sequence([]), tail]) }
        }
        return tail
    }

    /// The node of arrays without equal elements, where the elements' values can be counted out.
    private mutating func uniqueNode(of clause: ArrayClause) throws(GrammarError) -> GrammarNode {
        guard clause.prefix.isEmpty, clause.contained.isEmpty, let words = try words(of: clause.rest) else {
            throw unsupported(
                "uniqueItems",
                "is kept only where elements come from a list of strings, booleans or null"
            )
        }
        let layout = try layout()
        let nothing = try builder.sequence([])
        var set = MemberSet(open: layout.openBracket, separator: layout.comma, close: layout.closeBracket)
        set.named = words.map { MemberSet.Named(name: $0, value: nothing) }
        set.minimum = clause.minimum
        set.maximum = clause.maximum
        return try builder.members(set)
    }

    /// The JSON texts of a term's values if they are few and none begins another; otherwise `nil`.
    private mutating func words(of term: Term) throws(GrammarError) -> [[UInt8]]? {
        let shape = try shape(of: term)
        guard shape.numbers.isEmpty, shape.arrays.isEmpty, shape.objects.isEmpty else { return nil }
        var result: [[UInt8]] = []
        if shape.hasNull { result.append(Array("null".utf8)) }
        if shape.hasFalse { result.append(Array("false".utf8)) }
        if shape.hasTrue { result.append(Array("true".utf8)) }
        for clause in shape.strings {
            guard case .words(let words) = clause.language else { return nil }
            result += words.sorted().map(Self.quotedSpelling)
        }
        return result.count <= Self.uniqueLimit ? result : nil
    }
}
