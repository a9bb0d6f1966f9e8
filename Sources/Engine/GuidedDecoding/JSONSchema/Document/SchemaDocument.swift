internal import OrderedJSON

/// A schema document: its parts as numbered nodes, found by steps from the root and by reference.
///
/// Nodes are made as they are asked for, so that what nothing refers to costs nothing.
struct SchemaDocument {
    /// A step from a value into one of its parts.
    enum Step: Hashable {
        /// The member of an object.
        case member(String)
        /// The element of an array.
        case element(Int)
    }

    private struct Node {
        let value: JSONValue
        let parent: Int
        let step: Step
        let resource: Int
    }

    /// A schema with an address of its own, to which references inside of it are relative.
    private struct Resource {
        let root: Int
        let address: String
    }

    private struct Place: Hashable {
        let parent: Int
        let step: Step
    }

    /// Which draft the document is written in.
    let dialect: SchemaDialect
    private var nodes: [Node]
    private var children: [Place: Int] = [:]
    private var resources: [Resource]
    private var addresses: SchemaAddresses?

    /// The whole document's node.
    static let root = 0

    /// A document without looking into it.
    init(_ schema: JSONValue) {
        dialect = SchemaDialect(schema: schema["$schema"]?.stringValue)
        nodes = [Node(value: schema, parent: -1, step: .element(0), resource: 0)]
        resources = []
        let named = schema[dialect.identifierKeyword]?.stringValue ?? schema["id"]?.stringValue ?? ""
        resources = [Resource(root: 0, address: SchemaAddress.resolve(named, base: "").address)]
    }

    /// How many nodes there are; numbers below are valid.
    var count: Int { nodes.count }

    /// What stands at a node.
    func value(of node: Int) -> JSONValue { nodes[node].value }

    /// A node's place as a JSON pointer for messages: "#/properties/name".
    func pointer(to node: Int) -> String {
        var steps: [String] = []
        var current = node
        while nodes[current].parent >= 0 {
            switch nodes[current].step {
            case .member(let name): steps.append(Self.escaped(name))
            case .element(let index): steps.append(String(index))
            }
            current = nodes[current].parent
        }
        return (["#"] + steps.reversed()).joined(separator: "/")
    }

    /// The node one step below another; `nil` where there is nothing.
    mutating func child(of node: Int, _ step: Step) -> Int? {
        let place = Place(parent: node, step: step)
        if let known = children[place] { return known }
        let value: JSONValue?
        switch step {
        case .member(let name): value = nodes[node].value.objectValue?[name]
        case .element(let index):
            let elements = nodes[node].value.arrayValue ?? []
            value = elements.indices.contains(index) ? elements[index] : nil
        }
        guard let value else { return nil }
        let number = nodes.count
        nodes.append(Node(value: value, parent: node, step: step, resource: resource(of: value, in: node, as: number)))
        children[place] = number
        return number
    }

    /// The resource that a new node belongs to: one of its own if the value says an address.
    private mutating func resource(of value: JSONValue, in parent: Int, as number: Int) -> Int {
        let outer = nodes[parent].resource
        guard let named = value.objectValue?[dialect.identifierKeyword]?.stringValue, !named.hasPrefix("#"),
            named.utf8.count <= SchemaAddresses.longest
        else {
            return outer
        }
        let address = SchemaAddress.resolve(named, base: resources[outer].address).address
        resources.append(Resource(root: number, address: address))
        return resources.count - 1
    }

    /// The node that a reference found at `node` means; `nil` where the document has no such place.
    mutating func target(of reference: String, at node: Int) -> Int? {
        let resource = resources[nodes[node].resource]
        let (address, fragment) = SchemaAddress.resolve(reference, base: resource.address)
        if address == resource.address, fragment.isEmpty { return resource.root }
        if address == resource.address, fragment.hasPrefix("/") {
            if let found = follow(fragment, from: resource.root) { return found }
            // Addresses inside a document are often decoration: pointers are meant from the top.
            return follow(fragment, from: Self.root)
        }
        return targetByAddress(address, fragment)
    }

    private mutating func targetByAddress(_ address: String, _ fragment: String) -> Int? {
        let known = addresses ?? SchemaAddresses(of: nodes[Self.root].value, dialect: dialect)
        addresses = known
        if !fragment.isEmpty, !fragment.hasPrefix("/") {
            return known.anchor(fragment, in: address).flatMap { walk($0) }
        }
        guard let steps = known.resource(address), let root = walk(steps) else { return nil }
        return fragment.isEmpty ? root : follow(fragment, from: root)
    }

    private mutating func walk(_ steps: [Step]) -> Int? {
        var node = Self.root
        for step in steps {
            guard let next = child(of: node, step) else { return nil }
            node = next
        }
        return node
    }

    /// The node at a JSON pointer below another.
    private mutating func follow(_ pointer: String, from start: Int) -> Int? {
        var node = start
        for token in pointer.split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
            let name = Self.unescaped(token)
            let step: Step = nodes[node].value.arrayValue != nil ? .element(Int(name) ?? -1) : .member(name)
            guard let next = child(of: node, step) else { return nil }
            node = next
        }
        return node
    }

    private static func escaped(_ name: String) -> String {
        guard name.utf8.contains(where: { $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: "/") }) else { return name }
        var text = ""
        for scalar in name.unicodeScalars {
            switch scalar {
            case "~": text += "~0"
            case "/": text += "~1"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }

    private static func unescaped(_ token: Substring) -> String {
        guard token.utf8.contains(UInt8(ascii: "~")) else { return String(token) }
        var text = ""
        var isEscaped = false
        for scalar in token.unicodeScalars {
            if isEscaped {
                text += scalar == "1" ? "/" : scalar == "0" ? "~" : "~" + String(scalar)
                isEscaped = false
            } else if scalar == "~" {
                isEscaped = true
            } else {
                text.unicodeScalars.append(scalar)
            }
        }
        return isEscaped ? text + "~" : text
    }
}
