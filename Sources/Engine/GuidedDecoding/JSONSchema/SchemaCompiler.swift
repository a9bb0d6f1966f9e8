package import OrderedJSON

/// Turns a JSON schema into nodes of a grammar.
///
///     schema -> terms (sets of values, with and, or, not) -> shapes (a term by JSON type, one level deep) -> nodes
///
/// A term gets its shape only when something needs it, and equal terms share one shape and one node; so recursion is a
/// node that refers to itself, and a part that nothing reaches costs nothing.
package struct SchemaCompiler {
    /// Deepest nesting of schemas that apply to the same value, references included.
    static let depthLimit = 100

    let options: SchemaOptions
    var builder: GrammarBuilder
    var document: SchemaDocument
    var terms = TermStore()
    var names = NameTable()
    /// The shapes of terms by their numbers; an entry without a shape is one in the making.
    var shapes: [Term: Shape?] = [:]
    /// How many schemas are being read inside of each other.
    var depth = 0
    /// The node of the schema that is being read, for messages.
    var reading = SchemaDocument.root
    var emission = Emission()
    var strings = StringExpressions()
    var numbers = NumberExpressions()

    /// The node of all JSON texts that obey a schema.
    ///
    /// - Throws: `GrammarError`: `.unsupported` with keyword and JSON pointer for what isn't a schema or can't be kept;
    ///   `.unsatisfiable` where no value obeys; `.limit` where it would cost too much.
    package static func node(
        for schema: JSONValue,
        options: SchemaOptions = SchemaOptions(),
        in builder: inout GrammarBuilder
    ) throws(GrammarError) -> GrammarNode {
        // Moved there and back, so that what has been built isn't copied for each of many schemas.
        var compiler = SchemaCompiler(document: SchemaDocument(schema), options: options, builder: consume builder)
        defer { builder = compiler.builder }
        let term = try compiler.term(forSchema: SchemaDocument.root)
        return try compiler.emit(term)
    }

    /// The node of all JSON texts.
    package static func anyValue(
        options: SchemaOptions = SchemaOptions(),
        in builder: inout GrammarBuilder
    ) throws(GrammarError) -> GrammarNode {
        try node(for: .bool(true), options: options, in: &builder)
    }

    /// The node of all JSON objects.
    package static func anyObject(
        options: SchemaOptions = SchemaOptions(),
        in builder: inout GrammarBuilder
    ) throws(GrammarError) -> GrammarNode {
        try node(for: ["type": "object"], options: options, in: &builder)
    }

    private init(document: SchemaDocument, options: SchemaOptions, builder: consuming GrammarBuilder) {
        self.document = document
        self.options = options
        self.builder = builder
    }

    /// An error at a keyword of the schema at a node, by default the one that is being read.
    func unsupported(_ keyword: String, _ reason: String, at node: Int? = nil) -> GrammarError {
        let path = document.pointer(to: node ?? reading)
        return GrammarError(.unsupported, "\"\(keyword)\" of the schema at \(path) \(reason)")
    }
}
