extension ExpressionTable {
    /// Whether an expression is any text at all: any number of any characters of an encoding.
    func isAnyText(_ id: Int32) -> Bool {
        let node = node(id)
        return node.kind == .repetition && node.second == 0 && node.third < 0 && anyCharacters.contains(node.first)
    }

    /// Whether an expression is any text, or any text before one byte.
    private func isText(_ id: Int32) -> Bool {
        let node = node(id)
        guard node.kind == .concatenation else { return isAnyText(id) }
        return self.node(node.second).kind == .bytes && isAnyText(node.first)
    }

    /// Whether an expression is such a text, also behind something else, such as the rest of a character.
    private func isBroad(_ id: Int32) -> Bool {
        isText(id) || node(id).kind == .concatenation && isBroad(node(id).second)
    }

    /// Takes out members of a union that have no word but those of another one that is broad.
    ///
    /// Derivatives of `.*a.*` are so `.*` behind the first `a`, and need no state of their own for what comes then.
    mutating func dropCovered(_ members: inout [Int32]) throws(GrammarError) {
        guard members.count <= Self.mostCompared else { return }
        for broad in members where isBroad(broad) {
            try count(steps: members.count)
            members.removeAll { $0 != broad && isCovered($0, by: broad) }
        }
    }

    /// Takes out broad members of an intersection that have all words of another one.
    ///
    /// - Returns: whether nothing is left, because a word of one member can't be one of another.
    mutating func dropCovering(_ members: inout [Int32]) throws(GrammarError) -> Bool {
        guard members.count <= Self.mostCompared else { return false }
        for member in members {
            let node = node(member)
            if node.kind == .complement, isBroad(node.first) {
                try count(steps: members.count)
                if members.contains(where: { $0 != member && isCovered($0, by: node.first) }) { return true }
            } else if isBroad(member) {
                try count(steps: members.count)
                if members.contains(where: { $0 != member && isCovered($0, by: member) }) {
                    members.removeAll { $0 == member }
                }
            }
        }
        return false
    }

    /// Whether all words of an expression surely are words of one that is broad.
    mutating func isCovered(_ id: Int32, by broad: Int32) -> Bool {
        if id == broad || id == 0 { return true }
        let (left, right) = (node(id), node(broad))
        if left.kind == .concatenation, right.kind == .concatenation, left.first == right.first,
            isCovered(left.second, by: right.second)
        {
            return true
        }
        return isText(broad) && isWithin(id, broad)
    }

    /// Whether all words of an expression surely are words of a text.
    ///
    /// - Parameter text: any text, or any text before one byte.
    private mutating func isWithin(_ id: Int32, _ text: Int32) -> Bool {
        if id == text || id == 0 { return true }
        let key = UInt64(UInt32(bitPattern: id)) << 32 | UInt64(UInt32(bitPattern: text))
        if let known = coverage[key] { return known }
        // What is asked for again on the way isn't sure.
        coverage[key] = false
        let result = hasOnly(id, text)
        if result { coverage[key] = true }
        return result
    }

    private mutating func hasOnly(_ id: Int32, _ text: Int32) -> Bool {
        let any = node(text).kind == .concatenation ? node(text).first : text
        switch node(id).kind {
        case .union: return Array(list(node(id))).allSatisfy { isWithin($0, text) }
        case .intersection: return Array(list(node(id))).contains { isWithin($0, text) }
        case .difference: return isWithin(node(id).first, text)
        case .repetition: return text == any && isWithin(node(id).first, text)
        case .concatenation:
            var rest = id
            while node(rest).kind == .concatenation, rest != text, isWithin(node(rest).first, any) {
                rest = node(rest).second
            }
            return rest == id ? spellsOnly(id, text) : isWithin(rest, text)
        default: return spellsOnly(id, text)
        }
    }

    /// Whether the next few bytes of an expression lead to what has only words of a text.
    private mutating func spellsOnly(_ id: Int32, _ text: Int32) -> Bool {
        var open = [(id, text)]
        var seen = 0
        while let (left, right) = open.popLast() {
            if isNullable(left), !isNullable(right) { return false }
            var rest = ByteSet.all
            while let byte = rest.lowest {
                seen += 1
                guard seen < Self.mostSpelled, let one = try? derivative(left, byte),
                    let other = try? derivative(right, byte)
                else { return false }
                rest = rest.intersection(one.bytes.intersection(other.bytes).inverted)
                if one.expression == 0 || one.expression == other.expression { continue }
                if other.expression == 0 { return false }
                if other.expression != text {
                    open.append((one.expression, other.expression))
                } else if !isWithin(one.expression, text) {
                    return false
                }
            }
        }
        return true
    }

    /// Lists of more members aren't searched for what others cover.
    private static var mostCompared: Int { 64 }
    /// Derivatives that it may take to find that a character belongs to a text.
    private static var mostSpelled: Int { 200 }
}
