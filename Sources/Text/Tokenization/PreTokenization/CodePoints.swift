/// A text as code points, with their classes and their places in cleaned-up UTF-8.
///
/// Decoding is as lenient as llama.cpp's: surrogates and overlong forms are taken for what they spell, and every byte
/// that begins no sequence becomes one U+FFFD.
struct CodePoints {
    private(set) var scalars: [UInt32] = []
    private(set) var classes: [CharacterClass] = []
    /// Where each code point begins in `bytes`, and at the end where the last one ends.
    private(set) var starts: [Int32] = []
    private(set) var bytes: [UInt8] = []

    var count: Int { scalars.count }

    /// No text yet.
    init() { starts = [0] }

    init(_ text: [UInt8], _ table: CharacterClassTable = .shared) {
        self = text.withUnsafeBufferPointer { CodePoints($0, table) }
    }

    init(_ text: UnsafeBufferPointer<UInt8>, _ table: CharacterClassTable = .shared) {
        scalars.reserveCapacity(text.count)
        classes.reserveCapacity(text.count)
        starts.reserveCapacity(text.count + 1)
        bytes.reserveCapacity(text.count)
        var index = 0
        while index < text.count {
            let (scalar, length) = LenientUTF8.decode(text, at: index)
            index += length
            scalars.append(scalar)
            classes.append(table[scalar])
            starts.append(Int32(truncatingIfNeeded: bytes.count))
            LenientUTF8.append(scalar, to: &bytes)
        }
        starts.append(Int32(truncatingIfNeeded: bytes.count))
    }

    /// Makes room for so many code points.
    mutating func reserve(_ count: Int) {
        scalars.reserveCapacity(count)
        classes.reserveCapacity(count)
        starts.reserveCapacity(count + 1)
        bytes.reserveCapacity(count)
    }

    /// Appends one code point.
    mutating func append(_ scalar: UInt32, _ kind: CharacterClass) {
        scalars.append(scalar)
        classes.append(kind)
        LenientUTF8.append(scalar, to: &bytes)
        starts.append(Int32(truncatingIfNeeded: bytes.count))
    }
}

/// UTF-8 without the finer checks, and back.
enum LenientUTF8 {
    /// The code point at `index` and how many bytes it takes; U+FFFD and 1 where no sequence begins.
    @inline(__always)
    static func decode(_ text: UnsafeBufferPointer<UInt8>, at index: Int) -> (scalar: UInt32, length: Int) {
        let lead = text[index]
        if lead < 0x80 { return (UInt32(lead), 1) }
        func tail(_ offset: Int) -> UInt32? {
            guard index + offset < text.count, text[index + offset] & 0xC0 == 0x80 else { return nil }
            return UInt32(text[index + offset] & 0x3F)
        }
        switch lead {
        case 0xC0..<0xE0:
            if let second = tail(1) { return (UInt32(lead & 0x1F) << 6 | second, 2) }
        case 0xE0..<0xF0:
            if let second = tail(1), let third = tail(2) {
                return (UInt32(lead & 0x0F) << 12 | second << 6 | third, 3)
            }
        case 0xF0..<0xF8:
            if let second = tail(1), let third = tail(2), let fourth = tail(3) {
                let scalar = UInt32(lead & 0x07) << 18 | second << 12 | third << 6 | fourth
                if scalar < 0x11_0000 { return (scalar, 4) }
            }
        default: break
        }
        return (0xFFFD, 1)
    }

    /// Appends a code point below 0x110000, surrogates included.
    @inline(__always)
    static func append(_ scalar: UInt32, to bytes: inout [UInt8]) {
        if scalar < 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: scalar))
            return
        }
        if scalar < 0x800 {
            bytes.append(UInt8(truncatingIfNeeded: 0xC0 | scalar >> 6))
        } else if scalar < 0x1_0000 {
            bytes.append(UInt8(truncatingIfNeeded: 0xE0 | scalar >> 12))
            bytes.append(UInt8(truncatingIfNeeded: 0x80 | scalar >> 6 & 0x3F))
        } else {
            bytes.append(UInt8(truncatingIfNeeded: 0xF0 | scalar >> 18))
            bytes.append(UInt8(truncatingIfNeeded: 0x80 | scalar >> 12 & 0x3F))
            bytes.append(UInt8(truncatingIfNeeded: 0x80 | scalar >> 6 & 0x3F))
        }
        bytes.append(UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3F))
    }

    /// How many bytes a sequence with this first byte wants, 1 for bytes that can't be first.
    @inline(__always)
    static func length(lead: UInt8) -> Int {
        switch lead {
        case 0xC0..<0xE0: 2
        case 0xE0..<0xF0: 3
        case 0xF0...: 4
        default: 1
        }
    }
}
