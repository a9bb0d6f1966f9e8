/// GPT-2's reversible alphabet: each byte is a printable character, so that pieces are readable text.
///
/// Printable Latin-1 bytes stand for themselves; the others take U+0100 onwards in order.
enum ByteAlphabet {
    /// The character of each byte, in UTF-8.
    static let characters: [[UInt8]] = scalars.map { scalar in
        Array(String(Unicode.Scalar(scalar) ?? " ").utf8)
    }

    /// The byte of each character below U+0200, or -1.
    static let bytes: [Int16] = {
        var table = [Int16](repeating: -1, count: 0x200)
        for (byte, scalar) in scalars.enumerated() { table[Int(scalar)] = Int16(byte) }
        return table
    }()

    /// The character of each byte.
    static let scalars: [UInt16] = {
        var next: UInt16 = 0x100
        return (0..<256).map { byte in
            if (0x21...0x7E).contains(byte) || (0xA1...0xAC).contains(byte) || (0xAE...0xFF).contains(byte) {
                return UInt16(byte)
            }
            next += 1
            return next - 1
        }
    }()

    /// Appends the bytes that a piece stands for.
    ///
    /// Characters outside the alphabet stand for their own UTF-8, as added tokens are stored without it.
    static func decode(_ piece: ArraySlice<UInt8>, into output: inout [UInt8]) {
        let bytes = Self.bytes
        var index = piece.startIndex
        while index < piece.endIndex {
            let lead = piece[index]
            if lead < 0x80 {
                let byte = bytes[Int(lead)]
                output.append(byte >= 0 ? UInt8(byte) : lead)
                index += 1
                continue
            }
            if lead & 0xE0 == 0xC0, index + 1 < piece.endIndex {
                let scalar = Int(lead & 0x1F) << 6 | Int(piece[index + 1] & 0x3F)
                if scalar < bytes.count, bytes[scalar] >= 0 {
                    output.append(UInt8(bytes[scalar]))
                    index += 2
                    continue
                }
            }
            output.append(lead)
            index += 1
        }
    }
}
