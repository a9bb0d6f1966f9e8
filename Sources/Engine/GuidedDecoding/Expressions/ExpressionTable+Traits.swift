extension ExpressionTable {
    /// What is known of a node from what is known of its parts.
    func traits(of node: ExpressionNode) -> ExpressionTraits {
        var isNullable = false
        var isInhabited = true
        var isUnbounded = false
        var depth: Int32 = 0
        switch node.kind {
        case .nothing: isInhabited = false
        case .empty: isNullable = true
        case .bytes, .literal: break
        case .trie: isNullable = tries[node.first].isEnd
        case .concatenation:
            let (head, tail) = (traits(node.first), traits(node.second))
            isNullable = head.isNullable && tail.isNullable
            isInhabited = head.isInhabited && tail.isInhabited
            isUnbounded = isInhabited && (head.isUnbounded || tail.isUnbounded)
            depth = max(head.depth + 1, tail.depth + (head.isNullable ? 1 : 0))
        case .union:
            isInhabited = false
            for member in list(node) {
                let member = traits(member)
                isNullable = isNullable || member.isNullable
                isInhabited = isInhabited || member.isInhabited
                isUnbounded = isUnbounded || member.isUnbounded
                depth = max(depth, member.depth + 1)
            }
        case .intersection:
            isNullable = true
            for member in list(node) {
                isNullable = isNullable && traits(member).isNullable
                depth = max(depth, traits(member).depth + 1)
            }
            isInhabited = isNullable
        case .complement:
            isNullable = !traits(node.first).isNullable
            isInhabited = isNullable
            isUnbounded = node.first <= 1
            depth = traits(node.first).depth + 1
        case .repetition:
            let body = traits(node.first)
            isNullable = node.second == 0 || body.isNullable
            isInhabited = isNullable || body.isInhabited
            isUnbounded = body.isUnbounded || (node.third < 0 && body.isInhabited)
            depth = body.depth + 1
        case .remainder:
            // Enough further digits give any remainder.
            isNullable = node.first == 0
            isUnbounded = true
        case .difference:
            let whole = traits(node.first)
            isNullable = whole.isNullable && !tries[node.second].isEnd
            isUnbounded = whole.isUnbounded
            // A trie is finite, so what has words of any length keeps some.
            isInhabited = isNullable || whole.isUnbounded
            depth = whole.depth + 1
        }
        return ExpressionTraits(
            isNullable: isNullable,
            isInhabited: isInhabited,
            isUnbounded: isUnbounded,
            depth: depth
        )
    }
}
