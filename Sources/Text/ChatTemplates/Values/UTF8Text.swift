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

    /// All code points.
    static func scalars(_ bytes: [UInt8]) -> [UInt32] {
        var scalars: [UInt32] = []
        scalars.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            let scalar = scalar(in: bytes, at: index)
            scalars.append(scalar.value)
            index += scalar.length
        }
        return scalars
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
