/// One way of changing a text before it is cut into words, as the `tokenizers` library has them.
indirect enum Normalizer: Sendable {
    case sequence([Normalizer])
    case bert(BertNormalizer)
    /// Takes white space off the ends.
    case strip(left: Bool, right: Bool)
    /// Drops all marks that letters carry.
    case stripAccents
    /// NFC, NFD, NFKC or NFKD.
    case form(NormalForm)
    case lowercase
    /// SentencePiece's cleaning: control characters dropped, white space made spaces.
    case cleaning
    case replace(TextPattern, with: [UInt8])
    /// Puts a text in front, unless there is none behind it.
    case prepend([UInt8])
    /// Every byte becomes its character in the byte alphabet.
    case byteLevel
    /// SentencePiece's compiled rules.
    case charsmap(CompiledCharsmap)
    case sentencePiece(SentencePieceNormalizer)

    func normalize(_ text: NormalizedText, _ poll: inout CancellationPoll) -> NormalizedText {
        if poll.hasToStop(after: text.bytes.count) { return text }
        switch self {
        case .sequence(let steps):
            var text = text
            for step in steps { text = step.normalize(text, &poll) }
            return text
        case .bert(let normalizer): return normalizer.normalize(text)
        case .strip(let left, let right): return Self.strip(text, left, right)
        case .stripAccents:
            return text.isASCII ? text : text.mapScalars { LibrarySets.accents.contains($0) ? .drop : .keep }
        case .form(let form): return form.normalize(text)
        case .lowercase: return Self.lowercase(text)
        case .cleaning: return text.mapScalars(Self.clean)
        case .replace(let pattern, let content): return pattern.replace(in: text, with: content, &poll)
        case .prepend(let prefix):
            if text.bytes.isEmpty { return text }
            return text.rewritten { rewriter in
                rewriter.put(prefix, from: 0)
                rewriter.copy(0..<text.bytes.count)
            }
        case .byteLevel:
            return text.rewritten { rewriter in
                for (place, byte) in text.bytes.enumerated() {
                    rewriter.put(ByteAlphabet.characters[Int(byte)], from: place)
                }
            }
        case .charsmap(let map): return map.replaceGraphemes(in: text)
        case .sentencePiece(let normalizer): return normalizer.normalize(text)
        }
    }

    /// Most bytes that become one; `nil` when they may vanish.
    var shrinkage: Int? {
        switch self {
        case .sequence(let steps):
            steps.reduce(Optional(1)) { product, step in
                guard let product, let one = step.shrinkage else { return nil }
                return min(product * one, 1 << 16)
            }
        // No composition takes more than four times its bytes when taken apart.
        case .form(let form): form.isComposed && !form.isCompatible ? 4 : nil
        case .prepend, .byteLevel: 1
        case .replace(let pattern, let content): pattern.shrinkage(to: content.count)
        default: nil
        }
    }

    private static func strip(_ text: NormalizedText, _ left: Bool, _ right: Bool) -> NormalizedText {
        var first: Int?
        var end = 0
        text.forEachScalar { scalar, place in
            if CharacterClassTable.latest[scalar].contains(.whitespace) { return }
            first = first ?? place.lowerBound
            end = place.upperBound
        }
        // Of white space alone nothing is left.
        guard let first else { return left || right ? text.rewritten { _ in } : text }
        return text.rewritten { $0.copy((left ? first : 0)..<(right ? end : text.bytes.count)) }
    }

    static func lowercase(_ text: NormalizedText) -> NormalizedText {
        if text.isASCII {
            let bytes = text.bytes.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
            return NormalizedText(bytes: bytes, origins: text.origins)
        }
        return text.mapScalars { value in
            guard let scalar = Unicode.Scalar(value) else { return .keep }
            if value < 0x80 { return (0x41...0x5A).contains(value) ? .replace([UInt8(value | 0x20)]) : .keep }
            return .replace(Array(scalar.properties.lowercaseMapping.utf8))
        }
    }

    private static func clean(_ scalar: UInt32) -> NormalizedText.ScalarChange {
        switch scalar {
        case 0x01...0x08, 0x0B, 0x0E...0x1F, 0x7F, 0x8F, 0x9F: .drop
        case 0x09, 0x0A, 0x0C, 0x0D, 0x1680, 0x200B...0x200F, 0x2028, 0x2029, 0x2581, 0xFEFF, 0xFFFD: .replace([0x20])
        default: .keep
        }
    }
}
