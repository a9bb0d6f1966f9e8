extension GrammarBuilder {
    mutating func expression(ofPattern text: String, isSearched: Bool) throws(GrammarError) -> Expression {
        throw GrammarError(.unsupported, "pending")
    }
    mutating func multiples(of size: Int) throws(GrammarError) -> Expression {
        throw GrammarError(.unsupported, "pending")
    }
}
