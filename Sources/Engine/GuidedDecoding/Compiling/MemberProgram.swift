/// A set of members ready to be walked: the names are one trie, and members are numbered as their names are sorted, those
/// with other names behind them.
struct MemberProgram: Sendable {
    /// Expressions of what stands before, between and behind the members.
    let open: Int32
    let separator: Int32
    let close: Int32
    /// The names as a trie; expression 0 if there are none.
    private(set) var names: Int32 = 0
    /// What follows each name.
    private(set) var values: [Int32] = []
    /// The other names and what follows them; names that can't be completed are expression 0.
    private(set) var others: [(name: Int32, value: Int32)] = []
    /// The named members that may be there at all.
    private(set) var possible: NumberSet
    /// The members that have to be there.
    private(set) var required: NumberSet
    /// For each named member what has to be there with it, itself included; empty if no member requires another.
    private(set) var closures: [NumberSet] = []
    let minimum: Int32
    /// -1: any number.
    let maximum: Int32

    /// Number of members that are kept account of.
    var count: Int { values.count + others.count }

    init(
        _ set: MemberSet,
        resolved: GrammarProgram.Aliases,
        isProductive: [Bool],
        _ builder: inout GrammarBuilder
    ) throws(GrammarError) {
        try builder.poll(8 + 8 * set.named.count)
        open = set.open.id
        separator = set.separator.id
        close = set.close.id
        minimum = Int32(clamping: set.minimum)
        let limit = try builder.isNothing(set.separator) ? min(1, set.maximum ?? 1) : set.maximum
        maximum = limit.map { Int32(clamping: max(0, $0)) } ?? -1
        let order = set.named.indices.sorted { set.named[$0].name.lexicographicallyPrecedes(set.named[$1].name) }
        let bound = set.named.count + set.others.count
        possible = NumberSet(bound: bound)
        required = NumberSet(bound: bound)
        names = try builder.automaton.expressions.trie(order.map { set.named[$0].name }, areNames: true)
        var places = [Int](repeating: 0, count: order.count)
        for (place, index) in order.enumerated() { places[index] = place }
        for (place, index) in order.enumerated() {
            values.append(resolved.number(set.named[index].value.id))
            if set.named[index].isRequired { required[place] = true }
        }
        closures = try Self.closures(set, order: order, places: places, bound: bound, &builder)
        for (place, index) in order.enumerated() {
            possible[place] = Self.isPossible(set, index, resolved, isProductive)
        }
        for (index, other) in set.others.enumerated() {
            if other.isRequired { required[order.count + index] = true }
            let value = resolved.number(other.value.id)
            others.append((isProductive[Int(value)] ? other.name.id : 0, value))
        }
    }

    /// Whether a named member and all that it requires, directly or not, have values.
    private static func isPossible(
        _ set: MemberSet,
        _ index: Int,
        _ aliases: GrammarProgram.Aliases,
        _ isProductive: [Bool]
    ) -> Bool {
        if set.named[index].requires.isEmpty { return isProductive[Int(aliases.number(set.named[index].value.id))] }
        return closure(set, [index]).allSatisfy { isProductive[Int(aliases.number(set.named[$0].value.id))] }
    }

    /// Named members and all that they require.
    private static func closure(_ set: MemberSet, _ members: [Int]) -> Set<Int> {
        var closure = Set(members)
        var queue = members
        while let next = queue.popLast() {
            for needed in set.named[next].requires
            where set.named.indices.contains(needed) && closure.insert(needed).inserted {
                queue.append(needed)
            }
        }
        return closure
    }

    private static func closures(
        _ set: MemberSet,
        order: [Int],
        places: [Int],
        bound: Int,
        _ builder: inout GrammarBuilder
    ) throws(GrammarError) -> [NumberSet] {
        guard set.named.contains(where: { !$0.requires.isEmpty }) else { return [] }
        guard set.named.count <= 1000 else {
            throw GrammarError(.limit, "more than 1000 members that require others")
        }
        var result: [NumberSet] = []
        for index in order {
            var numbers = NumberSet(bound: bound)
            let members = closure(set, [index])
            try builder.poll(4 + 2 * members.count)
            for member in members { numbers[places[member]] = true }
            result.append(numbers)
        }
        return result
    }

    /// Takes names that are known from the names of other members.
    static func separateNames(_ set: inout MemberSet, _ builder: inout GrammarBuilder) throws(GrammarError) {
        let taken = set.named.map(\.name) + set.forbidden
        for index in set.others.indices {
            let name = try builder.excluding(taken, from: set.others[index].name)
            set.others[index].name = try builder.isNothing(name) ? .nothing : name
        }
    }

    /// Whether a set of members can be completed, given which values can.
    static func canComplete(
        _ set: MemberSet,
        _ aliases: GrammarProgram.Aliases,
        isProductive: [Bool],
        _ builder: inout GrammarBuilder
    ) throws(GrammarError) -> Bool {
        guard try builder.automaton.isInhabited(set.open.id), try builder.automaton.isInhabited(set.close.id) else {
            return false
        }
        let needed = closure(set, set.named.indices.filter { set.named[$0].isRequired })
        let productive: (GrammarNode) -> Bool = { isProductive[Int(aliases.number($0.id))] }
        let hasSeparator = try builder.automaton.isInhabited(set.separator.id)
        let maximum = min(set.maximum ?? .max, hasSeparator ? .max : 1)
        let neededOthers = set.others.filter(\.isRequired)
        guard needed.allSatisfy({ productive(set.named[$0].value) }),
            neededOthers.allSatisfy({ $0.name != .nothing && productive($0.value) }),
            needed.count + neededOthers.count <= maximum, set.minimum <= maximum
        else { return false }
        if set.minimum <= needed.count + neededOthers.count { return true }
        if set.others.contains(where: { $0.name != .nothing && productive($0.value) }) { return true }
        let possible = set.named.indices.filter { isPossible(set, $0, aliases, isProductive) }
        return possible.count >= set.minimum
    }
}
