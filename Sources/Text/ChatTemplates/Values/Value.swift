/// A value of a running template.
///
/// Texts, lists, tuples and dictionaries never change, as in Jinja's immutable sandbox; namespaces, lazy sequences,
/// cyclers, joiners and loops do and are shared.
enum Value {
    case undefined(Undefined)
    case none
    case bool(Bool)
    case integer(Int)
    case float(Double)
    case string(Text)
    case list(Elements)
    case tuple(Elements)
    case dictionary(Members)
    case range(IntegerRange)
    case view(MembersView)
    case lazy(LazySequence)
    case namespace(Namespace)
    case loop(LoopState)
    case macro(Macro)
    case function(Function)
    case method(BoundMethod)
    case cycler(Cycler)
    case joiner(Joiner)

    /// A text value.
    static func text(_ bytes: [UInt8]) -> Value { .string(Text(bytes: bytes)) }

    /// A text value.
    static func text(_ text: String) -> Value { .string(Text(text)) }
}

/// What a name, attribute or item that isn't there leaves behind, and what is said when it is used after all.
final class Undefined {
    enum Reason {
        case name(String)
        case parameter(String)
        case attribute(of: String, String)
        case element(of: String, String)
        /// The attribute exists, but not for templates.
        case forbidden(of: String, String)
        case hint(String)
    }

    private let reason: Reason

    init(_ reason: Reason) { self.reason = reason }

    var message: String {
        switch reason {
        case .name(let name): "'\(name)' is undefined"
        case .parameter(let name): "parameter '\(name)' was not provided"
        case .attribute(let object, let name): "'\(object)' has no attribute \(Self.quoted(name))"
        case .element(let object, let key): "\(object) has no element \(key)"
        case .forbidden(let type, let name): "access to attribute \(Self.quoted(name)) of '\(type)' object is unsafe."
        case .hint(let text): text
        }
    }

    private static func quoted(_ name: String) -> String {
        String(decoding: Representation.quoted(Array(name.utf8)), as: UTF8.self)
    }
}

/// The elements of a list or a tuple.
final class Elements: Counted {
    let values: [Value]
    /// How deep the nesting is below this container; bounded, because comparing, writing and freeing go that deep.
    let depth: Int
    /// Whether this is a group of `groupby`, whose two elements have names.
    let isGroup: Bool

    /// Made by `Interpreter.elements`, which checks the depth; the weight is that of the values.
    init(unchecked values: [Value], depth: Int, isGroup: Bool = false, weight: Int, _ memory: Memory) {
        self.values = values
        self.depth = depth
        self.isGroup = isGroup
        super.init(memory, weight: 96 + weight)
    }
}

/// The numbers from `start` towards `stop` in steps.
final class IntegerRange {
    let start: Int
    let stop: Int
    let step: Int
    let count: Int

    init?(start: Int, stop: Int, step: Int) {
        guard step != 0 else { return nil }
        self.start = start
        self.stop = stop
        self.step = step
        let isEmpty = step > 0 ? start >= stop : start <= stop
        // Wrapping differences, as magnitudes: the ends may lie further apart than Int reaches.
        let low = UInt(bitPattern: step > 0 ? start : stop)
        let high = UInt(bitPattern: step > 0 ? stop : start)
        let steps = isEmpty ? 0 : (high &- low - 1) / step.magnitude
        count = isEmpty ? 0 : steps >= UInt(Int.max) ? Int.max : Int(steps) + 1
    }

    subscript(_ index: Int) -> Int { start &+ index &* step }

    func contains(_ number: Int) -> Bool {
        guard step > 0 ? start <= number && number < stop : stop < number && number <= start else { return false }
        // Wrapping, as a magnitude: the number may lie further from the start than Int reaches.
        let distance = UInt(bitPattern: step > 0 ? number &- start : start &- number)
        return distance % step.magnitude == 0
    }
}

/// What `keys()`, `values()` and `items()` give: not a list, so it has no items by number.
final class MembersView {
    enum Kind: String {
        case keys
        case values
        case items
    }

    let members: Members
    let kind: Kind

    init(_ members: Members, _ kind: Kind) {
        self.members = members
        self.kind = kind
    }
}

/// A sequence that is computed as it is read, once: what `map`, `select` and their kin give.
final class LazySequence: Linked {
    let name: String
    let depth: Int
    private var pull: (() throws(TemplateError) -> Value?)?

    init(name: String, depth: Int, _ memory: Memory, pull: @escaping () throws(TemplateError) -> Value?) {
        self.name = name
        self.depth = depth
        self.pull = pull
        super.init(memory, weight: 512)
    }

    func next() throws(TemplateError) -> Value? {
        guard let value = try pull?() else {
            pull = nil
            return nil
        }
        return value
    }

    override func takeApart() { pull = nil }
}

/// Variables that keep their values beyond the block that sets them.
final class Namespace: Linked {
    let attributes: Members

    init(_ attributes: Members) {
        self.attributes = attributes
        super.init(attributes.memory, weight: 96)
    }

    deinit { attributes.removeAll() }

    override func takeApart() { attributes.removeAll() }
}

/// A method of a value that wasn't called at once.
final class BoundMethod {
    let receiver: Value
    let name: String
    let depth: Int

    init(receiver: Value, name: String, depth: Int) {
        self.receiver = receiver
        self.name = name
        self.depth = depth
    }
}

/// `cycler()`.
final class Cycler: Counted {
    let items: Elements
    var position = 0

    init(_ items: Elements) {
        self.items = items
        super.init(items.memory, weight: 64)
    }
}

/// `joiner()`.
final class Joiner: Counted {
    let separator: Value
    var isUsed = false

    init(_ separator: Value, _ memory: Memory) {
        self.separator = separator
        super.init(memory, weight: 64 + separator.weight)
    }
}

/// A macro with the variables of the place where it was defined.
final class Macro: Counted {
    let definition: MacroDefinition
    let scope: Scope

    init(_ definition: MacroDefinition, scope: Scope) {
        self.definition = definition
        self.scope = scope
        super.init(scope.memory, weight: 256)
    }
}
