internal import OrderedJSON

/// Where a document's addresses and anchors stand, found by looking through all of it.
struct SchemaAddresses {
    private struct Anchor: Hashable {
        let address: String
        let name: String
    }

    private var resources: [String: [SchemaDocument.Step]] = [:]
    private var anchors: [Anchor: [SchemaDocument.Step]] = [:]

    /// The addresses in a document.
    init(of schema: JSONValue, dialect: SchemaDialect) {
        var open: [(value: JSONValue, steps: [SchemaDocument.Step], address: String)] = [(schema, [], "")]
        while let (value, steps, base) = open.popLast() {
            if let elements = value.arrayValue {
                for (index, element) in elements.enumerated() where Self.isContainer(element) {
                    open.append((element, steps + [.element(index)], base))
                }
            }
            guard let object = value.objectValue else { continue }
            let address = enter(object, steps, base: base, dialect: dialect)
            for (name, value) in object where Self.isContainer(value) {
                open.append((value, steps + [.member(name)], address))
            }
        }
    }

    /// Longest address that is taken for one, in bytes: all below it keep theirs resolved against it.
    static let longest = 1024

    private mutating func enter(
        _ object: JSONObject,
        _ steps: [SchemaDocument.Step],
        base: String,
        dialect: SchemaDialect
    ) -> String {
        var address = base
        for keyword in Set([dialect.identifierKeyword, "id", "$id"]) {
            guard let named = object[keyword]?.stringValue, named.utf8.count <= Self.longest else { continue }
            if named.hasPrefix("#") {
                note(String(named.dropFirst()), in: base, steps)
            } else if keyword == dialect.identifierKeyword || steps.isEmpty {
                address = SchemaAddress.resolve(named, base: base).address
                resources[address] = resources[address] ?? steps
            } else {
                let other = SchemaAddress.resolve(named, base: base).address
                resources[other] = resources[other] ?? steps
            }
        }
        for keyword in ["$anchor", "$dynamicAnchor"] {
            if let name = object[keyword]?.stringValue { note(name, in: address, steps) }
        }
        return address
    }

    private mutating func note(_ name: String, in address: String, _ steps: [SchemaDocument.Step]) {
        let anchor = Anchor(address: address, name: name)
        anchors[anchor] = anchors[anchor] ?? steps
    }

    private static func isContainer(_ value: JSONValue) -> Bool { value.objectValue != nil || value.arrayValue != nil }

    /// Steps from the root to the schema with an address.
    func resource(_ address: String) -> [SchemaDocument.Step]? { resources[address] }

    /// Steps from the root to the schema with an anchor in a resource.
    func anchor(_ name: String, in address: String) -> [SchemaDocument.Step]? {
        anchors[Anchor(address: address, name: name)]
    }
}
