extension SchemaCompiler {
    /// Most fractions between two whole numbers that a divisor may have.
    static let fractionLimit = 1_000

    /// The numbers that are a whole number of times another, without exponents.
    mutating func multiples(of divisor: Decimal) throws(GrammarError) -> Expression {
        if let size = divisor.scaled(by: 0) {
            let whole = try wholeMultiples(of: size)
            return try signed(builder.concatenation([whole, builder.optional(fraction(isZero: true))]))
        }
        let places = divisor.fraction.count
        guard let size = divisor.scaled(by: places), places <= 9 else {
            throw unsupported("multipleOf", "is \(divisor.text), which has too many digits")
        }
        let one = (0..<places).reduce(1) { power, _ in power * 10 }
        let fraction: Expression
        if size == 1 {
            fraction = try builder.concatenation([
                builder.literal("."), builder.repetition(digit(0...9), 1, places), zeros(),
            ])
        } else {
            guard one % size == 0, one / size <= Self.fractionLimit else {
                throw unsupported(
                    "multipleOf",
                    "is \(divisor.text); fractions have to divide 1 into at most \(Self.fractionLimit) parts"
                )
            }
            var words: [[UInt8]] = []
            for part in stride(from: 0, to: one, by: size) {
                let digits = Array(String(one + part).utf8.dropFirst())
                let cut = digits.reversed().drop { $0 == UInt8(ascii: "0") }.reversed()
                words.append([UInt8(ascii: ".")] + (cut.isEmpty ? [UInt8(ascii: "0")] : Array(cut)))
            }
            fraction = try builder.concatenation([builder.literals(words), zeros()])
        }
        return try signed(builder.concatenation([wholeNumber(), builder.optional(fraction)]))
    }

    private mutating func zeros() throws(GrammarError) -> Expression { try builder.repetition(digit(0...0), 0, nil) }

    /// The multiples of a whole number from 0 on.
    private mutating func wholeMultiples(of size: Int) throws(GrammarError) -> Expression {
        if size == 1 { return try wholeNumber() }
        // A divisor of 10, 100, … shows in the last digits alone.
        var power = 10
        while power % size != 0, power < 10_000 { power *= 10 }
        guard power % size == 0 else {
            return try builder.intersection([wholeNumber(), builder.remainder(modulus: size)])
        }
        var short: [[UInt8]] = []
        var tails: [[UInt8]] = []
        for value in stride(from: 0, to: power, by: size) {
            short.append(Array(String(value).utf8))
            tails.append(Array(String(power + value).utf8.dropFirst()))
        }
        let front = try builder.concatenation([digit(1...9), builder.repetition(digit(0...9), 0, nil)])
        return try builder.union([builder.literals(short), builder.concatenation([front, builder.literals(tails)])])
    }
}
