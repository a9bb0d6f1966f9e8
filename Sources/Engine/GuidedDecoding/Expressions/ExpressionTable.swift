/// Expressions by number: each is stored once, and what is made of the same parts has the same number.
///
/// Brzozowski's derivatives (1964) over hash-consed expressions, as Owens, Reppy and Turon (2009) describe them, make
/// automata out of them.
struct ExpressionTable: Sendable {
    private(set) var nodes: [ExpressionNode] = []
    private(set) var traits: [ExpressionTraits] = []
    private(set) var sets: [ByteSet] = []
    /// Members of unions and intersections.
    private(set) var lists: [Int32] = []
    /// Bytes of literals.
    private(set) var pool: [UInt8] = []
    private(set) var tries = LiteralTries()
    /// Derivatives by expression and byte, of parts that are asked for again and again.
    var derivatives: [UInt64: Derivative] = [:]
    private var numbers = InternTable()
    private var setNumbers: [ByteSet: Int32] = [:]
    /// The expressions that are any character, in one encoding or another.
    var anyCharacters: Set<Int32> = []
    /// The expressions of sets of characters.
    var characters: [CharactersKey: Int32] = [:]
    /// Whether words of one expression surely are words of another, which is any text: by both of their numbers.
    var coverage: [UInt64: Bool] = [:]
    /// Steps that are left for derivatives; nil: any number.
    var stepsLeft: Int?
    private let limits: GrammarLimits
    /// How many expressions there may be, and how deeply they may be nested.
    var limit: Int
    let depthLimit: Int

    /// Any word at all.
    private(set) var anything: Int32 = 0

    init(limits: GrammarLimits) {
        limit = limits.expressions
        depthLimit = limits.depth
        self.limits = limits
        append(ExpressionNode(kind: .nothing))
        append(ExpressionNode(kind: .empty))
        anything = append(ExpressionNode(kind: .complement, first: 0))
    }

    var count: Int { nodes.count }

    /// Roughly how many bytes it takes.
    var byteCount: Int {
        nodes.count * 96 + lists.count * 4 + pool.count + tries.nodes.count * 24 + derivatives.count * 96
            + coverage.count * 24
    }

    /// Makes its tables its own.
    mutating func detach() {
        let room = nodes.count + 256
        nodes.reserveCapacity(room)
        traits.reserveCapacity(room)
        lists.reserveCapacity(lists.count + 256)
        numbers.detach()
    }

    func node(_ id: Int32) -> ExpressionNode { nodes[Int(id)] }
    func traits(_ id: Int32) -> ExpressionTraits { traits[Int(id)] }
    func isNullable(_ id: Int32) -> Bool { traits[Int(id)].isNullable }
    func list(_ node: ExpressionNode) -> ArraySlice<Int32> { lists[Int(node.first)..<Int(node.first + node.second)] }
    func bytes(_ node: ExpressionNode) -> ArraySlice<UInt8> { pool[Int(node.first)..<Int(node.first + node.second)] }
    func set(_ node: ExpressionNode) -> ByteSet { sets[Int(node.first)] }

    /// Counts some steps; throws when none are left.
    mutating func count(steps count: Int) throws(GrammarError) {
        guard let left = stepsLeft else { return }
        stepsLeft = left - count
        guard left > count else {
            throw GrammarError(.limit, "the grammar takes more than \(limits.compileSteps) steps to be understood")
        }
    }

    // MARK: Numbers

    /// The number of a node, which is stored if it is new.
    mutating func intern(_ node: ExpressionNode) throws(GrammarError) -> Int32 {
        if let known = find(node) { return known }
        try count(steps: 4)
        let traits = traits(of: node)
        guard nodes.count < limit else {
            throw GrammarError(.limit, "the grammar's expressions have more than \(limit) parts")
        }
        guard traits.depth <= Int32(depthLimit) else {
            throw GrammarError(.limit, "the grammar's expressions are nested deeper than \(depthLimit) levels")
        }
        return append(node)
    }

