extension ExpressionTable {
    /// An expression that can't be told from another by words and their continuations within `reach` bytes, and that is
    /// the same for many: counts beyond it are left out.
    mutating func shortened(_ id: Int32, reach: Int32) throws(GrammarError) -> Int32 {
        let node = node(id)
        try count(steps: 2)
        switch node.kind {
        case .concatenation:
            var heads: [Int32] = []
            var rest = id
            while self.node(rest).kind == .concatenation {
                heads.append(try shortened(self.node(rest).first, reach: reach))
                rest = self.node(rest).second
            }
            rest = try shortened(rest, reach: reach)
            while let head = heads.popLast() { rest = try concatenation(head, rest) }
            return rest
        case .union:
            var members: [Int32] = []
            for member in Array(list(node)) { members.append(try shortened(member, reach: reach)) }
            return try union(members)
        case .intersection: return try withoutUpperCounts(node, reach: reach)
        case .repetition:
            let body = try shortened(node.first, reach: reach)
            return try repetition(
                body,
                min(node.second, reach),
                node.third < 0 || node.third > reach ? nil : node.third
            )
        default: return id
        }
    }

    /// An intersection without the upper counts that make no difference within `reach` bytes.
    ///
    /// In `c{m,n} & e` the count `n` matters only where a beginning of up to `reach` bytes can't be completed within it.
    /// Any beginning of a word of `e` that goes on for `m` more characters can be completed with as many as `e`'s
    /// `completion` beyond those, where `c` is any character, so that none of `e`'s is missing.
    private mutating func withoutUpperCounts(
        _ node: ExpressionNode,
        reach: Int32
    ) throws(GrammarError) -> Int32 {
        let members = Array(list(node))
        let counted = members.filter { self.node($0).kind == .repetition && self.node($0).third > reach }
        let others = members.filter { !counted.contains($0) }
        guard let only = counted.first, counted.count == 1, others.count == 1 else { return try intersection(members) }
        let count = self.node(only)
        guard anyCharacters.contains(count.first), traits(others[0]).completion < ExpressionTraits.unknown,
            Int(count.second) + Int(reach) + Int(traits(others[0]).completion) <= Int(count.third)
        else { return try intersection(members) }
        return try intersection([others[0], repetition(count.first, count.second, nil)])
    }
}
