/// Which nodes can be completed, and which may be empty: least fixed points, by a list of what has to be looked at again.
struct GrammarAnalysis {
    private(set) var isProductive: [Bool]
    private(set) var isNullable: [Bool]

    init(_ aliases: GrammarProgram.Aliases, _ builder: inout GrammarBuilder) throws(GrammarError) {
        let count = builder.nodes.count
        isProductive = [Bool](repeating: false, count: count)
        isNullable = [Bool](repeating: false, count: count)
        var parents = [[Int32]](repeating: [], count: count)
        for index in 0..<count where aliases.number(Int32(index)) == Int32(index) {
            for child in Self.children(builder, index) { parents[Int(aliases.number(child))].append(Int32(index)) }
        }
        var queue: [Int32] = []
        var isQueued = [Bool](repeating: false, count: count)
        for index in 0..<count where aliases.number(Int32(index)) == Int32(index) {
            queue.append(Int32(index))
            isQueued[index] = true
        }
        var next = 0
        while next < queue.count {
            let index = Int(queue[next])
            try builder.poll(2 + Self.size(builder, index))
            next += 1
            isQueued[index] = false
            let productive = try canComplete(index, aliases, &builder)
            let nullable = productive && canBeEmpty(index, aliases, builder)
            guard productive != isProductive[index] || nullable != isNullable[index] else { continue }
            isProductive[index] = productive
            isNullable[index] = nullable
            for parent in parents[index] where !isQueued[Int(parent)] {
                isQueued[Int(parent)] = true
                queue.append(parent)
            }
        }
    }

    /// How much there is to be looked at in a node.
    private static func size(_ builder: GrammarBuilder, _ index: Int) -> Int {
        switch builder.nodes[index] {
        case .undefined, .alias, .terminal, .repetition: 1
        case .sequence(let children), .choice(let children): children.count / 4
        case .members(let place): builder.memberSets[Int(place)].named.count * 2
        }
    }

    private static func children(_ builder: GrammarBuilder, _ index: Int) -> [Int32] {
        switch builder.nodes[index] {
        case .undefined, .alias, .terminal: []
        case .sequence(let children), .choice(let children): children
        case .repetition(let body, _, _): [body]
        case .members(let place):
            builder.memberSets[Int(place)].named.map(\.value.id)
                + builder.memberSets[Int(place)].others.map(\.value.id)
        }
    }

    private func canComplete(
        _ index: Int,
        _ aliases: GrammarProgram.Aliases,
        _ builder: inout GrammarBuilder
    ) throws(GrammarError) -> Bool {
        switch builder.nodes[index] {
        case .undefined, .alias: return false
        case .terminal(let expression): return try builder.automaton.isInhabited(expression.id)
        case .sequence(let parts): return parts.allSatisfy { isProductive[Int(aliases.number($0))] }
        case .choice(let parts): return parts.contains { isProductive[Int(aliases.number($0))] }
        case .repetition(let body, let minimum, let maximum):
            if let maximum, maximum < minimum { return false }
            return minimum == 0 || isProductive[Int(aliases.number(body))]
        case .members(let place):
            let set = builder.memberSets[Int(place)]
            return try MemberProgram.canComplete(set, aliases, isProductive: isProductive, &builder)
        }
    }

    private func canBeEmpty(_ index: Int, _ aliases: GrammarProgram.Aliases, _ builder: GrammarBuilder) -> Bool {
        switch builder.nodes[index] {
        case .undefined, .alias, .members: false
        case .terminal(let expression): builder.automaton.expressions.isNullable(expression.id)
        case .sequence(let parts): parts.allSatisfy { isNullable[Int(aliases.number($0))] }
        case .choice(let parts): parts.contains { isNullable[Int(aliases.number($0))] }
        case .repetition(let body, let minimum, _): minimum == 0 || isNullable[Int(aliases.number(body))]
        }
    }
}
