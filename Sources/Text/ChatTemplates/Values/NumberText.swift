internal import Glibc

/// Numbers as Python writes them.
enum NumberText {
    /// The shortest text that reads back as the same number, as `repr(float)`.
    static func shortest(_ value: Double) -> String {
        guard value.isFinite else { return value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
        guard value != 0 else { return value.sign == .minus ? "-0.0" : "0.0" }
        let (digits, exponent) = decimal(value.magnitude)
        let sign = value < 0 ? "-" : ""
        if exponent < -4 || exponent >= 16 {
            let fraction = digits.count > 1 ? "." + digits.dropFirst() : ""
            let magnitude = String(abs(exponent))
            let padded = magnitude.utf8.count < 2 ? "0" + magnitude : magnitude
            return sign + digits.prefix(1) + fraction + (exponent < 0 ? "e-" : "e+") + padded
        }
        if exponent < 0 { return sign + "0." + String(repeating: "0", count: -exponent - 1) + digits }
        if digits.count <= exponent + 1 {
            return sign + digits + String(repeating: "0", count: exponent + 1 - digits.count) + ".0"
        }
        return sign + digits.prefix(exponent + 1) + "." + digits.dropFirst(exponent + 1)
    }

    /// The significant digits of a positive number and the power of ten of the first.
    private static func decimal(_ value: Double) -> (digits: String, exponent: Int) {
        let parts = value.description.split(separator: "e")
        var exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        let fraction = mantissa.count > 1 ? mantissa[1] : ""
        exponent += mantissa[0].count - 1
        let all = mantissa[0] + fraction
        let leading = all.prefix { $0 == "0" }.count
        var digits = all.dropFirst(leading)
        while digits.last == "0" { digits.removeLast() }
        return (digits.isEmpty ? "0" : String(digits), exponent - leading)
    }

    /// Most digits behind the point that a number can need: the smallest double has 1074.
    static let mostPrecision = 4096

    /// A number as C's `printf` writes it with this conversion letter: `e`, `f` or `g`, in either case.
    static func formatted(_ value: Double, _ conversion: Unicode.Scalar, precision: Int, isAlternate: Bool) -> String {
        guard value.isFinite else {
            let text = value.isNaN ? "nan" : value < 0 ? "-inf" : "inf"
            return conversion.properties.isUppercase ? text.uppercased() : text
        }
        let precision = max(0, min(precision, mostPrecision))
        let format = "%\(isAlternate ? "#" : "").*\(conversion)"
        // A double has at most 309 digits before the point.
        var buffer = [CChar](repeating: 0, count: precision + 330)
        let count = withVaList([Int32(precision), value]) { arguments in
            vsnprintf(&buffer, buffer.count, format, arguments)
        }
        return String(decoding: buffer.prefix(max(0, Int(count))).map { UInt8(truncatingIfNeeded: $0) }, as: UTF8.self)
    }

    /// Reads a number as `float(text)` does; `nil` for other text.
    static func double(_ text: Text) -> Double? {
        guard let body = numeral(text) else { return nil }
        let name = body.lowercased()
        let unsigned = name.first == "+" || name.first == "-" ? String(name.dropFirst()) : name
        let isNegative = name.first == "-"
        switch unsigned {
        case "inf", "infinity": return isNegative ? -.infinity : .infinity
        case "nan": return .nan
        default: break
        }
        guard unsigned.utf8.allSatisfy({ "0123456789.e+-".utf8.contains($0) }), let first = unsigned.utf8.first,
            first != UInt8(ascii: "e"), first != UInt8(ascii: "+"), first != UInt8(ascii: "-")
        else { return nil }
        // Swift reads neither ".5" in all versions nor "5.": Python reads both.
        var plain = unsigned
        if plain.hasPrefix(".") { plain = "0" + plain }
        let parts = plain.split(separator: "e", maxSplits: 1, omittingEmptySubsequences: false)
        guard plain != "0.", parts[0] != "0." || unsigned.hasPrefix("0") else { return nil }
        let mantissa = parts[0].hasSuffix(".") ? parts[0] + "0" : parts[0]
        let joined = parts.count > 1 ? mantissa + "e" + parts[1] : mantissa
        guard let value = Double(String(joined)) else { return nil }
        return isNegative ? -value : value
    }

    /// Reads an integer as `int(text, base)` does; `nil` for other text.
    static func integer(_ text: Text, base: Int) -> Int? {
        guard base == 0 || (2...36).contains(base), var body = numeral(text) else { return nil }
        var isNegative = false
        if let sign = body.first, sign == "+" || sign == "-" {
            isNegative = sign == "-"
            body.removeFirst()
        }
        var radix = base
        let start = body.prefix(2).lowercased()
        for (prefix, own) in [("0x", 16), ("0o", 8), ("0b", 2)] where start == prefix {
            guard base == own || base == 0 else { continue }
            radix = own
            body.removeFirst(2)
        }
        if radix == 0 {
            radix = 10
            if body.hasPrefix("0"), body.contains(where: { $0 != "0" }) { return nil }
        }
        guard let first = body.utf8.first, first != UInt8(ascii: "+"), first != UInt8(ascii: "-") else { return nil }
        return Int((isNegative ? "-" : "") + body, radix: radix)
    }

    /// The ASCII text of a number without the spaces around and the underscores between digits.
    private static func numeral(_ text: Text) -> String? {
        let start = Whitespace.end(in: text.bytes, from: 0)
        let end = Whitespace.trailingStart(in: text.bytes, start..<text.bytes.count)
        let body = text.bytes[start..<end]
        guard body.allSatisfy({ $0 < 0x80 }), let last = body.last, last != UInt8(ascii: "_") else { return nil }
        var plain: [UInt8] = []
        var previous = UInt8(ascii: "_")
        for byte in body {
            if byte == UInt8(ascii: "_") {
                guard Character(Unicode.Scalar(previous)).isHexDigit else { return nil }
            } else {
                plain.append(byte)
            }
            previous = byte
        }
        return String(decoding: plain, as: UTF8.self)
    }
}