    private func find(_ node: ExpressionNode) -> Int32? {
        numbers.find(hash(node)) { isSame(nodes[Int($0)], node) }
    }

    @discardableResult private mutating func append(_ node: ExpressionNode) -> Int32 {
        let id = Int32(nodes.count)
        traits.append(traits(of: node))
        nodes.append(node)
        numbers.insert(hash(node), id)
        return id
    }

    private func hash(_ node: ExpressionNode) -> UInt64 {
        var hash = InternTable.mix(UInt64(node.kind.rawValue), node.third)
        switch node.kind {
        case .union, .intersection: for member in list(node) { hash = InternTable.mix(hash, member) }
        case .literal: for byte in bytes(node) { hash = InternTable.mix(hash, Int32(byte)) }
        default: hash = InternTable.mix(InternTable.mix(hash, node.first), node.second)
        }
        return hash
    }

    private func isSame(_ left: ExpressionNode, _ right: ExpressionNode) -> Bool {
        guard left.kind == right.kind, left.second == right.second, left.third == right.third else { return false }
        switch left.kind {
        case .union, .intersection: return list(left) == list(right)
        case .literal: return bytes(left) == bytes(right)
        default: return left.first == right.first
        }
    }

    // MARK: Leaves

    /// One byte of a set.
    mutating func byte(in set: ByteSet) throws(GrammarError) -> Int32 {
        if set.isEmpty { return 0 }
        var number = setNumbers[set]
        if number == nil {
            number = Int32(sets.count)
            sets.append(set)
            setNumbers[set] = number
        }
        return try intern(ExpressionNode(kind: .bytes, first: number ?? 0))
    }

    /// Exactly these bytes.
    mutating func literal(_ bytes: some Collection<UInt8>) throws(GrammarError) -> Int32 {
        guard let first = bytes.first else { return 1 }
        try count(steps: bytes.count / 16)
        if bytes.count == 1 { return try byte(in: ByteSet([first])) }
        let offset = pool.count
        pool.append(contentsOf: bytes)
        let node = ExpressionNode(kind: .literal, first: Int32(offset), second: Int32(bytes.count))
        if let known = find(node) {
            pool.removeSubrange(offset...)
            return known
        }
        return try intern(node)
    }

    /// The literal that is left of one behind its first bytes.
    mutating func literal(_ node: ExpressionNode, droppingFirst count: Int32) throws(GrammarError) -> Int32 {
        let rest = node.second - count
        if rest <= 0 { return 1 }
        if rest == 1 { return try byte(in: ByteSet([pool[Int(node.first + count)]])) }
        return try intern(ExpressionNode(kind: .literal, first: node.first + count, second: rest))
    }

    /// A trie of literals, sorted and without duplicates.
    mutating func trie(_ literals: [[UInt8]], areNames: Bool) throws(GrammarError) -> Int32 {
        if literals.isEmpty { return 0 }
        try count(steps: literals.count * 3)
        return try trieNode(tries.insert(literals, areNames: areNames))
    }

    /// The root of a trie of literals, sorted and without duplicates.
    mutating func insertTrie(_ literals: [[UInt8]]) throws(GrammarError) -> Int32 {
        try count(steps: literals.count * 3)
        return tries.insert(literals, areNames: false)
    }

    /// What is below a trie's node.
    mutating func trieNode(_ node: Int32) throws(GrammarError) -> Int32 {
        // Names are told apart by their trie, so the end of a name stays a node of it.
        let trie = tries[node]
        if trie.children.isEmpty, !trie.isNames { return trie.isEnd ? 1 : 0 }
        return try intern(ExpressionNode(kind: .trie, first: node))
    }

    /// A list that is stored as a union's or an intersection's members.
    mutating func internList(_ kind: ExpressionKind, _ members: [Int32]) throws(GrammarError) -> Int32 {
        let offset = lists.count
        lists.append(contentsOf: members)
        let node = ExpressionNode(kind: kind, first: Int32(offset), second: Int32(members.count))
        if let known = find(node) {
            lists.removeSubrange(offset...)
            return known
        }
        return try intern(node)
    }
}
