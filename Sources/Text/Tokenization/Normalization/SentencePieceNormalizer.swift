/// SentencePiece's normalization: compiled rules, white space squeezed, spaces marked, one in front (`normalizer.cc`).
struct SentencePieceNormalizer: Sendable {
    private let charsmap: CompiledCharsmap
    private let addsSpacePrefix: Bool
    private let removesExtraSpaces: Bool
    /// User-defined pieces, whose text is left as it is.
    private var kept = ByteTrie()

    init(_ file: SentencePieceFile) throws(TokenizerError) {
        charsmap = try CompiledCharsmap(file.charsmap)
        addsSpacePrefix = file.addsSpacePrefix
        removesExtraSpaces = file.removesExtraSpaces
        for (id, kind) in file.kinds.enumerated() where kind == .userDefined {
            kept.insert(file.pieces[id], value: TokenID(id))
        }
    }

    func normalize(_ text: NormalizedText) -> NormalizedText {
        let normalized = text.rewritten { rewriter in
            text.bytes.withUnsafeBufferPointer { bytes in write(bytes, into: &rewriter) }
        }
        if !removesExtraSpaces { return normalized }
        var end = normalized.bytes.count
        while normalized.bytes[..<end].suffix(3).elementsEqual(SpaceMark.bytes) { end -= 3 }
        return normalized.rewritten { $0.copy(0..<end) }
    }

    private func write(_ text: UnsafeBufferPointer<UInt8>, into rewriter: inout TextRewriter) {
        var place = 0
        if removesExtraSpaces {
            while place < text.count {
                let (content, length) = prefix(text, place)
                if !content.elementsEqual([0x20]) { break }
                place += length
            }
        }
        if place == text.count { return }
        if addsSpacePrefix { rewriter.put(SpaceMark.bytes, from: place) }
        var isBehindSpace = removesExtraSpaces
        while place < text.count {
            let (content, length) = prefix(text, place)
            let shown = isBehindSpace ? content.drop { $0 == 0x20 } : content
            for byte in shown {
                if byte == 0x20 {
                    rewriter.put(SpaceMark.bytes, from: place)
                } else {
                    rewriter.put([byte], from: place)
                }
            }
            if let last = shown.last { isBehindSpace = removesExtraSpaces && last == 0x20 }
            place += length
        }
    }

    /// What the beginning of a text becomes, and how much of it that was.
    private func prefix(_ text: UnsafeBufferPointer<UInt8>, _ place: Int) -> (content: ArraySlice<UInt8>, length: Int) {
        if let (end, _) = kept.longest(in: text, at: place, limit: text.count) {
            return (ArraySlice(text[place..<end]), end - place)
        }
        if let (replacement, length) = charsmap.longestMatch(text, at: place) { return (replacement, length) }
        let length = min(LenientUTF8.length(lead: text[place]), text.count - place)
        return (ArraySlice(text[place..<place + length]), length)
    }
}
