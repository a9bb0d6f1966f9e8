/// The variables of one block; what it doesn't have itself it sees in the block around it.
final class Scope {
    let parent: Scope?
    private var names: [NameID] = []
    private var values: [Value] = []
    /// The outermost scope has a place for every name of the program.
    private var slots: [Value?]

    /// The outermost scope of a program.
    init(nameCount: Int) {
        parent = nil
        slots = Array(repeating: nil, count: nameCount)
    }

    init(parent: Scope) {
        self.parent = parent
        slots = []
    }

    /// The value of a name here or further out.
    subscript(_ name: NameID) -> Value? {
        var scope = self
        while true {
            guard let parent = scope.parent else { return scope.slots[name] }
            if let place = scope.names.firstIndex(of: name) { return scope.values[place] }
            scope = parent
        }
    }

    /// Gives a name a value in this scope.
    func set(_ name: NameID, to value: Value) {
        if parent == nil {
            slots[name] = value
        } else if let place = names.firstIndex(of: name) {
            values[place] = value
        } else {
            names.append(name)
            values.append(value)
        }
    }

    /// Forgets everything, to be used again.
    func removeAll() {
        names.removeAll(keepingCapacity: true)
        values.removeAll(keepingCapacity: true)
        for index in slots.indices { slots[index] = nil }
    }
}
