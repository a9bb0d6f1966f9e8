/// The variables of one block; what it doesn't have itself it sees in the block around it.
final class Scope: Linked {
    @exclusivity(unchecked) private(set) var parent: Scope?
    private let isOutermost: Bool
    @exclusivity(unchecked) private var names: [NameID] = []
    @exclusivity(unchecked) private var values: [Value] = []
    /// Places of the names, once there are too many to look at each.
    @exclusivity(unchecked) private var index: [NameID: Int] = [:]
    /// The outermost scope has a place for every name of the program.
    @exclusivity(unchecked) private var slots: [Value?]
    /// Estimated bytes of the values.
    @exclusivity(unchecked) private var held = 0

    private static let directLimit = 8

    /// The outermost scope of a program.
    init(nameCount: Int, _ memory: Memory) {
        isOutermost = true
        slots = Array(repeating: nil, count: nameCount)
        super.init(memory, weight: 256 + 16 * nameCount)
    }

    init(parent: Scope) {
        self.parent = parent
        isOutermost = false
        slots = []
        super.init(parent.memory, weight: 256)
    }

    deinit {
        memory.drop(&values)
        memory.drop(&parent)
    }

    /// The value of a name here or further out, and how many scopes were asked.
    func lookUp(_ name: NameID) -> (value: Value?, distance: Int) {
        var scope = self
        var distance = 1
        while let parent = scope.parent {
            if let place = scope.place(of: name) { return (scope.values[place], distance) }
            scope = parent
            distance += 1
        }
        return (scope.isOutermost ? scope.slots[name] : nil, distance)
    }

    private func place(of name: NameID) -> Int? {
        names.count > Self.directLimit ? index[name] : names.firstIndex(of: name)
    }

    /// Gives a name a value in this scope.
    func set(_ name: NameID, to value: Value) {
        let weight = value.weight
        if isOutermost {
            count(weight - (slots[name]?.weight ?? 0))
            slots[name] = value
        } else if let place = place(of: name) {
            count(weight - values[place].weight)
            values[place] = value
        } else {
            count(weight + 64)
            names.append(name)
            values.append(value)
            if names.count == Self.directLimit + 1 {
                for (place, name) in names.enumerated() { index[name] = place }
            } else if names.count > Self.directLimit {
                index[name] = names.count - 1
            }
        }
    }

    private func count(_ weight: Int) {
        held += weight
        hold(weight)
    }

    /// Forgets everything, to be used again.
    func removeAll() {
        hold(-held)
        held = 0
        names.removeAll(keepingCapacity: true)
        if values.count > Self.directLimit { index.removeAll(keepingCapacity: true) }
        values.removeAll(keepingCapacity: true)
    }

    override func takeApart() {
        for index in slots.indices { slots[index] = nil }
        names = []
        index = [:]
        memory.drop(&values)
        memory.drop(&parent)
    }
}
