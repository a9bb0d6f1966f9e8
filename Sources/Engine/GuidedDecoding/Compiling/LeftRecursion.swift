/// Finds nodes that begin with themselves, which could be entered for ever without a byte.
enum LeftRecursion {
    static func check(_ program: GrammarProgram, isNullable: [Bool]) throws(GrammarError) {
        // 0: not seen, 1: on the path, 2: done
        var marks = [UInt8](repeating: 0, count: program.nodes.count)
        for root in program.nodes.indices where marks[root] == 0 {
            var path: [(node: Int, rest: ArraySlice<Int32>)] = [(root, beginnings(program, root, isNullable)[...])]
            marks[root] = 1
            while let last = path.indices.last {
                guard let next = path[last].rest.popFirst() else {
                    marks[path[last].node] = 2
                    path.removeLast()
                    continue
                }
                switch marks[Int(next)] {
                case 0:
                    marks[Int(next)] = 1
                    path.append((Int(next), beginnings(program, Int(next), isNullable)[...]))
                case 1:
                    throw GrammarError(
                        .unsupported,
                        "a rule of the grammar begins with itself in a way that can't be rewritten"
                    )
                default: break
                }
            }
        }
    }

    /// The nodes that a node may begin with.
    private static func beginnings(_ program: GrammarProgram, _ index: Int, _ isNullable: [Bool]) -> [Int32] {
        switch program.nodes[index] {
        case .terminal, .members: return []
        case .choice(let parts): return parts
        case .repetition(let body, _, let maximum): return maximum == 0 ? [] : [body]
        case .sequence(let parts):
            let first = parts.firstIndex { !isNullable[Int($0)] } ?? parts.count - 1
            return Array(parts.prefix(first + 1))
        }
    }
}
