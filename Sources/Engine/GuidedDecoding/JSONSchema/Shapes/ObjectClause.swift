/// Objects whose members obey terms by their names.
struct ObjectClause: Hashable {
    /// A member whose name is known.
    struct Named: Hashable {
        /// The name's number.
        var name: Int
        /// What its value has to be; `none` if there must be no such member.
        var value: Term
        /// Whether it has to be there.
        var isRequired: Bool
    }

    /// Members whose names are known by a language only.
    struct Open: Hashable {
        /// The names; those of `named` don't count.
        var names: StringClause
        /// What their values have to be.
        var value: Term
    }

    /// That some members have to be there when another is.
    struct Dependency: Hashable {
        /// The number of the member's name.
        var name: Int
        /// The numbers of the other names.
        var requires: [Int]
    }

    /// Members with known names, in order.
    private(set) var named: [Named] = []
    private var places: [Int: Int] = [:]
    /// All other members: a partition of all names.
    var open: [Open] = [Open(names: StringClause(), value: .any)]
    /// Fewest members.
    var minimum = 0
    /// Most members; any number if `nil`.
    var maximum: Int?
    /// Which members call for which.
    var dependencies: [Dependency] = []
    /// Whether members have to be found that the clause can't say by name: an open class and what a value of it must be.
    var sought: [Open] = []

    /// The member with a name, if the clause knows it.
    func named(_ name: Int) -> Named? { places[name].map { named[$0] } }

    /// Sets the member with a name.
    mutating func set(_ member: Named) {
        if let place = places[member.name] {
            named[place] = member
        } else {
            places[member.name] = named.count
            named.append(member)
        }
    }

    /// How many members have to be there.
    var requiredCount: Int { named.count { $0.isRequired } }

    /// Whether any object at all belongs to the clause.
    var isAny: Bool {
        named.isEmpty && minimum == 0 && maximum == nil && dependencies.isEmpty && sought.isEmpty
            && open.allSatisfy { $0.value == .any }
    }

    /// Whether numbers or terms that have no value leave no object.
    var isEmpty: Bool {
        if let maximum, maximum < max(minimum, requiredCount) { return true }
        if named.contains(where: { $0.isRequired && $0.value == .none }) { return true }
        if open.allSatisfy({ $0.value == .none }) {
            if named.count(where: { $0.value != .none }) < minimum { return true }
        }
        return false
    }
}
