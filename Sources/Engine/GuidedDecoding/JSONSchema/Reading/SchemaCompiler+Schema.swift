internal import OrderedJSON

extension SchemaCompiler {
    /// The shape of the schema at a node: of its keywords together.
    mutating func shape(ofSchema node: Int) throws(GrammarError) -> Shape {
        guard let schema = document.value(of: node).objectValue else { return .any }
        var shape = try shapeOfAssertions(schema, at: node)
        for keyword in ["$ref", "$recursiveRef", "$dynamicRef"] {
            guard let reference = schema[keyword] else { continue }
            let target = try target(of: reference, keyword: keyword, at: node)
            shape = try meet(shape, self.shape(of: term(forSchema: target)))
        }
        if schema["allOf"] != nil {
            for part in try terms(ofList: "allOf", at: node) { shape = try meet(shape, self.shape(of: part)) }
        }
        if schema["anyOf"] != nil {
            var union = Shape.none
            for part in try terms(ofList: "anyOf", at: node) { union = try self.union(union, self.shape(of: part)) }
            shape = try meet(shape, union)
        }
        if schema["oneOf"] != nil {
            let alternatives = try terms(ofList: "oneOf", at: node)
            shape = try exactlyOne(of: alternatives, within: shape)
        }
        if schema["not"] != nil {
            shape = try subtract(self.shape(of: term(of: "not", at: node)), from: shape)
        }
        if schema["if"] != nil, schema["then"] != nil || schema["else"] != nil {
            shape = try meet(shape, conditional(at: node))
        }
        return shape
    }

    /// What the keywords other than those that combine schemas say.
    private mutating func shapeOfAssertions(_ schema: JSONObject, at node: Int) throws(GrammarError) -> Shape {
        try refuseUnevaluated(schema, at: node)
        var shape = try typeShape(schema, at: node)
        if schema["enum"] != nil || schema["const"] != nil {
            if let values = schema["enum"] {
                guard let values = values.arrayValue else { throw unsupported("enum", "isn't an array", at: node) }
                shape = try meet(shape, self.shape(ofLiterals: values))
            }
            if let value = schema["const"] { shape = try meet(shape, self.shape(ofLiterals: [value])) }
        }
        if !shape.numbers.isEmpty, let clause = try numberClause(schema, at: node) {
            shape.numbers = shape.numbers.compactMap { $0.meet(clause) }
        }
        if !shape.strings.isEmpty {
            var limit = Shape.any
            limit.strings = try [stringClause(schema, at: node)].compactMap(\.pruned)
            shape = try meet(shape, limit)
        }
        if !shape.arrays.isEmpty {
            var limit = Shape.any
            limit.arrays = try [arrayClause(schema, at: node)].compactMap(\.pruned)
            shape = try meet(shape, limit)
        }
        if !shape.objects.isEmpty { shape = try meet(shape, objectShape(schema, at: node)) }
        return shape
    }

    private mutating func conditional(at node: Int) throws(GrammarError) -> Shape {
        let condition = try term(of: "if", at: node)
        let met = try terms.all([condition, term(of: "then", at: node)])
        let unmet = try terms.all([terms.not(condition), term(of: "else", at: node)])
        return try union(shape(of: met), shape(of: unmet))
    }

    /// The values of the types in `type`.
    private func typeShape(_ schema: JSONObject, at node: Int) throws(GrammarError) -> Shape {
        guard let type = schema["type"] else { return .any }
        var shape = Shape.none
        for name in type.arrayValue ?? [type] {
            switch name.stringValue {
            case "null": shape.hasNull = true
            case "boolean": (shape.hasFalse, shape.hasTrue) = (true, true)
            case "integer": if shape.numbers.isEmpty { shape.numbers = [NumberClause(fraction: .absent)] }
            case "number": shape.numbers = [NumberClause()]
            case "string": shape.strings = [StringClause()]
            case "array": shape.arrays = [ArrayClause()]
            case "object": shape.objects = [ObjectClause()]
            case "any" where document.dialect == .draft4: return .any
            default: throw unsupported("type", "isn't one of JSON Schema's types or a list of them", at: node)
            }
        }
        return shape
    }

    /// Throws where a schema speaks of what others beside it leave unevaluated.
    ///
    /// Without such others the keywords say the same as `additionalProperties` and `items`, and are read there.
    private func refuseUnevaluated(_ schema: JSONObject, at node: Int) throws(GrammarError) {
        for keyword in ["unevaluatedProperties", "unevaluatedItems"] {
            guard let value = schema[keyword], value != .bool(true), value != .object([:]) else { continue }
            if schema.keys.contains(where: SchemaKeywords.evaluating.contains) {
                throw unsupported(keyword, "beside keywords that bring in other schemas isn't supported", at: node)
            }
        }
    }

    /// A count in a keyword: a whole number from 0 on.
    func count(_ keyword: String, _ schema: JSONObject, at node: Int) throws(GrammarError) -> Int? {
        guard let value = schema[keyword] else { return nil }
        guard let number = value.doubleValue, number >= 0, number.rounded() == number else {
            throw unsupported(keyword, "isn't a whole number from 0 on", at: node)
        }
        return Int(min(number, 1e15))
    }
}
