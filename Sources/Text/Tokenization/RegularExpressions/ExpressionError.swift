/// Why a regular expression can't be used.
struct ExpressionError: Error, Equatable {
    /// What is wrong, for people.
    var reason: String
    /// Where in the expression, in code points.
    var place: Int
}
