/// Arrays whose elements obey terms by their places.
struct ArrayClause: Hashable {
    /// How many elements have to belong to a term.
    struct Contained: Hashable {
        /// The elements that count.
        var term: Term
        /// Where counting begins.
        var start = 0
        /// At least so many.
        var minimum: Int
        /// At most so many; any number if `nil`.
        var maximum: Int?
    }

    /// Terms of the first elements.
    var prefix: [Term] = []
    /// The term of the elements behind them.
    var rest = Term.any
    /// Fewest elements.
    var minimum = 0
    /// Most elements; any number if `nil`.
    var maximum: Int?
    /// What has to be among the elements.
    var contained: [Contained] = []
    /// Whether no two elements may be equal.
    var isUnique = false

    /// The term of the element at a place.
    func term(at index: Int) -> Term { index < prefix.count ? prefix[index] : rest }

    /// The clause with its number of elements bounded by terms that have no value; `nil` if there is no such array.
    var pruned: ArrayClause? {
        var result = self
        if let end = prefix.firstIndex(of: .none) ?? (rest == .none ? prefix.count : nil) {
            result.maximum = min(maximum ?? end, end)
        }
        if let maximum = result.maximum {
            if maximum < minimum { return nil }
            if maximum < prefix.count { result.prefix = Array(prefix[..<maximum]) }
            if maximum <= prefix.count { result.rest = .none }
        }
        return result
    }
}
