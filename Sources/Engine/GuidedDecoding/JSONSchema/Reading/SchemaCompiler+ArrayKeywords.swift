internal import OrderedJSON

extension SchemaCompiler {
    /// What a schema's keywords say of arrays.
    mutating func arrayClause(_ schema: JSONObject, at node: Int) throws(GrammarError) -> ArrayClause {
        var clause = ArrayClause()
        clause.minimum = try count("minItems", schema, at: node) ?? 0
        clause.maximum = try count("maxItems", schema, at: node)
        if schema["prefixItems"] != nil {
            clause.prefix = try terms(ofList: "prefixItems", at: node)
            clause.rest = try term(of: schema["items"] != nil ? "items" : "unevaluatedItems", at: node)
        } else if schema["items"]?.arrayValue != nil {
            clause.prefix = try terms(ofList: "items", at: node)
            clause.rest = try term(
                of: schema["additionalItems"] != nil ? "additionalItems" : "unevaluatedItems",
                at: node
            )
        } else {
            clause.rest = try term(of: schema["items"] != nil ? "items" : "unevaluatedItems", at: node)
        }
        if schema["contains"] != nil {
            let minimum = try count("minContains", schema, at: node) ?? 1
            let maximum = try count("maxContains", schema, at: node)
            let term = try term(of: "contains", at: node)
            if minimum > 0 || maximum != nil {
                clause.contained = [ArrayClause.Contained(term: term, minimum: minimum, maximum: maximum)]
                clause.minimum = max(clause.minimum, minimum)
            }
        }
        if let unique = schema["uniqueItems"] {
            guard let flag = unique.boolValue else { throw unsupported("uniqueItems", "isn't a boolean", at: node) }
            clause.isUnique = flag
        }
        return clause
    }
}
