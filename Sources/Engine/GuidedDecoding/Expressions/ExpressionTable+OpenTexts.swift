extension ExpressionTable {
    /// Whether all words of an expression surely are words of a text, and every beginning of one of those can be
    /// completed to a word of the expression: such as `.*a.*` and its derivatives.
    ///
    /// - Parameter text: any text before one byte.
    mutating func isOpen(_ id: Int32, _ text: Int32) -> Bool {
        canGoOn(id, node(text).first) && isCovered(id, by: text)
    }

    /// Whether every beginning of any text can be completed.
    private func canGoOn(_ id: Int32, _ any: Int32) -> Bool {
        let node = node(id)
        switch node.kind {
        case .concatenation:
            return (node.first == any || canGoOn(node.first, any)) && traits(node.second).isInhabited
        case .union: return list(node).contains { canGoOn($0, any) }
        case .intersection:
            // What completes one member may stand before what completes the next, if any text may follow the first.
            let bounded = list(node).filter { !mayBeFollowed($0, any) }
            return bounded.count <= 1 && list(node).allSatisfy { canGoOn($0, any) }
        case .repetition: return node.third < 0 && node.first == self.node(any).first
        default: return false
        }
    }

    /// Whether a word of an expression before any text is again a word of it.
    private func mayBeFollowed(_ id: Int32, _ any: Int32) -> Bool {
        let node = node(id)
        switch node.kind {
        case .concatenation: return mayBeFollowed(node.second, any)
        case .union, .intersection: return list(node).allSatisfy { mayBeFollowed($0, any) }
        case .repetition: return node.third < 0 && node.first == self.node(any).first
        default: return false
        }
    }
}
