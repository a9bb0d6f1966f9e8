internal import OrderedJSON

/// A set of JSON values, as a number in the store that made it; equal numbers are the same set.
struct Term: Hashable {
    /// Its number.
    let id: Int32

    /// All values.
    static let any = Term(id: 0)
    /// No value.
    static let none = Term(id: 1)
}

/// How a term is made.
enum TermKind: Hashable {
    /// All values.
    case any
    /// No value.
    case none
    /// The values that obey the schema at a node of the document.
    case schema(Int)
    /// One value; numbers are equal as numbers, whatever their spelling.
    case literal(JSONValue)
    /// The values that all the terms have.
    case all([Term])
    /// The values that any of the terms has.
    case either([Term])
    /// The values that a term doesn't have.
    case not(Term)
}

/// The terms of a schema, each made once: what is met again on another way has its shape and its grammar already.
struct TermStore {
    /// Most terms that a schema may be made of.
    static let limit = 50_000

    private var kinds: [TermKind] = [.any, .none]
    private var numbers: [TermKind: Term] = [:]

    /// How many terms there are.
    var count: Int { kinds.count }

    /// How a term is made.
    func kind(of term: Term) -> TermKind { kinds[Int(term.id)] }

    /// The values that obey the schema at a node.
    mutating func schema(_ node: Int) throws(GrammarError) -> Term { try intern(.schema(node)) }

    /// One value.
    mutating func literal(_ value: JSONValue) throws(GrammarError) -> Term { try intern(.literal(value)) }

    /// The values that all terms have.
    mutating func all(_ terms: [Term]) throws(GrammarError) -> Term {
        var members: Set<Term> = []
        for term in terms where term != .any {
            if case .all(let parts) = kind(of: term) { members.formUnion(parts) } else { members.insert(term) }
        }
        if members.contains(.none) { return .none }
        for member in members {
            if case .not(let opposite) = kind(of: member), members.contains(opposite) { return .none }
        }
        let sorted = members.sorted { $0.id < $1.id }
        return sorted.count > 1 ? try intern(.all(sorted)) : sorted.first ?? .any
    }

    /// The values that any of the terms has.
    mutating func either(_ terms: [Term]) throws(GrammarError) -> Term {
        var members: Set<Term> = []
        for term in terms where term != .none {
            if case .either(let parts) = kind(of: term) { members.formUnion(parts) } else { members.insert(term) }
        }
        if members.contains(.any) { return .any }
        let sorted = members.sorted { $0.id < $1.id }
        return sorted.count > 1 ? try intern(.either(sorted)) : sorted.first ?? .none
    }

    /// The values that a term doesn't have.
    mutating func not(_ term: Term) throws(GrammarError) -> Term {
        switch kind(of: term) {
        case .any: return .none
        case .none: return .any
        case .not(let opposite): return opposite
        default: return try intern(.not(term))
        }
    }

    private mutating func intern(_ kind: TermKind) throws(GrammarError) -> Term {
        if let known = numbers[kind] { return known }
        guard kinds.count < Self.limit else {
            throw GrammarError(.limit, "the schema takes more than \(Self.limit) combinations of its parts")
        }
        let term = Term(id: Int32(kinds.count))
        kinds.append(kind)
        numbers[kind] = term
        return term
    }
}
