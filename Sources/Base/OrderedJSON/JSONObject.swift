internal import OrderedCollections

/// The members of a JSON object in the order they were written; keys are compared byte for byte.
///
/// Swift's `String` equality is canonical ("é" in its two spellings is one string); JSON's isn't, so keys hash and
/// compare by their UTF-8 bytes.
public struct JSONObject: Sendable, Hashable {
    private struct ByteKey: Sendable, Hashable {
        let text: String

        static func == (left: ByteKey, right: ByteKey) -> Bool { left.text.utf8.elementsEqual(right.text.utf8) }

        func hash(into hasher: inout Hasher) {
            var text = text
            text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        }
    }

    private var members: OrderedDictionary<ByteKey, JSONValue> = [:]

    /// An object without members.
    public init() {}

    /// An object with these members in order; of equal keys the last value wins.
    public init(_ members: some Sequence<(String, JSONValue)>) {
        for (key, value) in members { self[key] = value }
    }

    /// The value of a key; setting `nil` removes the member, setting a new key appends it.
    public subscript(_ key: String) -> JSONValue? {
        get { members[ByteKey(text: key)] }
        set { members[ByteKey(text: key)] = newValue }
    }

    /// How many members there are.
    public var count: Int { members.count }

    /// Whether there are no members.
    public var isEmpty: Bool { members.isEmpty }

    /// The keys in order.
    public var keys: [String] { members.keys.map(\.text) }

    /// The values in order.
    public var values: [JSONValue] { Array(members.values) }
}

extension JSONObject: RandomAccessCollection {
    /// The first member's position.
    public var startIndex: Int { 0 }
    /// The position behind the last member.
    public var endIndex: Int { members.count }
    /// The member at a position.
    public subscript(position: Int) -> (key: String, value: JSONValue) {
        let element = members.elements[position]
        return (element.key.text, element.value)
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    /// Members are named by text.
    public typealias Key = String
    /// Members are JSON values.
    public typealias Value = JSONValue
    /// An object with these members in order; of equal keys the last value wins.
    public init(dictionaryLiteral elements: (String, JSONValue)...) { self.init(elements) }
}
