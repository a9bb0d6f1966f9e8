/// U+2581, SentencePiece's visible space.
enum SpaceMark {
    static let bytes: [UInt8] = [0xE2, 0x96, 0x81]

    /// A text with each space replaced by the mark, and one mark in front if asked.
    static func escaping(_ text: UnsafeBufferPointer<UInt8>, prefix: Bool = false) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(text.count + text.count / 2 + 3)
        if prefix { output.append(contentsOf: bytes) }
        for byte in text {
            if byte == 0x20 { output.append(contentsOf: bytes) } else { output.append(byte) }
        }
        return output
    }

    /// Appends a piece with each mark replaced by a space.
    static func unescape(_ piece: ArraySlice<UInt8>, into output: inout [UInt8]) {
        var index = piece.startIndex
        while index < piece.endIndex {
            if piece[index] == 0xE2, index + 2 < piece.endIndex, piece[index + 1] == 0x96, piece[index + 2] == 0x81 {
                output.append(0x20)
                index += 3
            } else {
                output.append(piece[index])
                index += 1
            }
        }
    }
}

/// The spelling of byte tokens: `<0xXX>` with upper-case digits.
enum BytePiece {
    private static let digits = Array("0123456789ABCDEF".utf8)

    static func name(_ byte: UInt8) -> [UInt8] {
        [0x3C, 0x30, 0x78, digits[Int(byte >> 4)], digits[Int(byte & 15)], 0x3E]
    }

    /// The byte that a piece names, in either case of digits; `nil` for other spellings.
    static func byte(_ piece: ArraySlice<UInt8>) -> UInt8? {
        let text = Array(piece)
        guard text.count == 6, text[0] == 0x3C, text[1] == 0x30, text[2] == 0x78, text[5] == 0x3E else { return nil }
        guard let high = digit(text[3]), let low = digit(text[4]) else { return nil }
        return high << 4 | low
    }

    private static func digit(_ character: UInt8) -> UInt8? {
        switch character {
        case 0x30...0x39: character - 0x30
        case 0x41...0x46: character - 0x41 + 10
        case 0x61...0x66: character - 0x61 + 10
        default: nil
        }
    }
}
