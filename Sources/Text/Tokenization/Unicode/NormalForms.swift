/// Unicode's normal forms (UAX #15), with the data that the `tokenizers` library has: that of Unicode 12.
struct NormalForms: Sendable {
    static let shared = NormalForms()

    /// A canonical decomposition: one part, or two.
    private struct Parts {
        var first: UInt32
        var second: UInt32?
    }

    private var canonicalParts: [UInt32: Parts] = [:]
    private var compatibleParts: [UInt32: [UInt32]] = [:]
    private var compositions: [UInt64: UInt32] = [:]
    private var classes: [UInt32: UInt8] = [:]

    private init() {
        var numbers = PackedNumbers(Self.canonical)
        var point: UInt32 = 0
        while !numbers.isAtEnd {
            let step = numbers.next()
            point += step / 3
            let first = UInt32(bitPattern: Int32(bitPattern: point) &- numbers.nextSigned())
            let second = step % 3 == 0 ? nil : UInt32(bitPattern: 0x300 &+ numbers.nextSigned())
            canonicalParts[point] = Parts(first: first, second: second)
            if step % 3 == 2, let second { compositions[UInt64(first) << 32 | UInt64(second)] = point }
        }
        numbers = PackedNumbers(Self.compatible)
        point = 0
        while !numbers.isAtEnd {
            point += numbers.next()
            var last = Int32(bitPattern: point)
            compatibleParts[point] = (0..<numbers.next()).map { _ in
                last &+= numbers.nextSigned()
                return UInt32(bitPattern: last)
            }
        }
        numbers = PackedNumbers(Self.combiningClasses)
        point = 0
        while !numbers.isAtEnd {
            let value = UInt8(truncatingIfNeeded: numbers.next())
            let end = point + numbers.next()
            if value != 0 { for scalar in point..<end { classes[scalar] = value } }
            point = end
        }
    }

    /// The order of a mark behind its letter; 0 for letters.
    func combiningClass(_ scalar: UInt32) -> UInt8 { scalar < 0x300 ? 0 : classes[scalar] ?? 0 }

    /// Appends the full decomposition of a code point.
    func decompose(_ scalar: UInt32, compatibly: Bool, into output: (UInt32) -> Void) {
        if scalar < 0xA0 { return output(scalar) }
        if (0xAC00...0xD7A3).contains(scalar) {
            let index = scalar - 0xAC00
            output(0x1100 + index / 588)
            output(0x1161 + index % 588 / 28)
            if index % 28 != 0 { output(0x11A7 + index % 28) }
            return
        }
        if compatibly, let parts = compatibleParts[scalar] { return parts.forEach(output) }
        guard let parts = canonicalParts[scalar] else { return output(scalar) }
        decompose(parts.first, compatibly: compatibly, into: output)
        if let second = parts.second { decompose(second, compatibly: compatibly, into: output) }
    }

    /// The code point that two others are together; `nil` for none.
    func composition(_ first: UInt32, _ second: UInt32) -> UInt32? {
        if (0x1100...0x1112).contains(first), (0x1161...0x1175).contains(second) {
            return 0xAC00 + ((first - 0x1100) * 21 + second - 0x1161) * 28
        }
        if (0xAC00...0xD7A3).contains(first), (first - 0xAC00) % 28 == 0, (0x11A8...0x11C2).contains(second) {
            return first + second - 0x11A7
        }
        return compositions[UInt64(first) << 32 | UInt64(second)]
    }
}
