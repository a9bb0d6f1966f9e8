extension TokenizerCore {
    var vocabularySize: Int { vocabulary.table.count }
    var bos: TokenID? { vocabulary.special.bos }
    var eos: TokenID? { vocabulary.special.eos }
    var padding: TokenID? { vocabulary.special.padding }
    var unknown: TokenID? { vocabulary.special.unknown }
    var endOfGeneration: Set<TokenID> { vocabulary.special.endOfGeneration }

    func decode(_ ids: [TokenID], skipSpecialTokens: Bool) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(ids.count * 4)
        for id in ids {
            bytes.append(contentsOf: vocabulary.content(of: id, skipSpecialTokens: skipSpecialTokens))
        }
        let text = addsSpacePrefix && bytes.first == 0x20 ? bytes[1...] : bytes[...]
        return String(decoding: text, as: UTF8.self)
    }

    func textStream(skipSpecialTokens: Bool, isAtStart: Bool) -> any TokenTextStream {
        ByteTextStream(core: self, skipSpecialTokens: skipSpecialTokens, isAtStart: isAtStart && addsSpacePrefix)
    }

    func bytes(of id: TokenID, skipSpecialTokens: Bool) -> [UInt8] {
        Array(vocabulary.content(of: id, skipSpecialTokens: skipSpecialTokens))
    }

    func isSpecial(_ id: TokenID) -> Bool { !vocabulary.attributes[Int(id)].isDisjoint(with: .special) }

    func piece(of id: TokenID) -> [UInt8]? {
        id >= 0 && Int(id) < vocabularySize ? Array(vocabulary.table.runs[Int(id)]) : nil
    }

    func id(ofPiece piece: [UInt8]) -> TokenID? {
        let id = vocabulary.table.id(piece)
        return id < 0 ? nil : id
    }
}

/// Joins the bytes of tokens and passes on whole characters.
private struct ByteTextStream: TokenTextStream {
    let core: TokenizerCore
    let skipSpecialTokens: Bool
    /// Whether the next byte is the first of a whole text, whose space is SentencePiece's.
    var isAtStart: Bool
    /// Bytes that have begun a character, at most three between calls.
    private var held: [UInt8] = []

    init(core: TokenizerCore, skipSpecialTokens: Bool, isAtStart: Bool) {
        self.core = core
        self.skipSpecialTokens = skipSpecialTokens
        self.isAtStart = isAtStart
    }

    mutating func append(_ id: TokenID) -> String {
        let bytes = core.vocabulary.content(of: id, skipSpecialTokens: skipSpecialTokens)
        if bytes.isEmpty { return "" }
        held.append(contentsOf: isAtStart && bytes.first == 0x20 ? bytes.dropFirst() : bytes)
        isAtStart = false
        let final = held.count - UTF8Tail.incompleteLength(held)
        let text = String(decoding: held[..<final], as: UTF8.self)
        held.removeFirst(final)
        return text
    }

    mutating func finish() -> String {
        let text = String(decoding: held, as: UTF8.self)
        held.removeAll()
        return text
    }
}
