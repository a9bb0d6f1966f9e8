internal import OrderedJSON

extension SchemaCompiler {
    /// What a schema's keywords say of objects; other types are left free.
    mutating func objectShape(_ schema: JSONObject, at node: Int) throws(GrammarError) -> Shape {
        var clause = ObjectClause()
        clause.minimum = try count("minProperties", schema, at: node) ?? 0
        clause.maximum = try count("maxProperties", schema, at: node)
        try readOpenClasses(schema, at: node, into: &clause)
        let properties = try terms(ofMap: "properties", at: node)
        for (name, term) in properties {
            let number = names.number(of: name)
            let value =
                try schema["patternProperties"] == nil ? term : terms.all([term, patternTerm(number, at: node)])
            clause.set(ObjectClause.Named(name: number, value: value, isRequired: false))
        }
        try readRequired(schema, at: node, into: &clause)
        if schema["propertyNames"] != nil { try restrictNames(of: &clause, at: node) }
        var shape = Shape.any
        shape.objects = clause.isEmpty ? [] : [clause]
        return try readDependencies(schema, at: node, into: shape)
    }

    /// What the patterns that match a name say of the member's value.
    private mutating func patternTerm(_ name: Int, at node: Int) throws(GrammarError) -> Term {
        var matching: [Term] = []
        for (text, term) in try terms(ofMap: "patternProperties", at: node) {
            let names = try pattern(text, keyword: "patternProperties", at: node)
            if try contains(names, self.names.word(name)) { matching.append(term) }
        }
        return try terms.all(matching)
    }

    /// Patterns, and what remains for additional members: a partition of all names.
    private mutating func readOpenClasses(
        _ schema: JSONObject,
        at node: Int,
        into clause: inout ObjectClause
    ) throws(GrammarError) {
        var classes: [(names: StringClause, values: [Term])] = [(StringClause(), [])]
        for (text, term) in try terms(ofMap: "patternProperties", at: node) {
            let matching = try pattern(text, keyword: "patternProperties", at: node)
            let others = try complement(matching)
            var next: [(names: StringClause, values: [Term])] = []
            for (names, values) in classes {
                if let both = try meet(names, matching), try !isEmpty(both) { next.append((both, values + [term])) }
                for other in others {
                    if let rest = try meet(names, other), try !isEmpty(rest) { next.append((rest, values)) }
                }
            }
            classes = next
            guard classes.count <= 64 else {
                throw unsupported("patternProperties", "has patterns that overlap in more than 64 ways", at: node)
            }
        }
        let isNamed = schema["additionalProperties"] != nil
        let additional = try term(of: isNamed ? "additionalProperties" : "unevaluatedProperties", at: node)
        clause.open = []
        for (names, values) in classes {
            let value = values.isEmpty ? additional : try terms.all(values)
            clause.open.append(ObjectClause.Open(names: names, value: value))
        }
    }

    private mutating func readRequired(
        _ schema: JSONObject,
        at node: Int,
        into clause: inout ObjectClause
    ) throws(GrammarError) {
        guard let required = schema["required"] else { return }
        guard let list = required.arrayValue else {
            // Draft 3 marked the member itself.
            if required.boolValue != nil { return }
            throw unsupported("required", "isn't an array of names", at: node)
        }
        try builder.poll(8 * list.count)
        for name in list {
            guard let text = name.stringValue else {
                throw unsupported("required", "isn't an array of names", at: node)
            }
            var member = try self.member(names.number(of: text), of: clause)
            member.isRequired = true
            clause.set(member)
        }
    }

    /// Takes out the members whose names `propertyNames` refuses.
    private mutating func restrictNames(of clause: inout ObjectClause, at node: Int) throws(GrammarError) {
        let allowed = try shape(of: term(of: "propertyNames", at: node)).strings
        for member in clause.named {
            var isAllowed = false
            for names in allowed where try contains(names, self.names.word(member.name)) { isAllowed = true }
            guard !isAllowed else { continue }
            clause.set(ObjectClause.Named(name: member.name, value: .none, isRequired: member.isRequired))
        }
        var open: [ObjectClause.Open] = []
        for members in clause.open {
            var refused = [members.names]
            for names in allowed { refused = try subtract(names, from: refused) }
            open += refused.map { ObjectClause.Open(names: $0, value: .none) }
            for names in allowed {
                guard let both = try meet(names, members.names) else { continue }
                if case .words(let words) = both.language {
                    for word in words.sorted() where clause.named(self.names.number(of: word.text)) == nil {
                        let name = self.names.number(of: word.text)
                        clause.set(ObjectClause.Named(name: name, value: members.value, isRequired: false))
                    }
                } else {
                    open.append(ObjectClause.Open(names: both, value: members.value))
                }
            }
        }
        clause.open = open
    }

    /// `dependentRequired`, `dependentSchemas` and the older `dependencies` for both.
    private mutating func readDependencies(
        _ schema: JSONObject,
        at node: Int,
        into shape: Shape
    ) throws(GrammarError) -> Shape {
        var result = shape
        var dependencies: [ObjectClause.Dependency] = []
        for keyword in ["dependentRequired", "dependencies", "dependentSchemas"] {
            guard let map = document.child(of: node, .member(keyword)) else { continue }
            guard let object = document.value(of: map).objectValue else {
                throw unsupported(keyword, "isn't an object", at: node)
            }
            for (name, value) in object {
                if let list = value.arrayValue ?? value.stringValue.map({ [.string($0)] }) {
                    dependencies.append(try dependency(of: name, on: list, keyword: keyword, at: node))
                } else if let child = document.child(of: map, .member(name)) {
                    result = try meet(result, dependency(of: name, on: term(forSchema: child)))
                }
            }
        }
        guard !dependencies.isEmpty else { return result }
        var limit = Shape.any
        limit.objects[0].dependencies = dependencies
        return try meet(result, limit)
    }

    private mutating func dependency(
        of name: String,
        on list: [JSONValue],
        keyword: String,
        at node: Int
    ) throws(GrammarError) -> ObjectClause.Dependency {
        try builder.poll(4 + 2 * list.count)
        var requires: [Int] = []
        for other in list {
            guard let text = other.stringValue else { throw unsupported(keyword, "isn't a list of names", at: node) }
            requires.append(names.number(of: text))
        }
        return ObjectClause.Dependency(name: names.number(of: name), requires: requires)
    }

    private mutating func dependency(of name: String, on term: Term) throws(GrammarError) -> Shape {
        let number = names.number(of: name)
        var absent = Shape.any
        absent.objects[0].set(ObjectClause.Named(name: number, value: .none, isRequired: false))
        var present = Shape.none
        var with = ObjectClause()
        with.set(ObjectClause.Named(name: number, value: .any, isRequired: true))
        present.objects = [with]
        return try union(absent, meet(present, shape(of: term)))
    }
}
