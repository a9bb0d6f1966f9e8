/// Whole numbers in a string literal: digits of five bits, lowest first, in the characters from "0" on; all but a
/// number's last digit have 32 added.
///
/// A table of thousands of numbers is a few lines of source and compiles in no time. Only this module's own literals
/// are read so.
struct PackedNumbers {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var place = 0

    init(_ text: StaticString) {
        bytes = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    }

    var isAtEnd: Bool { place >= bytes.count }

    /// The next number; 0 beyond the end.
    mutating func next() -> UInt32 {
        var number: UInt32 = 0
        var shift: UInt32 = 0
        while place < bytes.count {
            let digit = UInt32(bytes[place]) &- 48
            place += 1
            number |= (digit & 31) << shift
            if digit < 32 { break }
            shift += 5
        }
        return number
    }

    /// The next number, doubled in the text, negative ones less one.
    mutating func nextSigned() -> Int32 {
        let number = next()
        return number & 1 == 0 ? Int32(number >> 1) : -Int32(number >> 1) - 1
    }
}
