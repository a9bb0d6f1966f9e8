/// The bracketed sets that pre-tokenizers' expressions use.
enum CodePointSet: Sendable {
    case number
    case letter
    case punctuation
    case newline
    case asciiDigit
    /// Punctuation and `$+<=>^~|`, with the backtick for Falcon.
    case signs(backtick: Bool)
    /// DeepSeek LLM's list of letters with case.
    case casedLetter
    /// DeepSeek LLM's ASCII, fullwidth, general and CJK punctuation.
    case wesEastPunctuation
    /// From U+0800 to CJK ideographs, and Hangul syllables.
    case eastern
    /// CJK ideographs, Hiragana and Katakana.
    case ideographOrKana
    /// Anything but white space and sentence punctuation of several scripts (BLOOM).
    case bloomWord

    @inline(__always)
    func contains(_ scalar: UInt32, _ kind: CharacterClass) -> Bool {
        switch self {
        case .number: kind.contains(.number)
        case .letter: kind.contains(.letter)
        case .punctuation: kind.contains(.punctuation)
        case .newline: scalar == 0x0A || scalar == 0x0D
        case .asciiDigit: (0x30...0x39).contains(scalar)
        case .signs(let backtick): kind.contains(.punctuation) || Self.isSign(scalar, backtick)
        case .casedLetter: Self.isCased(scalar)
        // White space beyond ASCII is white space only, whatever ranges it lies in.
        case .wesEastPunctuation: !kind.contains(.whitespace) && Self.isWesEastPunctuation(scalar)
        case .eastern:
            !kind.contains(.whitespace) && ((0x800...0x9FA5).contains(scalar) || (0xAC00...0xD7FF).contains(scalar))
        case .ideographOrKana: (0x4E00...0x9FA5).contains(scalar) || (0x3040...0x30FF).contains(scalar)
        case .bloomWord: !kind.contains(.whitespace) && !Self.isBloomStop(scalar)
        }
    }

    private static func isSign(_ scalar: UInt32, _ backtick: Bool) -> Bool {
        switch scalar {
        case 0x24, 0x2B, 0x3C...0x3E, 0x5E, 0x7E, 0x7C: true
        case 0x60: backtick
        default: false
        }
    }

    private static func isWesEastPunctuation(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x21...0x2F, 0x3A...0x7E, 0xFF01...0xFF0F, 0xFF1A...0xFF5E, 0x2018...0x201F, 0x3000...0x3002: true
        default: false
        }
    }

    private static func isBloomStop(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x28, 0x29, 0x7C, 0x2E, 0x2C, 0x21, 0x3F, 0x2026, 0x3002, 0xFF0C, 0x3001, 0x964, 0x6D4, 0x60C: true
        default: false
        }
    }
}
