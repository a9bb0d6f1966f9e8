/// Finds UTF-8 sequences that have begun but not ended.
enum UTF8Tail {
    /// How many bytes at the end of a text may still become a character with bytes to come: 0 to 3.
    static func incompleteLength(_ bytes: [UInt8]) -> Int {
        for length in 1...3 where length <= bytes.count {
            let start = bytes.count - length
            let lead = bytes[start]
            if lead & 0xC0 == 0x80 { continue }
            return isProperPrefix(bytes[start...]) ? length : 0
        }
        return 0
    }

    /// Whether a lead byte and what follows it begin a well-formed sequence without completing it (Unicode 15.0,
    /// table 3-7).
    private static func isProperPrefix(_ bytes: ArraySlice<UInt8>) -> Bool {
        let lead = bytes[bytes.startIndex]
        let second: ClosedRange<UInt8>
        let length: Int
        switch lead {
        case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: return false
        }
        return bytes.count < length && (bytes.count < 2 || second.contains(bytes[bytes.startIndex + 1]))
    }
}
