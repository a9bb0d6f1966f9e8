/// Expressions for numbers that many schemas share, each made at first use.
struct NumberExpressions {
    /// Any number, exponents included.
    var any: Expression?
    /// A whole number from 0 on.
    var whole: Expression?
    /// Expressions of clauses.
    var clauses: [NumberClause: Expression] = [:]
}
