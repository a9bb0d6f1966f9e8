/// A grammar ready to be walked: nodes that can't be completed are gone, and no node begins with itself.
struct GrammarProgram: Sendable {
    /// A node; what it stands for without names and aliases.
    enum Node: Sendable {
        /// A word of an expression.
        case terminal(Int32)
        /// Nodes one behind the other, at least one.
        case sequence([Int32])
        /// One of several nodes.
        case choice([Int32])
        /// A node `minimum` to `maximum` times (-1: any number).
        case repetition(Int32, minimum: Int32, maximum: Int32)
        /// Members of the set with this place.
        case members(Int32)
    }

    /// The nodes, by number; those that can't be completed are empty choices.
    private(set) var nodes: [Node]
    /// The sets of members.
    private(set) var memberSets: [MemberProgram]
    /// What an output is.
    let root: Int32

    func node(_ id: Int32) -> Node { nodes[Int(id)] }

    /// Prepares what a builder holds; throws where no output is possible, or a node begins with itself.
    init(_ root: GrammarNode, of builder: inout GrammarBuilder) throws(GrammarError) {
        let resolved = try Self.resolveAliases(&builder)
        for index in builder.memberSets.indices {
            var set = builder.memberSets[index]
            try MemberProgram.separateNames(&set, &builder)
            builder.memberSets[index] = set
        }
        let analysis = try GrammarAnalysis(resolved, &builder)
        self.root = resolved.number(root.id)
        guard analysis.isProductive[Int(self.root)] else {
            throw GrammarError(.unsatisfiable, "nothing can obey the grammar")
        }
        nodes = []
        nodes.reserveCapacity(builder.nodes.count)
        memberSets = []
        memberSets.reserveCapacity(builder.memberSets.count)
        for set in builder.memberSets {
            memberSets.append(
                try MemberProgram(set, resolved: resolved, isProductive: analysis.isProductive, &builder)
            )
        }
        for index in builder.nodes.indices { nodes.append(Self.node(index, builder, resolved, analysis)) }
        try LeftRecursion.check(self, isNullable: analysis.isNullable)
    }

    private static func node(
        _ index: Int,
        _ builder: GrammarBuilder,
        _ resolved: Aliases,
        _ analysis: GrammarAnalysis
    ) -> Node {
        guard analysis.isProductive[index] else { return .choice([]) }
        switch builder.nodes[index] {
        case .undefined, .alias: return .choice([])
        case .terminal(let expression): return .terminal(expression.id)
        case .sequence(let parts): return .sequence(parts.map(resolved.number))
        case .choice(let alternatives):
            return .choice(alternatives.map(resolved.number).filter { analysis.isProductive[Int($0)] })
        case .repetition(let body, let minimum, let maximum):
            let body = resolved.number(body)
            // What may be empty may be so in each of the rounds that are asked for.
            let isNullable = analysis.isNullable[Int(body)]
            let limit = analysis.isProductive[Int(body)] ? maximum ?? -1 : 0
            return .repetition(body, minimum: isNullable ? 0 : minimum, maximum: limit)
        case .members(let place): return .members(place)
        }
    }

    /// What each node stands for behind all aliases.
    struct Aliases {
        fileprivate var numbers: [Int32]
        func number(_ id: Int32) -> Int32 { numbers[Int(id)] }
    }

    private static func resolveAliases(_ builder: inout GrammarBuilder) throws(GrammarError) -> Aliases {
        var numbers = [Int32](repeating: -1, count: builder.nodes.count)
        for index in builder.nodes.indices where numbers[index] < 0 {
            try builder.poll()
            var chain: [Int] = []
            var target = Int32(index)
            while numbers[Int(target)] == -1, case .alias(let next) = builder.nodes[Int(target)] {
                // A mark that shows a circle: such a node stands for itself and matches nothing.
                numbers[Int(target)] = -2
                chain.append(Int(target))
                target = next
            }
            let end = numbers[Int(target)] >= 0 ? numbers[Int(target)] : target
            if chain.isEmpty { numbers[index] = end }
            for link in chain { numbers[link] = end }
        }
        return Aliases(numbers: numbers)
    }
}
