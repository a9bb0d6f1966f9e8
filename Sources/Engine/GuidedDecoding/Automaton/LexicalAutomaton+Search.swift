extension LexicalAutomaton {
    /// Whether an expression has any words, as far as its parts tell, which have words or not by themselves.
    mutating func isInhabited(_ expression: Int32) throws(GrammarError) -> Bool {
        if expressions.traits(expression).isInhabited { return true }
        if expression == 0 { return false }
        if let known = verdicts[expression] { return known }
        let node = expressions.node(expression)
        var result = false
        switch node.kind {
        case .union:
            for member in Array(expressions.list(node)) where !result { result = try isInhabited(member) }
        case .concatenation:
            var rest = expression
            result = true
            while result, expressions.node(rest).kind == .concatenation {
                result = try isInhabited(expressions.node(rest).first)
                rest = expressions.node(rest).second
            }
            if result { result = try isInhabited(rest) }
        case .repetition: result = try isInhabited(node.first)
        default: return try search(expression)
        }
        verdicts[expression] = result
        return result
    }

    /// Looks for a word among an expression's derivatives, first those that seem to be nearest to the end of one.
    private mutating func search(_ expression: Int32) throws(GrammarError) -> Bool {
        var search = InhabitantSearch(expression)
        while let place = search.next() {
            var rest = ByteSet.all
            while let byte = rest.lowest {
                let derivative = try expressions.derivative(search.found[place].expression, byte)
                rest = rest.intersection(derivative.bytes.inverted)
                let target = derivative.expression
                if target == 0 || verdicts[target] == false { continue }
                if expressions.traits(target).isInhabited || verdicts[target] == true {
                    for expression in search.path(to: place) { verdicts[expression] = true }
                    return true
                }
                search.add(target, from: place, distance: expressions.traits(target).distance)
            }
            guard search.found.count <= limits.searchedStates else {
                throw GrammarError(
                    .limit,
                    "the grammar has an expression that needs more than \(limits.searchedStates) states to be understood"
                )
            }
        }
        for entry in search.found { verdicts[entry.expression] = false }
        return false
    }
}

/// Expressions that were met on the search for one that has words, and those whose derivatives weren't looked at yet.
private struct InhabitantSearch {
    private(set) var found: [(expression: Int32, parent: Int)]
    private var seen: Set<Int32>
    /// Places in `found` by the distance to the end of a word.
    private var open: [[Int]]

    init(_ expression: Int32) {
        found = [(expression, -1)]
        seen = [expression]
        open = [[Int]](repeating: [], count: 64)
        open[0] = [0]
    }

    mutating func next() -> Int? {
        for distance in open.indices {
            if let place = open[distance].popLast() { return place }
        }
        return nil
    }

    mutating func add(_ expression: Int32, from parent: Int, distance: Int32) {
        guard seen.insert(expression).inserted else { return }
        open[min(Int(distance), open.count - 1)].append(found.count)
        found.append((expression, parent))
    }

    /// The expressions on the way to a place.
    func path(to place: Int) -> [Int32] {
        var path: [Int32] = []
        var place = place
        while place >= 0 {
            path.append(found[place].expression)
            place = found[place].parent
        }
        return path
    }
}
