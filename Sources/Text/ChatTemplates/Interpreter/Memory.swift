/// Counts the memory of one rendering, and knows the objects that may refer to one another in circles.
///
/// Counting never fails: whether the limit is exceeded is asked by `Interpreter.charge`.
final class Memory {
    let limit: Int
    /// Bytes in use now, as estimated.
    @exclusivity(unchecked) private(set) var alive = 0
    @exclusivity(unchecked) private(set) var peak = 0
    fileprivate unowned(unsafe) var first: Linked?
    private var isDropping = false
    private var remains: [Remains] = []

    /// What is let go once the letting go that is under way has come to its end.
    private enum Remains {
        case values([Value])
        case object(AnyObject)
    }

    init(limit: Int) { self.limit = limit }

    func hold(_ bytes: Int) {
        alive &+= bytes
        if alive > peak { peak = alive }
    }

    func release(_ bytes: Int) { alive &-= bytes }

    /// Lets go of values one after another, never nested: a chain of variables may be longer than the stack is deep.
    func drop(_ values: inout [Value]) {
        guard !values.isEmpty else { return }
        handOver(&values)
        dropRemains()
    }

    /// Lets go of an object, never nested.
    func drop(_ object: inout (some AnyObject)?) {
        guard object != nil else { return }
        handOver(&object)
        dropRemains()
    }

    // None of these is inlined: the optimizer may put off a release to the end of a function, and the last one of an
    // object must happen in `dropNext`.

    @inline(never) private func handOver(_ values: inout [Value]) {
        remains.append(.values(values))
        values = []
    }

    @inline(never) private func handOver(_ object: inout (some AnyObject)?) {
        if let object { remains.append(.object(object)) }
        object = nil
    }

    @inline(never) private func dropNext() -> Bool { remains.popLast() != nil }

    private func dropRemains() {
        guard !isDropping else { return }
        isDropping = true
        while dropNext() {}
        isDropping = false
    }

    /// Takes apart every object that is still there, so that none keeps another.
    func takeApart() {
        while let object = first {
            object.unlink()
            object.takeApart()
        }
    }
}

/// An object whose memory is counted as long as it lives.
class Counted {
    let memory: Memory
    @exclusivity(unchecked) private(set) var weight: Int

    init(_ memory: Memory, weight: Int) {
        self.memory = memory
        self.weight = weight
        memory.hold(weight)
    }

    /// Counts more for this object, or less.
    final func hold(_ bytes: Int) {
        weight &+= bytes
        memory.hold(bytes)
    }

    deinit { memory.release(weight) }
}

/// A counted object that may be part of a circle.
class Linked: Counted {
    private unowned(unsafe) var previous: Linked?
    private unowned(unsafe) var next: Linked?
    private var isLinked = true

    override init(_ memory: Memory, weight: Int) {
        super.init(memory, weight: weight)
        next = memory.first
        next?.previous = self
        memory.first = self
    }

    deinit { unlink() }

    fileprivate final func unlink() {
        guard isLinked else { return }
        isLinked = false
        if let previous { previous.next = next } else { memory.first = next }
        next?.previous = previous
    }

    /// Lets go of everything the object refers to.
    func takeApart() {}
}
