/// Code points in valid UTF-8 bytes.
enum UTF8Text {
    /// The code point that starts at a byte, and how many bytes it takes.
    static func scalar(in bytes: [UInt8], at index: Int) -> (value: UInt32, length: Int) {
        let first = bytes[index]
        if first < 0x80 { return (UInt32(first), 1) }
        let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2
        guard first >= 0xC0, index + length <= bytes.count else { return (0xFFFD, 1) }
        var value = UInt32(first) & (0x7F >> UInt32(length))
        for next in bytes[index + 1..<index + length] { value = value << 6 | UInt32(next & 0x3F) }
        return (value, length)
    }

    /// How many code points there are.
    static func count(_ bytes: some Sequence<UInt8>) -> Int {
        var count = 0
        for byte in bytes where byte & 0xC0 != 0x80 { count += 1 }
        return count
    }

    /// The code points of a text, one after another.
    struct Scalars: Sequence, IteratorProtocol {
        private let bytes: [UInt8]
        private var index = 0

        init(_ bytes: [UInt8]) { self.bytes = bytes }

        mutating func next() -> UInt32? {
            guard index < bytes.count else { return nil }
            let scalar = UTF8Text.scalar(in: bytes, at: index)
            index += scalar.length
            return scalar.value
        }
    }

    /// Where the code point before a place starts.
    static func start(in bytes: [UInt8], before index: Int) -> Int {
        var start = index - 1
        while start > 0, bytes[start] & 0xC0 == 0x80 { start -= 1 }
        return start
    }

    /// Appends a code point; `false` for what isn't one, such as half of a surrogate pair.
    @discardableResult
    static func append(_ value: UInt32, to bytes: inout [UInt8]) -> Bool {
        if value < 0x80 {
            bytes.append(UInt8(value))
            return true
        }
        guard let scalar = Unicode.Scalar(value) else { return false }
        bytes.append(contentsOf: UTF8.encode(scalar).map(Array.init) ?? [])
        return true
    }

    /// The bytes of these code points.
    static func bytes(_ scalars: some Sequence<UInt32>) -> [UInt8] {
        var bytes: [UInt8] = []
        for scalar in scalars { append(scalar, to: &bytes) }
        return bytes
    }
}
