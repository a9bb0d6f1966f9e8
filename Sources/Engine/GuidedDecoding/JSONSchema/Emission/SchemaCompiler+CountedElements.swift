/// How far an array has been read that has to contain something.
private struct ElementCount: Hashable {
    /// Elements so far; beyond what makes a difference they aren't counted.
    var elements: Int
    /// For each of the clause's `contained`, the elements that counted so far.
    var found: [Int]
}

extension SchemaCompiler {
    /// Most states of counting in one array.
    private static let countedStates = 2_000

    /// Elements among which some have to belong to terms: a node for each state of counting.
    mutating func countedElements(of clause: ArrayClause) throws(GrammarError) -> GrammarNode {
        guard clause.contained.count <= 8 else {
            throw unsupported("contains", "of more than 8 schemas on one array isn't supported")
        }
        let last = max(1, clause.prefix.count, clause.minimum, clause.contained.map(\.start).max() ?? 0)
        var nodes: [ElementCount: GrammarNode] = [:]
        let start = ElementCount(elements: 0, found: clause.contained.map { _ in 0 })
        let root = try builder.declare()
        nodes[start] = root
        var open = [start]
        while let state = open.popLast() {
            var alternatives: [GrammarNode] = []
            if isEnough(state, clause) { alternatives.append(try builder.sequence([])) }
            if clause.maximum.map({ state.elements < $0 }) ?? true {
                for (term, found) in try elementClasses(at: state, clause) where term != .none {
                    let elements = clause.maximum == nil ? min(state.elements + 1, last) : state.elements + 1
                    let next = ElementCount(elements: elements, found: found)
                    if nodes[next] == nil {
                        guard nodes.count < Self.countedStates else {
                            throw unsupported(
                                "contains",
                                "with these counts takes more than \(Self.countedStates) states"
                            )
                        }
                        nodes[next] = try builder.declare()
                        open.append(next)
                    }
                    guard let following = nodes[next] else { continue }
                    let comma = try state.elements == 0 ? [] : [builder.terminal(layout().comma)]
                    alternatives.append(try builder.sequence(comma + [node(of: term), following]))
                }
            }
            if let node = nodes[state] { builder.define(node, as: try builder.choice(alternatives)) }
        }
        return root
    }

    private func isEnough(_ state: ElementCount, _ clause: ArrayClause) -> Bool {
        state.elements >= clause.minimum && zip(state.found, clause.contained).allSatisfy { $0 >= $1.minimum }
    }

    /// The terms that the next element may belong to, with what is found then.
    ///
    /// Where there is no upper limit, an element that would count may go uncounted: that accepts no more arrays.
    private mutating func elementClasses(
        at state: ElementCount,
        _ clause: ArrayClause
    ) throws(GrammarError) -> [(term: Term, found: [Int])] {
        var classes = [(term: clause.term(at: state.elements), found: state.found)]
        for (index, contained) in clause.contained.enumerated() where state.elements >= contained.start {
            var next: [(term: Term, found: [Int])] = []
            for (term, found) in classes {
                let isSettled = contained.maximum == nil && found[index] >= contained.minimum
                let miss = try contained.maximum == nil ? term : terms.all([term, terms.not(contained.term)])
                next.append((miss, found))
                if isSettled || found[index] >= contained.maximum ?? .max { continue }
                var more = found
                more[index] += 1
                next.append((try terms.all([term, contained.term]), more))
            }
            classes = next
        }
        return classes
    }
}
