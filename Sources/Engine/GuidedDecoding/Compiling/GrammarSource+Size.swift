package import OrderedJSON

extension GrammarSource {
    /// Roughly how many bytes it takes in memory.
    package var byteCount: Int {
        switch self {
        case .jsonSchema(let schema, _): schema.byteCount
        case .jsonObject: 0
        case .regex(let text), .grammar(let text, _): text.utf8.count
        case .choice(let texts): texts.reduce(0) { $0 + $1.utf8.count + 32 }
        case .structuralTag(let tag): tag.byteCount
        }
    }
}

extension JSONValue {
    /// Roughly how many bytes it takes in memory.
    package var byteCount: Int {
        switch self {
        case .string(let text): text.utf8.count + 48
        case .array(let elements): elements.reduce(48) { $0 + $1.byteCount }
        case .object(let members): members.reduce(96) { $0 + $1.key.utf8.count + 64 + $1.value.byteCount }
        default: 48
        }
    }

    /// How many values there are in it, itself included.
    var partCount: Int {
        switch self {
        case .array(let elements): elements.reduce(1) { $0 + $1.partCount }
        case .object(let members): members.reduce(1) { $0 + 1 + $1.value.partCount }
        default: 1
        }
    }
}
