/// A running `for` block, which templates see as `loop`.
final class LoopState: Linked {
    private let interpreter: Interpreter
    private var iterator: ValueIterator?
    /// The block, when it may call itself, and the variables around it.
    private(set) var recursion: (loop: Loop, scope: Scope)?
    /// How many loops of the same block are around this one.
    let depth0: Int
    private(set) var index0 = -1
    private(set) var previous: Value?
    private(set) var current: Value?
    /// Elements that were read ahead, next one last.
    private var ahead: [Value] = [] {
        didSet { hold(32 * (ahead.count - oldValue.count)) }
    }
    private var isExhausted = false
    private(set) var knownCount: Int?
    var lastChange: [Value]?

    init(_ interpreter: Interpreter, _ iterator: ValueIterator, depth0: Int, recursion: (loop: Loop, scope: Scope)?) {
        self.interpreter = interpreter
        self.iterator = iterator
        self.depth0 = depth0
        self.recursion = recursion
        knownCount = iterator.count
        super.init(interpreter.memory, weight: 256)
    }

    deinit { takeApart() }

    /// Goes on to the next element; `nil` behind the last.
    func advance() throws(TemplateError) -> Value? {
        var next = ahead.popLast()
        if next == nil { next = try pull() }
        guard let next else { return nil }
        index0 += 1
        previous = current
        current = next
        return next
    }

    private func pull() throws(TemplateError) -> Value? {
        guard !isExhausted else { return nil }
        guard let value = try iterator?.next() else {
            isExhausted = true
            return nil
        }
        try interpreter.charge(1)
        return value
    }

    /// Lets go of all elements, so that loops kept in variables don't keep one another.
    func close() {
        var elements = ahead + [previous, current].compactMap { $0 } + (lastChange ?? [])
        isExhausted = true
        ahead = []
        previous = nil
        current = nil
        lastChange = nil
        memory.drop(&iterator)
        memory.drop(&elements)
    }

    override func takeApart() {
        close()
        var scope = recursion?.scope
        recursion = nil
        memory.drop(&scope)
    }

    /// The element after the current one.
    func peek() throws(TemplateError) -> Value? {
        if let next = ahead.last { return next }
        guard let next = try pull() else { return nil }
        ahead = [next]
        return next
    }

    /// How many elements there are, which reads a lazy sequence to its end.
    func count() throws(TemplateError) -> Int {
        if let knownCount { return knownCount }
        var rest = Collector(interpreter)
        for value in ahead.reversed() { try rest.append(value) }
        while let value = try pull() { try rest.append(value) }
        ahead = rest.values.reversed()
        let count = index0 + 1 + rest.values.count
        knownCount = count
        return count
    }
}

extension Interpreter {
    /// Runs a `for` block over a value.
    func run(_ loop: Loop, over value: Value, in scope: Scope, depth0: Int = 0) throws(TemplateError) {
        try descend()
        defer { ascend() }
        var iterator = try iterator(over: value)
        if let condition = loop.condition {
            iterator = ValueIterator(filtered(iterator, by: condition, loop, in: scope), self)
        }
        var isDone = false
        if loop.usesLoop {
            let recursion = loop.isRecursive ? (loop, scope) : nil
            let state = LoopState(self, iterator, depth0: depth0, recursion: recursion)
            defer { state.close() }
            isDone = try iterate(loop, in: scope, state: state) { () throws(TemplateError) in try state.advance() }
        } else {
            isDone = try iterate(loop, in: scope, state: nil) { () throws(TemplateError) in try iterator.next() }
        }
        if !isDone, !loop.otherwise.isEmpty { _ = try run(loop.otherwise, in: Scope(parent: scope)) }
    }

    /// Runs the body for each element; whether one run came to its end, without which `else` has its turn.
    private func iterate(
        _ loop: Loop,
        in scope: Scope,
        state: LoopState?,
        next: () throws(TemplateError) -> Value?
    ) throws(TemplateError) -> Bool {
        var isDone = false
        var inner = Scope(parent: scope)
        while let element = try next() {
            try charge(1)
            // A lazy sequence or a macro made in the body may still look at its variables.
            if isKnownUniquelyReferenced(&inner) { inner.removeAll() } else { inner = Scope(parent: scope) }
            if let state { inner.set(loop.loopName, to: .loop(state)) }
            try assign(element, to: loop.target, in: inner)
            switch try run(loop.body, in: inner) {
            case .ended: isDone = true
            case .nextIteration: break
            case .leaveLoop: return isDone
            }
        }
        return isDone
    }

    private func filtered(
        _ iterator: ValueIterator,
        by condition: Expression,
        _ loop: Loop,
        in scope: Scope
    ) -> LazySequence {
        LazySequence(name: "generator", depth: 1, memory) { () throws(TemplateError) in
            while let element = try iterator.next() {
                try self.charge(1)
                let inner = Scope(parent: scope)
                try self.assign(element, to: loop.target, in: inner)
                if try self.evaluate(condition, in: inner).isTrue { return element }
            }
            return nil
        }
    }

    /// What the block of a recursive loop writes for inner elements.
    func recurse(_ state: LoopState, over value: Value) throws(TemplateError) -> Value {
        guard let (loop, scope) = state.recursion else {
            throw failure("The loop must have the 'recursive' marker to be called recursively.")
        }
        let line = line
        defer { self.line = line }
        return try capture { () throws(TemplateError) in
            try run(loop, over: value, in: scope, depth0: state.depth0 + 1)
        }
    }

    /// What `loop.name` is.
    func attribute(_ name: String, of loop: LoopState) throws(TemplateError) -> Value? {
        switch name {
        case "index": return .integer(loop.index0 + 1)
        case "index0": return .integer(loop.index0)
        case "revindex": return .integer(try loop.count() - loop.index0)
        case "revindex0": return .integer(try loop.count() - loop.index0 - 1)
        case "first": return .bool(loop.index0 == 0)
        case "last": return .bool(try loop.peek() == nil)
        case "length": return .integer(try loop.count())
        case "depth": return .integer(loop.depth0 + 1)
        case "depth0": return .integer(loop.depth0)
        case "previtem":
            return loop.index0 > 0
                ? loop.previous ?? .none : undefined(.hint("there is no previous item"))
        case "nextitem": return try loop.peek() ?? undefined(.hint("there is no next item"))
        case "cycle", "changed":
            return .method(BoundMethod(receiver: .loop(loop), name: name, depth: 1))
        default: return nil
        }
    }
}
