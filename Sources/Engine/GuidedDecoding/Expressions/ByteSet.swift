/// A set of byte values.
package struct ByteSet: Sendable, Hashable {
    private var words: SIMD4<UInt64>

    private init(words: SIMD4<UInt64>) { self.words = words }

    /// No byte.
    package init() { words = .zero }

    /// All bytes of a range.
    package init(_ range: ClosedRange<UInt8>) {
        self.init()
        for byte in range { insert(byte) }
    }

    /// The given bytes.
    package init(_ bytes: some Sequence<UInt8>) {
        self.init()
        for byte in bytes { insert(byte) }
    }

    /// All 256 bytes.
    package static let all = ByteSet(words: SIMD4(repeating: .max))

    /// Whether a byte is in the set.
    package func contains(_ byte: UInt8) -> Bool {
        words[Int(byte >> 6)] >> UInt64(byte & 63) & 1 == 1
    }

    /// Adds a byte.
    package mutating func insert(_ byte: UInt8) { words[Int(byte >> 6)] |= 1 << UInt64(byte & 63) }

    /// Takes a byte out.
    package mutating func remove(_ byte: UInt8) { words[Int(byte >> 6)] &= ~(1 << UInt64(byte & 63)) }

    /// Whether no byte is in the set.
    package var isEmpty: Bool { words == .zero }

    /// The smallest byte of the set.
    package var lowest: UInt8? {
        for index in 0..<4 where words[index] != 0 { return UInt8(index * 64 + words[index].trailingZeroBitCount) }
        return nil
    }

    /// Number of bytes in the set.
    package var count: Int { (0..<4).reduce(0) { $0 + words[$1].nonzeroBitCount } }

    /// The bytes in both sets.
    package func intersection(_ other: ByteSet) -> ByteSet { ByteSet(words: words & other.words) }

    /// The bytes in either set.
    package func union(_ other: ByteSet) -> ByteSet { ByteSet(words: words | other.words) }

    /// The bytes that aren't in the set.
    package var inverted: ByteSet { ByteSet(words: ~words) }
}

extension ByteSet: Sequence {
    /// The bytes, ascending.
    package func makeIterator() -> AnyIterator<UInt8> {
        var rest = self
        return AnyIterator {
            guard let byte = rest.lowest else { return nil }
            rest.remove(byte)
            return byte
        }
    }
}
