/// Bytes that most expressions treat alike: letters of a case, digits, and the kinds of bytes that UTF-8 has.
///
/// Those that may begin a space are by themselves.
enum ByteClasses {
    /// The class of each byte.
    static let ofByte: [UInt8] = {
        var classes = [UInt8](repeating: 0, count: 256)
        for (number, bytes) in bytes.enumerated() { for byte in bytes { classes[Int(byte)] = UInt8(number) } }
        return classes
    }()

    /// The bytes of each class.
    static let bytes: [[UInt8]] = {
        let shared: [ClosedRange<UInt8>] = [
            0x61...0x7A, 0x41...0x5A, 0x30...0x39, 0x80...0x8F, 0x90...0x9F, 0xA0...0xBF, 0xC3...0xDF, 0xF1...0xF3,
        ]
        let threeByteLeads = ([0xE4...0xEC, 0xEE...0xEE] as [ClosedRange<UInt8>]).flatMap { $0 }
        let neverInUTF8: [UInt8] = [0xC0, 0xC1] + Array(0xF5...0xFE)
        var classes = shared.map(Array.init) + [threeByteLeads, neverInUTF8]
        let taken = Set(classes.flatMap { $0 })
        classes += (UInt8.min ... .max).filter { !taken.contains($0) }.map { [$0] }
        return classes
    }()

    static let count = bytes.count
}
