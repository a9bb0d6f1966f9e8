internal import OrderedJSON

extension SchemaCompiler {
    /// The term of the schema at a node of the document; references are followed at once.
    mutating func term(forSchema node: Int) throws(GrammarError) -> Term {
        var node = node
        for _ in 0...Self.depthLimit {
            switch document.value(of: node) {
            case .bool(true): return .any
            case .bool(false): return .none
            case .object(let schema):
                if let reference = schema["$ref"], isReferenceAlone(schema) {
                    node = try target(of: reference, keyword: "$ref", at: node)
                } else {
                    return SchemaKeywords.constrains(schema) ? try terms.schema(node) : .any
                }
            default:
                let path = document.pointer(to: node)
                throw GrammarError(.unsupported, "what stands at \(path) isn't a schema: an object or a boolean")
            }
        }
        throw unsupported("$ref", "refers to itself", at: node)
    }

    private func isReferenceAlone(_ schema: JSONObject) -> Bool {
        document.dialect.ignoresReferenceSiblings
            || schema.keys.allSatisfy { $0 == "$ref" || !SchemaKeywords.all.contains($0) }
    }

    /// The node that a reference means.
    mutating func target(of reference: JSONValue, keyword: String, at node: Int) throws(GrammarError) -> Int {
        guard let text = reference.stringValue else { throw unsupported(keyword, "isn't a string", at: node) }
        guard let target = document.target(of: text, at: node) else {
            throw unsupported(keyword, "refers to \"\(text)\", which isn't in the document", at: node)
        }
        return target
    }

    /// The terms of the schemas in an array-valued keyword.
    mutating func terms(ofList keyword: String, at node: Int) throws(GrammarError) -> [Term] {
        guard let list = document.child(of: node, .member(keyword)),
            let count = document.value(of: list).arrayValue?.count
        else { throw unsupported(keyword, "isn't an array of schemas", at: node) }
        try builder.poll(10 * count)
        var result: [Term] = []
        for index in 0..<count {
            guard let child = document.child(of: list, .element(index)) else { continue }
            result.append(try term(forSchema: child))
        }
        return result
    }

    /// The term of the schema in a keyword; `any` where there is none.
    mutating func term(of keyword: String, at node: Int) throws(GrammarError) -> Term {
        guard let child = document.child(of: node, .member(keyword)) else { return .any }
        return try term(forSchema: child)
    }

    /// The names and terms of the schemas in an object-valued keyword.
    mutating func terms(ofMap keyword: String, at node: Int) throws(GrammarError) -> [(name: String, term: Term)] {
        guard let map = document.child(of: node, .member(keyword)) else { return [] }
        guard let object = document.value(of: map).objectValue else {
            throw unsupported(keyword, "isn't an object of schemas", at: node)
        }
        try builder.poll(10 * object.count)
        var result: [(name: String, term: Term)] = []
        for name in object.keys {
            guard let child = document.child(of: map, .member(name)) else { continue }
            result.append((name, try term(forSchema: child)))
        }
        return result
    }
}
