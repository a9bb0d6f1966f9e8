internal import OrderedJSON

extension SchemaCompiler {
    /// What a term is, by JSON type.
    mutating func shape(of term: Term) throws(GrammarError) -> Shape {
        if let known = shapes[term] {
            guard let shape = known else {
                throw unsupported("$ref", "leads back to the same schema for the same value")
            }
            return shape
        }
        try builder.poll(20)
        guard depth < Self.depthLimit else {
            throw GrammarError(.limit, "more than \(Self.depthLimit) schemas apply to the same value")
        }
        shapes[term] = .some(nil)
        depth += 1
        let outer = reading
        defer {
            depth -= 1
            reading = outer
        }
        do {
            let shape = try makeShape(of: term)
            shapes[term] = shape
            return shape
        } catch {
            shapes[term] = nil
            throw error
        }
    }

    private mutating func makeShape(of term: Term) throws(GrammarError) -> Shape {
        switch terms.kind(of: term) {
        case .any: return .any
        case .none: return .none
        case .literal(let value): return try shape(ofLiteral: value)
        case .schema(let node):
            reading = node
            return try shape(ofSchema: node)
        case .all(let parts):
            var result = Shape.any
            var taken: [Term] = []
            for part in parts {
                if case .not(let opposite) = terms.kind(of: part) {
                    taken.append(opposite)
                } else {
                    result = try meet(result, shape(of: part))
                }
            }
            for part in taken { result = try subtract(shape(of: part), from: result) }
            return result
        case .either(let parts):
            var result = Shape.none
            for part in parts { result = try union(result, shape(of: part)) }
            return result
        case .not(let opposite): return try subtract(shape(of: opposite), from: .any)
        }
    }

    /// One value's shape.
    private mutating func shape(ofLiteral value: JSONValue) throws(GrammarError) -> Shape {
        var shape = Shape.none
        switch value {
        case .null: shape.hasNull = true
        case .bool(let flag): if flag { shape.hasTrue = true } else { shape.hasFalse = true }
        case .integer, .number:
            if let decimal = Decimal(value) { shape.numbers = [.point(decimal)] }
        case .string(let text): shape.strings = [StringClause(language: .words([StringClause.Word(text)]))]
        case .array(let elements):
            try builder.poll(value.partCount)
            var clause = ArrayClause(rest: .none, minimum: elements.count, maximum: elements.count)
            for element in elements { clause.prefix.append(try terms.literal(element)) }
            shape.arrays = [clause]
        case .object(let members):
            try builder.poll(value.partCount)
            var clause = ObjectClause()
            clause.open = [ObjectClause.Open(names: StringClause(), value: .none)]
            for (name, value) in members {
                let literal = try terms.literal(value)
                clause.set(ObjectClause.Named(name: names.number(of: name), value: literal, isRequired: true))
            }
            shape.objects = [clause]
        }
        return shape
    }

    /// Most values of an enumeration that are no strings: each is compared with those before it.
    private static let literalLimit = 2_000

    /// The shape of several values, strings and numbers in few clauses.
    mutating func shape(ofLiterals values: [JSONValue]) throws(GrammarError) -> Shape {
        let others = values.count { $0.stringValue == nil }
        guard others <= Self.literalLimit else {
            let path = document.pointer(to: reading)
            let reason = "enumerates \(others) values that are no strings, and \(Self.literalLimit) are the most"
            throw GrammarError(.limit, "the schema at \(path) \(reason)")
        }
        try builder.poll(8 * values.count)
        var words: Set<StringClause.Word> = []
        var result = Shape.none
        for value in values {
            if case .string(let text) = value {
                words.insert(StringClause.Word(text))
            } else {
                result = try union(result, shape(ofLiteral: value))
            }
        }
        if !words.isEmpty { result.strings = [StringClause(language: .words(words))] }
        return result
    }

    /// The values of both shapes, each clause of which is compared with those of the other.
    mutating func union(_ left: Shape, _ right: Shape) throws(GrammarError) -> Shape {
        try builder.poll(
            8 + left.numbers.count * right.numbers.count / 4 + left.strings.count * right.strings.count
                + left.arrays.count * right.arrays.count / 2 + left.objects.count * right.objects.count / 2
        )
        return left.union(right)
    }

    /// Whether a term surely has no value, as far as `levels` of nesting show it.
    mutating func isEmpty(_ term: Term, levels: Int) throws(GrammarError) -> Bool {
        if term == .none { return true }
        if term == .any || levels <= 0 { return false }
        if let known = shapes[term], known == nil { return false }
        // What leads back to a schema that is being read can't be told yet, and what isn't supported is said elsewhere.
        let known: Shape?
        do {
            known = try self.shape(of: term)
        } catch let error where error.reason == .unsupported {
            known = nil
        }
        guard let shape = known else { return false }
        if shape.hasNull || shape.hasFalse || shape.hasTrue || !shape.numbers.isEmpty { return false }
        for clause in shape.strings where try !isEmpty(clause) { return false }
        for clause in shape.arrays where try !isEmpty(clause, levels: levels) { return false }
        for clause in shape.objects where try !isEmpty(clause, levels: levels) { return false }
        return true
    }

    /// Whether a clause surely has no array.
    mutating func isEmpty(_ clause: ArrayClause, levels: Int) throws(GrammarError) -> Bool {
        for index in 0..<min(clause.minimum, clause.prefix.count + 1) {
            if try isEmpty(clause.term(at: index), levels: levels - 1) { return true }
        }
        return false
    }

    /// Whether a clause surely has no object.
    mutating func isEmpty(_ clause: ObjectClause, levels: Int) throws(GrammarError) -> Bool {
        if clause.isEmpty { return true }
        for member in clause.named where member.isRequired {
            if try isEmpty(member.value, levels: levels - 1) { return true }
        }
        return false
    }
}
