/// A set of JSON values by their types: what a term is, one level deep.
///
/// Each list is a union of clauses; an empty list means that no value of the type belongs to the set.
struct Shape {
    /// Whether `null` belongs to it.
    var hasNull = false
    /// Whether `false` does.
    var hasFalse = false
    /// Whether `true` does.
    var hasTrue = false
    /// Its numbers.
    var numbers: [NumberClause] = []
    /// Its strings.
    var strings: [StringClause] = []
    /// Its arrays.
    var arrays: [ArrayClause] = []
    /// Its objects.
    var objects: [ObjectClause] = []

    /// No value.
    static let none = Shape()

    /// All values.
    static let any = Shape(
        hasNull: true,
        hasFalse: true,
        hasTrue: true,
        numbers: [NumberClause()],
        strings: [StringClause()],
        arrays: [ArrayClause()],
        objects: [ObjectClause()]
    )

    /// Whether no value belongs to it, as far as it can be seen here.
    var isNone: Bool {
        !hasNull && !hasFalse && !hasTrue && numbers.isEmpty && strings.isEmpty && arrays.isEmpty && objects.isEmpty
    }

    /// The values of both; equal clauses are kept once.
    func union(_ other: Shape) -> Shape {
        Shape(
            hasNull: hasNull || other.hasNull,
            hasFalse: hasFalse || other.hasFalse,
            hasTrue: hasTrue || other.hasTrue,
            numbers: Self.joined(numbers, other.numbers),
            strings: StringClause.joined(strings, other.strings),
            arrays: Self.joined(arrays, other.arrays),
            objects: Self.joined(objects, other.objects)
        )
    }

    private static func joined<Clause: Hashable>(_ left: [Clause], _ right: [Clause]) -> [Clause] {
        if left.isEmpty { return right }
        var result = left
        for clause in right where !left.contains(clause) { result.append(clause) }
        return result
    }
}

extension StringClause {
    /// The strings of either list, lists of words as one.
    static func joined(_ left: [StringClause], _ right: [StringClause]) -> [StringClause] {
        var result = left
        for clause in right where !result.contains(clause) {
            if case .words(let words) = clause.language,
                let place = result.firstIndex(where: { if case .words = $0.language { true } else { false } }),
                case .words(let known) = result[place].language
            {
                result[place].language = .words(known.union(words))
            } else {
                result.append(clause)
            }
        }
        return result
    }
}
