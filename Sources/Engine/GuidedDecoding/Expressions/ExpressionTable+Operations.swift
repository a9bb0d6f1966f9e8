extension ExpressionTable {
    /// Words of one expression, then of another.
    mutating func concatenation(_ left: Int32, _ right: Int32) throws(GrammarError) -> Int32 {
        if left == 0 || right == 0 { return 0 }
        if left == 1 { return right }
        if right == 1 { return left }
        var heads: [Int32] = []
        var rest = left
        while node(rest).kind == .concatenation {
            heads.append(node(rest).first)
            rest = node(rest).second
        }
        try count(steps: heads.count)
        var result = try intern(ExpressionNode(kind: .concatenation, first: rest, second: right))
        while let head = heads.popLast() {
            result = try intern(ExpressionNode(kind: .concatenation, first: head, second: result))
        }
        return result
    }

    /// Words of any of the members.
    mutating func union(_ members: [Int32]) throws(GrammarError) -> Int32 {
        var flat: [Int32] = []
        var set = ByteSet()
        for member in members { flatten(member, .union, into: &flat) }
        try count(steps: flat.count / 2)
        if flat.contains(anything) { return anything }
        var others: [Int32] = []
        for member in flat where member != 0 {
            if node(member).kind == .bytes { set = set.union(self.set(node(member))) } else { others.append(member) }
        }
        if !set.isEmpty { others.append(try byte(in: set)) }
        others = sortedUnique(others)
        if others.contains(1), others.contains(where: { $0 != 1 && isNullable($0) }) { others.removeAll { $0 == 1 } }
        try dropCovered(&others)
        guard let first = others.first else { return 0 }
        return others.count == 1 ? first : try internList(.union, others)
    }

    /// Words that all members have.
    mutating func intersection(_ members: [Int32]) throws(GrammarError) -> Int32 {
        var flat: [Int32] = []
        for member in members { flatten(member, .intersection, into: &flat) }
        try count(steps: flat.count / 2)
        var set: ByteSet?
        var others: [Int32] = []
        for member in flat where member != anything {
            if member == 0 { return 0 }
            if node(member).kind == .bytes {
                set = (set ?? .all).intersection(self.set(node(member)))
            } else {
                others.append(member)
            }
        }
        if let set {
            if set.isEmpty { return 0 }
            others.append(try byte(in: set))
        }
        others = sortedUnique(others)
        if others.contains(1) { return others.allSatisfy { isNullable($0) } ? 1 : 0 }
        if others.contains(where: { node($0).kind == .complement && others.contains(node($0).first) }) { return 0 }
        if try dropCovering(&others) { return 0 }
        guard let first = others.first else { return anything }
        return others.count == 1 ? first : try internList(.intersection, others)
    }

    /// All words over all bytes but those of an expression.
    mutating func complement(_ id: Int32) throws(GrammarError) -> Int32 {
        if node(id).kind == .complement { return node(id).first }
        return try intern(ExpressionNode(kind: .complement, first: id))
    }

    /// `minimum` to `maximum` words of an expression, one behind the other; any number where `maximum` is nil.
    mutating func repetition(_ id: Int32, _ minimum: Int32, _ maximum: Int32?) throws(GrammarError) -> Int32 {
        if maximum == 0 { return 1 }
        if id == 0 { return minimum == 0 ? 1 : 0 }
        if id == 1 || id == anything { return id }
        if minimum == 1, maximum == 1 { return id }
        let node = node(id)
        if node.kind == .repetition, node.second == 0, node.third < 0 { return id }
        // What may be empty may be so in each of the rounds that are asked for.
        let minimum = isNullable(id) ? 0 : minimum
        return try intern(
            ExpressionNode(kind: .repetition, first: id, second: minimum, third: maximum ?? -1)
        )
    }

    /// Words of an expression but literals, sorted and without duplicates.
    mutating func difference(_ id: Int32, literals: [[UInt8]]) throws(GrammarError) -> Int32 {
        literals.isEmpty ? id : try difference(id, try insertTrie(literals))
    }

    /// Words of an expression but those below a trie's node.
    mutating func difference(_ id: Int32, _ trie: Int32) throws(GrammarError) -> Int32 {
        if id == 0 { return 0 }
        let node = tries[trie]
        if node.children.isEmpty {
            if !node.isEnd || !isNullable(id) { return id }
            if id == 1 { return 0 }
        }
        if id == 1 { return node.isEnd ? 0 : 1 }
        return try intern(ExpressionNode(kind: .difference, first: id, second: trie))
    }

    /// Decimal digits that, behind a number that leaves a remainder, give one that the modulus divides.
    mutating func remainder(_ remainder: Int32, modulus: Int32) throws(GrammarError) -> Int32 {
        try intern(ExpressionNode(kind: .remainder, first: remainder, second: modulus))
    }

    private func flatten(_ id: Int32, _ kind: ExpressionKind, into members: inout [Int32]) {
        let node = node(id)
        if node.kind == kind { members.append(contentsOf: list(node)) } else { members.append(id) }
    }

    private func sortedUnique(_ members: [Int32]) -> [Int32] {
        var result: [Int32] = []
        result.reserveCapacity(members.count)
        for member in members.sorted() where result.last != member { result.append(member) }
        return result
    }
}
