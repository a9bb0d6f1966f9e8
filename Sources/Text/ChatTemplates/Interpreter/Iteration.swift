/// Reads a value's elements one after another.
final class ValueIterator {
    private enum Source {
        case array([Value])
        case range(IntegerRange)
        case members(Members)
        case characters([UInt8])
        case lazy(LazySequence)
    }

    private let source: Source
    private let interpreter: Interpreter
    private var position = 0

    private init(_ source: Source, _ interpreter: Interpreter) {
        self.source = source
        self.interpreter = interpreter
    }

    convenience init(_ values: [Value], _ interpreter: Interpreter) { self.init(.array(values), interpreter) }
    convenience init(_ range: IntegerRange, _ interpreter: Interpreter) { self.init(.range(range), interpreter) }
    convenience init(_ sequence: LazySequence, _ interpreter: Interpreter) { self.init(.lazy(sequence), interpreter) }
    /// Reads the pairs of keys and values.
    convenience init(_ members: Members, _ interpreter: Interpreter) { self.init(.members(members), interpreter) }
    /// Reads the code points of a text, each a text of its own.
    convenience init(_ text: Text, _ interpreter: Interpreter) { self.init(.characters(text.bytes), interpreter) }

    /// How many elements there are in all; absent for what is computed as it is read.
    var count: Int? {
        switch source {
        case .array(let values): values.count
        case .range(let range): range.count
        case .members(let members): members.count
        case .characters(let bytes): UTF8Text.count(bytes)
        case .lazy: nil
        }
    }

    func next() throws(TemplateError) -> Value? {
        switch source {
        case .array(let values):
            guard position < values.count else { return nil }
            position += 1
            return values[position - 1]
        case .range(let range):
            guard position < range.count else { return nil }
            position += 1
            return .integer(range[position - 1])
        case .members(let members):
            guard position < members.count else { return nil }
            position += 1
            return try interpreter.tuple([members.keys[position - 1], members.values[position - 1]])
        case .characters(let bytes):
            guard position < bytes.count else { return nil }
            let length = UTF8Text.scalar(in: bytes, at: position).length
            defer { position += length }
            if length == 1, bytes[position] < 0x80 { return Self.ascii[Int(bytes[position])] }
            return .text(Array(bytes[position..<position + length]))
        case .lazy(let sequence): return try sequence.next()
        }
    }

    /// The texts of one ASCII character, which all places share.
    nonisolated(unsafe) private static let ascii: [Value] = (0..<0x80).map { .text([UInt8($0)]) }
}

extension Interpreter {
    /// An iterator over a value, as a `for` block gets it.
    func iterator(over value: Value) throws(TemplateError) -> ValueIterator {
        switch value {
        case .range(let range): return ValueIterator(range, self)
        case .lazy(let sequence): return ValueIterator(sequence, self)
        case .loop(let loop):
            let sequence = LazySequence(name: "generator", depth: 1, memory) { () throws(TemplateError) in
                guard let item = try loop.advance() else { return nil }
                return try self.tuple([item, .loop(loop)])
            }
            return ValueIterator(sequence, self)
        case .string(let text):
            try charge(bytes: text.bytes.count)
            return ValueIterator(text, self)
        case .view(let view) where view.kind == .items: return ValueIterator(view.members, self)
        default:
            guard let values = storedArray(of: value) else {
                throw failure("'\(value.typeName)' object is not iterable")
            }
            return ValueIterator(values, self)
        }
    }

    /// All elements of a value.
    func array(of value: Value) throws(TemplateError) -> [Value] {
        if let values = storedArray(of: value) { return values }
        let iterator = try iterator(over: value)
        var values = Collector(self)
        while let element = try iterator.next() {
            try charge(1)
            try values.append(element)
        }
        return values.values
    }

    /// The elements of what keeps them in an array; `nil` for everything else.
    private func storedArray(of value: Value) -> [Value]? {
        switch value {
        case .undefined: []
        case .list(let elements), .tuple(let elements): elements.values
        case .dictionary(let members): members.keys
        case .view(let view) where view.kind == .keys: view.members.keys
        case .view(let view) where view.kind == .values: view.members.values
        default: nil
        }
    }

    /// How many elements a value has.
    func count(of value: Value) throws(TemplateError) -> Int {
        switch value {
        case .undefined: return 0
        case .string(let text):
            try charge(bytes: text.bytes.count)
            return text.count
        case .list(let elements), .tuple(let elements): return elements.values.count
        case .dictionary(let members): return members.count
        case .view(let view): return view.members.count
        case .range(let range): return range.count
        case .loop(let loop): return try loop.count()
        default: throw failure("object of type '\(value.typeName)' has no len()")
        }
    }
}
