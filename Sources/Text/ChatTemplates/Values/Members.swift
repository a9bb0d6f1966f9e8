/// The members of a dictionary in the order they were first set; it never changes once it is a value.
final class Members: Counted {
    /// A key by value: 1, 1.0 and true are one key.
    enum Key: Hashable {
        case none
        case undefined
        case integer(Int)
        /// The bits of a number: one that isn't equal to itself would be a new key each time.
        case float(UInt64)
        case string(Text)
        case tuple([Key])
        case object(ObjectIdentifier)
    }

    @exclusivity(unchecked) private(set) var keys: [Value] = []
    @exclusivity(unchecked) private(set) var values: [Value] = []
    @exclusivity(unchecked) private var hashes: [Key] = []
    /// Places of the keys, once there are too many to look at each.
    @exclusivity(unchecked) private var index: [Key: Int] = [:]
    /// How deep the nesting is below this container.
    @exclusivity(unchecked) private(set) var depth = 1

    private static let directLimit = 8

    /// Estimated bytes of a member without its key's and value's own.
    static let memberWeight = 128

    init(_ memory: Memory) { super.init(memory, weight: 192) }

    init(copying other: Members) {
        keys = other.keys
        values = other.values
        hashes = other.hashes
        index = other.index
        depth = other.depth
        super.init(other.memory, weight: other.weight)
    }

    var count: Int { keys.count }

    func place(of key: Key) -> Int? {
        if hashes.count > Self.directLimit { return index[key] }
        return hashes.firstIndex(of: key)
    }

    subscript(_ key: Key) -> Value? { place(of: key).map { values[$0] } }

    /// The value of a text key, without making a key of it for small dictionaries.
    subscript(_ text: Text) -> Value? {
        if hashes.count > Self.directLimit { return index[.string(text)].map { values[$0] } }
        for (place, hash) in hashes.enumerated() {
            if case .string(let own) = hash, own == text { return values[place] }
        }
        return nil
    }

    /// Sets a member while the dictionary is being made.
    func set(_ key: Value, hash: Key, to value: Value) {
        depth = max(depth, value.depth + 1)
        if let place = place(of: hash) {
            hold(value.weight - values[place].weight)
            values[place] = value
            return
        }
        hold(Self.memberWeight + key.weight + value.weight)
        depth = max(depth, key.depth + 1)
        keys.append(key)
        values.append(value)
        hashes.append(hash)
        if hashes.count == Self.directLimit + 1 {
            for (place, hash) in hashes.enumerated() { index[hash] = place }
        } else if hashes.count > Self.directLimit {
            index[hash] = hashes.count - 1
        }
    }

    /// Sets a member with a text key.
    func set(_ text: Text, to value: Value) { set(.string(text), hash: .string(text), to: value) }

    func removeAll() {
        hashes = []
        index = [:]
        memory.drop(&keys)
        memory.drop(&values)
    }

    func hash(at place: Int) -> Key { hashes[place] }
}
