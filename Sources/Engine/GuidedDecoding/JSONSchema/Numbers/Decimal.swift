package import OrderedJSON

/// A number as its decimal digits, exact at any size: bounds of numbers are compared as they are written.
///
/// The value is ±(whole).(fraction) without leading zeros of the whole part or trailing zeros of the fraction; zero has
/// no digits and no sign.
package struct Decimal: Sendable, Hashable {
    /// Whether it is below zero.
    package let isNegative: Bool
    /// Digits 0-9 before the point, the highest first.
    package let whole: [UInt8]
    /// Digits 0-9 behind the point.
    package let fraction: [UInt8]

    /// Zero.
    package static let zero = Decimal(isNegative: false, whole: [], fraction: [])

    /// A number of digits; zeros that don't count are dropped.
    package init(isNegative: Bool, whole: [UInt8], fraction: [UInt8]) {
        self.whole = Array(whole.drop { $0 == 0 })
        self.fraction = Array(fraction.reversed().drop { $0 == 0 }.reversed())
        self.isNegative = isNegative && !(self.whole.isEmpty && self.fraction.isEmpty)
    }

    /// The value of a JSON number, of a `Double` the shortest decimal that reads back as it; `nil` for other values.
    package init?(_ value: JSONValue) {
        switch value {
        case .integer(let integer): self.init(text: String(integer))
        case .number(let number) where number.isFinite: self.init(text: number.description)
        default: return nil
        }
    }

    /// Reads "-12.5e3"; exponents beyond ±400 are no `Double`'s and refused.
    private init?(text: String) {
        var digits: [UInt8] = []
        var point: Int?
        var exponent = 0
        var bytes = text.utf8[...]
        let isNegative = bytes.first == UInt8(ascii: "-")
        if isNegative { bytes = bytes.dropFirst() }
        while let byte = bytes.first {
            bytes = bytes.dropFirst()
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digits.append(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "."): point = digits.count
            case UInt8(ascii: "e"), UInt8(ascii: "E"):
                guard let value = Int(String(decoding: bytes, as: UTF8.self)), abs(value) <= 400 else { return nil }
                exponent = value
                bytes = bytes.suffix(0)
            default: return nil
            }
        }
        let position = (point ?? digits.count) + exponent
        if position < 0 { digits.insert(contentsOf: [UInt8](repeating: 0, count: -position), at: 0) }
        if position > digits.count { digits += [UInt8](repeating: 0, count: position - digits.count) }
        let cut = max(0, position)
        self.init(isNegative: isNegative, whole: Array(digits[..<cut]), fraction: Array(digits[cut...]))
    }

    /// Whether it is zero.
    package var isZero: Bool { whole.isEmpty && fraction.isEmpty }

    /// Whether it has no fraction.
    package var isInteger: Bool { fraction.isEmpty }

    /// The same number with the other sign.
    package var negated: Decimal { Decimal(isNegative: !isNegative, whole: whole, fraction: fraction) }

    /// The number's distance from zero.
    package var magnitude: Decimal { Decimal(isNegative: false, whole: whole, fraction: fraction) }

    /// The whole and `places` digits of the fraction as one integer; `nil` where digits are lost or it takes over 18.
    package func scaled(by places: Int) -> Int? {
        guard fraction.count <= places, whole.count + places <= 18 else { return nil }
        let padding = [UInt8](repeating: 0, count: places - fraction.count)
        let value = (whole + fraction + padding).reduce(0) { $0 * 10 + Int($1) }
        return isNegative ? -value : value
    }

    /// The number as JSON writes it, without an exponent.
    package var text: String {
        let digits = whole.isEmpty ? [0] : whole
        var bytes = isNegative ? [UInt8(ascii: "-")] : []
        bytes += digits.map { $0 + UInt8(ascii: "0") }
        if !fraction.isEmpty {
            bytes.append(UInt8(ascii: "."))
            bytes += fraction.map { $0 + UInt8(ascii: "0") }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension Decimal: Comparable {
    /// Whether the left number is the smaller one.
    package static func < (left: Decimal, right: Decimal) -> Bool {
        guard left.isNegative == right.isNegative else { return left.isNegative }
        let (low, high) = left.isNegative ? (right, left) : (left, right)
        if low.whole.count != high.whole.count { return low.whole.count < high.whole.count }
        if low.whole != high.whole { return low.whole.lexicographicallyPrecedes(high.whole) }
        return low.fraction.lexicographicallyPrecedes(high.fraction)
    }
}
