/// Reads a value's elements one after another.
final class ValueIterator {
    private enum Source {
        case array([Value])
        case range(IntegerRange)
        case lazy(LazySequence)
    }

    private let source: Source
    private var position = 0

    init(_ values: [Value]) { source = .array(values) }
    init(_ range: IntegerRange) { source = .range(range) }
    init(_ sequence: LazySequence) { source = .lazy(sequence) }

    /// How many elements there are in all; absent for what is computed as it is read.
    var count: Int? {
        switch source {
        case .array(let values): values.count
        case .range(let range): range.count
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
        case .lazy(let sequence): return try sequence.next()
        }
    }
}

extension Interpreter {
    /// An iterator over a value, as a `for` block gets it.
    func iterator(over value: Value) throws(TemplateError) -> ValueIterator {
        switch value {
        case .range(let range): return ValueIterator(range)
        case .lazy(let sequence): return ValueIterator(sequence)
        case .loop(let loop):
            let sequence = LazySequence(name: "generator", depth: 1) { () throws(TemplateError) in
                guard let item = try loop.advance() else { return nil }
                return try self.tuple([item, .loop(loop)])
            }
            return ValueIterator(sequence)
        default:
            guard let values = try finiteArray(of: value) else {
                throw failure("'\(value.typeName)' object is not iterable")
            }
            return ValueIterator(values)
        }
    }

    /// All elements of a value.
    func array(of value: Value) throws(TemplateError) -> [Value] {
        if let values = try finiteArray(of: value) { return values }
        let iterator = try iterator(over: value)
        var values: [Value] = []
        while let element = try iterator.next() {
            try charge(1)
            values.append(element)
        }
        return values
    }

    /// The elements of what is an array already or becomes one directly; `nil` for everything else.
    private func finiteArray(of value: Value) throws(TemplateError) -> [Value]? {
        switch value {
        case .undefined: return []
        case .list(let elements), .tuple(let elements): return elements.values
        case .dictionary(let members): return members.keys
        case .string(let text): return try characters(text)
        case .view(let view):
            try charge(view.members.count)
            switch view.kind {
            case .keys: return view.members.keys
            case .values: return view.members.values
            case .items:
                var pairs: [Value] = []
                pairs.reserveCapacity(view.members.count)
                for place in 0..<view.members.count {
                    let pair = [view.members.keys[place], view.members.values[place]]
                    pairs.append(.tuple(Elements(unchecked: pair, depth: view.members.depth)))
                }
                return pairs
            }
        default: return nil
        }
    }

    /// The code points of a text, each a text of its own.
    private func characters(_ text: Text) throws(TemplateError) -> [Value] {
        try charge(text.bytes.count)
        var values: [Value] = []
        var index = 0
        while index < text.bytes.count {
            let length = UTF8Text.scalar(in: text.bytes, at: index).length
            values.append(.text(Array(text.bytes[index..<index + length])))
            index += length
        }
        return values
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
