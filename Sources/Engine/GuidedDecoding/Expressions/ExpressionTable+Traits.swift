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
        let (shortest, completion) = lengths(of: node)
        return ExpressionTraits(
            isNullable: isNullable,
            isInhabited: isInhabited,
            isUnbounded: isUnbounded,
            depth: depth,
            shortest: shortest,
            completion: completion,
            distance: distance(of: node)
        )
    }

    /// How long words are at least, and how much completes any beginning of one, at most.
    private func lengths(of node: ExpressionNode) -> (shortest: Int32, completion: Int32) {
        let unknown = ExpressionTraits.unknown
        switch node.kind {
        case .nothing: return (unknown, 0)
        case .empty: return (0, 0)
        case .bytes: return (1, 1)
        case .literal: return (node.second, node.second)
        case .concatenation:
            let (head, tail) = (traits(node.first), traits(node.second))
            return (
                min(unknown, head.shortest + tail.shortest),
                min(unknown, max(head.completion + tail.shortest, tail.completion))
            )
        case .union:
            let members = list(node).map { traits($0) }
            return (members.map(\.shortest).min() ?? unknown, members.map(\.completion).max() ?? unknown)
        case .repetition:
            let body = traits(node.first)
            let all = Int32(min(Int64(unknown), Int64(body.shortest) * Int64(node.second)))
            return (node.second == 0 ? 0 : all, min(unknown, body.completion + all))
        case .intersection, .complement, .trie, .difference, .remainder: return (unknown, unknown)
        }
    }

    /// How long words are at least, at most.
    private func distance(of node: ExpressionNode) -> Int32 {
        let unknown = ExpressionTraits.unknown
        switch node.kind {
        case .nothing: return unknown
        case .empty, .complement: return 0
        case .bytes: return 1
        case .literal: return node.second
        case .trie: return tries[node.first].isEnd ? 0 : 1
        case .remainder: return node.first == 0 ? 0 : 1
        case .concatenation: return min(unknown, traits(node.first).distance + traits(node.second).distance)
        case .union: return list(node).map { traits($0).distance }.min() ?? unknown
        case .intersection: return list(node).map { traits($0).distance }.max() ?? 0
        case .difference: return traits(node.first).distance
        case .repetition:
            return Int32(min(Int64(unknown), Int64(traits(node.first).distance) * Int64(node.second)))
        }
    }
}
