/// Names of members as numbers: compared byte by byte once, and as numbers from then on.
struct NameTable {
    private var numbers: [StringClause.Word: Int] = [:]
    private var words: [StringClause.Word] = []

    /// The number of a name.
    mutating func number(of name: String) -> Int {
        let word = StringClause.Word(name)
        if let known = numbers[word] { return known }
        numbers[word] = words.count
        words.append(word)
        return words.count - 1
    }

    /// The name with a number.
    func word(_ number: Int) -> StringClause.Word { words[number] }
}
