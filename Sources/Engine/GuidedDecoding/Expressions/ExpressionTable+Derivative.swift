extension ExpressionTable {
    /// What may follow a byte, and the bytes that have this very derivative as far as that is easily told.
    struct Derivative: Sendable {
        var expression: Int32
        /// A set with the byte in it.
        var bytes: ByteSet
    }

    /// The derivative of a part that many expressions have: it is remembered.
    private mutating func memberDerivative(_ id: Int32, _ byte: UInt8) throws(GrammarError) -> Derivative {
        switch node(id).kind {
        case .concatenation, .union, .intersection, .complement, .repetition: break
        default: return try derivative(id, byte)
        }
        let key = UInt64(UInt32(bitPattern: id)) << 8 | UInt64(byte)
        if let known = derivatives[key] { return known }
        let result = try derivative(id, byte)
        if derivatives.count >= 200_000 { derivatives.removeAll(keepingCapacity: true) }
        derivatives[key] = result
        return result
    }

    /// The derivative of an expression by a byte: the words that begin with the byte, without it.
    mutating func derivative(_ id: Int32, _ byte: UInt8) throws(GrammarError) -> Derivative {
        let node = node(id)
        try count(steps: 1)
        switch node.kind {
        case .nothing, .empty: return Derivative(expression: 0, bytes: .all)
        case .bytes:
            let set = set(node)
            return set.contains(byte)
                ? Derivative(expression: 1, bytes: set) : Derivative(expression: 0, bytes: set.inverted)
        case .literal:
            let first = pool[Int(node.first)]
            guard first == byte else { return Derivative(expression: 0, bytes: ByteSet([first]).inverted) }
            return Derivative(expression: try literal(node, droppingFirst: 1), bytes: ByteSet([first]))
        case .trie:
            guard let child = tries.child(node.first, byte) else {
                return Derivative(expression: 0, bytes: tries.bytes(node.first).inverted)
            }
            return Derivative(expression: try trieNode(child), bytes: ByteSet([byte]))
        case .concatenation:
            var result = try derivative(node.first, byte)
            result.expression = try concatenation(result.expression, node.second)
            guard isNullable(node.first) else { return result }
            let other = try derivative(node.second, byte)
            result.expression = try union([result.expression, other.expression])
            result.bytes = result.bytes.intersection(other.bytes)
            return result
        case .union, .intersection:
            var bytes = ByteSet.all
            var members: [Int32] = []
            for member in Array(list(node)) {
                let part = try memberDerivative(member, byte)
                bytes = bytes.intersection(part.bytes)
                members.append(part.expression)
            }
            try count(steps: members.count)
            let expression = node.kind == .union ? try union(members) : try intersection(members)
            return Derivative(expression: expression, bytes: bytes)
        case .complement:
            var result = try memberDerivative(node.first, byte)
            result.expression = try complement(result.expression)
            return result
        case .repetition:
            var result = try derivative(node.first, byte)
            let rest = try repetition(
                node.first,
                max(0, node.second - 1),
                node.third < 0 ? nil : node.third - 1
            )
            result.expression = try concatenation(result.expression, rest)
            return result
        case .remainder:
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else {
                return Derivative(
                    expression: 0,
                    bytes: ByteSet(UInt8(ascii: "0")...UInt8(ascii: "9")).inverted
                )
            }
            let digit = Int(byte - UInt8(ascii: "0"))
            let rest = (Int(node.first) * 10 + digit) % Int(node.second)
            return Derivative(
                expression: try remainder(Int32(rest), modulus: node.second),
                bytes: ByteSet([byte])
            )
        case .difference:
            var result = try derivative(node.first, byte)
            if let child = tries.child(node.second, byte) {
                result.expression = try difference(result.expression, child)
                result.bytes = ByteSet([byte])
            } else {
                result.bytes = result.bytes.intersection(tries.bytes(node.second).inverted)
            }
            return result
        }
    }
}
