internal import OrderedJSON

extension SchemaCompiler {
    /// What a schema's keywords say of numbers; `nil` for nothing.
    func numberClause(_ schema: JSONObject, at node: Int) throws(GrammarError) -> NumberClause? {
        var clause = NumberClause()
        let minimum = try decimal("minimum", schema, at: node)
        let maximum = try decimal("maximum", schema, at: node)
        // Draft 4 has booleans here, that sharpen the other keyword.
        let isMinimumExclusive = schema["exclusiveMinimum"]?.boolValue ?? false
        let isMaximumExclusive = schema["exclusiveMaximum"]?.boolValue ?? false
        var clauses = [NumberClause()]
        if let minimum {
            clauses.append(NumberClause(lower: NumberClause.Bound(value: minimum, isExclusive: isMinimumExclusive)))
        }
        if let maximum {
            clauses.append(NumberClause(upper: NumberClause.Bound(value: maximum, isExclusive: isMaximumExclusive)))
        }
        if schema["exclusiveMinimum"]?.boolValue == nil, let bound = try decimal("exclusiveMinimum", schema, at: node) {
            clauses.append(NumberClause(lower: NumberClause.Bound(value: bound, isExclusive: true)))
        }
        if schema["exclusiveMaximum"]?.boolValue == nil, let bound = try decimal("exclusiveMaximum", schema, at: node) {
            clauses.append(NumberClause(upper: NumberClause.Bound(value: bound, isExclusive: true)))
        }
        if let divisor = try decimal("multipleOf", schema, at: node) {
            guard divisor > .zero else { throw unsupported("multipleOf", "isn't above 0", at: node) }
            clauses.append(NumberClause(divisors: [divisor]))
        }
        guard clauses.count > 1 else { return nil }
        for next in clauses {
            guard let both = clause.meet(next) else {
                // No number is both above and below: a range that nothing meets.
                let zero = NumberClause.Bound(value: .zero, isExclusive: true)
                return NumberClause(lower: zero, upper: zero)
            }
            clause = both
        }
        return clause
    }

    private func decimal(_ keyword: String, _ schema: JSONObject, at node: Int) throws(GrammarError) -> Decimal? {
        guard let value = schema[keyword] else { return nil }
        guard let decimal = Decimal(value) else { throw unsupported(keyword, "isn't a number", at: node) }
        return decimal
    }
}
