internal import CommandSupport
internal import OpenAIProtocol
internal import Yams

/// Reads the text of an options file, within bounds that keep a hostile one from taking time and memory without end.
enum OptionsText {
    /// Most bytes; the reference's longest examples have a few hundred.
    static let byteLimit = 64 << 10
    /// Most references to anchors: each may double what the text stands for.
    static let aliasLimit = 4
    /// Most keys and values, and how deep they may be nested.
    static let valueLimit = 10_000
    static let depthLimit = 32

    /// Why a text is no value: for people, without the text itself.
    struct Problem: Error {
        var reason: String
    }

    /// The value of a text of one document; `null` when there is none.
    ///
    /// - Throws: `Problem` when it isn't YAML or exceeds a bound.
    static func value(of text: String) throws(Problem) -> OptionValue {
        guard text.utf8.count <= byteLimit else {
            throw Problem(reason: "it is longer than \(ByteSize(byteLimit)), which is the limit")
        }
        let aliases = aliasCount(text)
        guard aliases <= aliasLimit else {
            throw Problem(reason: "it has \(aliases) references such as '*name', but must have at most \(aliasLimit)")
        }
        guard let node = try compose(text) else { return .null }
        var count = 0
        return try value(of: node, depth: 0, count: &count)
    }

    /// How often something looks like a reference to an anchor, in comments and quoted text too.
    private static func aliasCount(_ text: String) -> Int {
        zip(text.utf8, text.utf8.dropFirst()).count { first, second in
            first == UInt8(ascii: "*") && !UInt8.whiteSpace.contains(second)
        }
    }

    private static func compose(_ text: String) throws(Problem) -> Node? {
        do {
            return try Yams.compose(yaml: text)
        } catch {
            throw Problem(reason: reason(error))
        }
    }

    private static func reason(_ error: any Error) -> String {
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            "\(problem) in line \(mark.line), column \(mark.column)"
        case .reader(let problem, _, _, _): problem
        case .duplicatedKeysInMapping(let keys, _): "the key '\((keys.first ?? "").excerpt)' is there more than once"
        default: "\(error)".excerpt
        }
    }

    private static func value(of node: Node, depth: Int, count: inout Int) throws(Problem) -> OptionValue {
        count += 1
        guard count <= valueLimit else {
            throw Problem(reason: "it has more than \(valueLimit) values, which is the limit")
        }
        guard depth <= depthLimit else {
            throw Problem(reason: "it is nested more than \(depthLimit) deep, which is the limit")
        }
        switch node {
        case .scalar(let scalar): return OptionValue(scalar, node)
        case .sequence(let sequence):
            var elements: [OptionValue] = []
            for element in sequence { elements.append(try value(of: element, depth: depth + 1, count: &count)) }
            return .list(elements)
        case .mapping(let mapping):
            var members: [OptionMember] = []
            for (key, member) in mapping {
                let member = try value(of: member, depth: depth + 1, count: &count)
                members.append(OptionMember(key: key.string ?? "", value: member))
            }
            return .mapping(members)
        case .alias: return .null
        }
    }
}

extension UInt8 {
    fileprivate static let whiteSpace: [UInt8] = [0x20, 0x09, 0x0A, 0x0D]
}
