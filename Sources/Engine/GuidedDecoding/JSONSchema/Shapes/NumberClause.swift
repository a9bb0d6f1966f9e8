internal import OrderedJSON

/// Numbers between two bounds, with or without conditions on their fraction and divisors.
struct NumberClause: Hashable {
    /// A bound of a range.
    struct Bound: Hashable {
        /// The number.
        var value: Decimal
        /// Whether the number itself lies outside.
        var isExclusive: Bool
    }

    /// What is known of the fraction.
    enum Fraction: Hashable {
        /// Nothing.
        case free
        /// It is zero, and isn't written.
        case absent
        /// It isn't zero.
        case present
    }

    /// What is known of the fraction.
    var fraction = Fraction.free
    /// The lowest number.
    var lower: Bound?
    /// The highest number.
    var upper: Bound?
    /// What the number has to be a multiple of.
    var divisors: [Decimal] = []
    /// What the number must not be a multiple of.
    var nonDivisors: [Decimal] = []

    /// Just one number.
    static func point(_ value: Decimal) -> NumberClause {
        let bound = Bound(value: value, isExclusive: false)
        return NumberClause(lower: bound, upper: bound)
    }

    /// The one number of a range of one.
    var point: Decimal? {
        guard let lower, let upper, lower.value == upper.value else { return nil }
        return lower.value
    }

    /// The numbers of both clauses; `nil` if there are none.
    func meet(_ other: NumberClause) -> NumberClause? {
        var result = self
        if fraction == .free {
            result.fraction = other.fraction
        } else if other.fraction != .free, other.fraction != fraction {
            return nil
        }
        result.lower = Self.stricter(lower, other.lower) { $0 > $1 }
        result.upper = Self.stricter(upper, other.upper) { $0 < $1 }
        result.divisors = Self.joined(divisors, other.divisors)
        result.nonDivisors = Self.joined(nonDivisors, other.nonDivisors)
        return result.isEmpty ? nil : result
    }

    private static func joined(_ left: [Decimal], _ right: [Decimal]) -> [Decimal] {
        right.isEmpty ? left : left.isEmpty ? right : Array(Set(left + right)).sorted()
    }

    private static func stricter(_ left: Bound?, _ right: Bound?, _ beats: (Decimal, Decimal) -> Bool) -> Bound? {
        guard let left else { return right }
        guard let right else { return left }
        if left.value == right.value { return left.isExclusive ? left : right }
        return beats(left.value, right.value) ? left : right
    }

    /// Whether bounds or fraction leave no number; divisors are looked at only where there is one number.
    private var isEmpty: Bool {
        guard let lower, let upper else { return false }
        if lower.value > upper.value { return true }
        guard let point else { return false }
        if lower.isExclusive || upper.isExclusive { return true }
        if point.isInteger ? fraction == .present : fraction == .absent { return true }
        return divisors.contains { !Self.divides($0, point) } || nonDivisors.contains { Self.divides($0, point) }
    }

    /// Whether a number is a multiple of another; false where either is too long to tell.
    static func divides(_ divisor: Decimal, _ value: Decimal) -> Bool {
        let places = max(divisor.fraction.count, value.fraction.count)
        guard let divisor = divisor.scaled(by: places), let value = value.scaled(by: places), divisor != 0 else {
            return false
        }
        return value % divisor == 0
    }

    /// The same whole numbers with divisors that are whole: 2.5 divides those that 5 divides.
    var withWholeDivisors: NumberClause {
        var result = self
        result.divisors = divisors.map(Self.wholeDivisor)
        result.nonDivisors = nonDivisors.map(Self.wholeDivisor)
        return result
    }

    private static func wholeDivisor(_ divisor: Decimal) -> Decimal {
        let places = divisor.fraction.count
        guard places > 0, places <= 9, let size = divisor.scaled(by: places) else { return divisor }
        var (common, rest) = (size, (0..<places).reduce(1) { power, _ in power * 10 })
        while rest != 0 { (common, rest) = (rest, common % rest) }
        return Decimal(.integer(size / common)) ?? divisor
    }

    /// The numbers that aren't in the clause.
    var complement: [NumberClause] {
        var result: [NumberClause] = []
        switch fraction {
        case .free: break
        case .absent: result.append(NumberClause(fraction: .present))
        case .present: result.append(NumberClause(fraction: .absent))
        }
        if let lower {
            result.append(NumberClause(upper: Bound(value: lower.value, isExclusive: !lower.isExclusive)))
        }
        if let upper {
            result.append(NumberClause(lower: Bound(value: upper.value, isExclusive: !upper.isExclusive)))
        }
        result += divisors.map { NumberClause(nonDivisors: [$0]) }
        result += nonDivisors.map { NumberClause(divisors: [$0]) }
        return result
    }
}
