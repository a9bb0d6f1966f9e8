/// A SentencePiece `tokenizer.model`: pieces and rules in Protocol Buffers' wire format (`sentencepiece_model.proto`).
struct SentencePieceFile {
    enum Algorithm: UInt64 {
        case unigram = 1
        case bpe = 2
    }

    private(set) var pieces: [[UInt8]] = []
    private(set) var scores: [Float] = []
    private(set) var kinds: [TokenKind] = []
    private(set) var algorithm = Algorithm.unigram
    private(set) var charsmap: [UInt8] = []
    private(set) var addsSpacePrefix = true
    private(set) var removesExtraSpaces = true
    private(set) var unknownSurface = Array(" \u{2047} ".utf8)
    /// By the roles' order: unknown, BOS, EOS, padding; negative for none.
    private(set) var roles: [Int32] = [0, 1, 2, -1]

    /// - Throws: `TokenizerError.malformedFile`, `.tooLarge`.
    init(_ bytes: [UInt8]) throws(TokenizerError) {
        var message = WireMessage(bytes[...], path: "tokenizer.model")
        while let field = try message.next() {
            switch field.number {
            case 1: try addPiece(try message.content(field))
            case 2: try readTrainer(try message.content(field))
            case 3: try readNormalizer(try message.content(field))
            default: break
            }
        }
        if pieces.isEmpty { throw .emptyVocabulary }
    }

    private mutating func addPiece(_ bytes: ArraySlice<UInt8>) throws(TokenizerError) {
        var message = WireMessage(bytes, path: "tokenizer.model: piece \(pieces.count)")
        var piece: [UInt8] = []
        var score: Float = 0
        var kind = TokenKind.normal
        while let field = try message.next() {
            switch field.number {
            case 1: piece = Array(try message.content(field))
            case 2: score = Float(bitPattern: UInt32(truncatingIfNeeded: try message.number(field)))
            case 3:
                guard let raw = Int32(exactly: try message.number(field)), raw > 0, let found = TokenKind(rawValue: raw)
                else { throw message.failure("an unknown kind") }
                kind = found
            default: break
            }
        }
        if pieces.count >= FileLimits.ids {
            throw .tooLarge(field: "tokenizer.model", count: pieces.count + 1, limit: FileLimits.ids)
        }
        if score.isNaN { throw .invalidScore(id: TokenID(pieces.count), score: score) }
        pieces.append(piece)
        scores.append(score)
        kinds.append(kind)
    }

    private mutating func readTrainer(_ bytes: ArraySlice<UInt8>) throws(TokenizerError) {
        var message = WireMessage(bytes, path: "tokenizer.model: trainer")
        while let field = try message.next() {
            switch field.number {
            case 3:
                guard let found = Algorithm(rawValue: try message.number(field)) else {
                    throw message.failure("neither a unigram nor a BPE model")
                }
                algorithm = found
            case 24: if try message.number(field) != 0 { throw message.failure("spaces behind words aren't supported") }
            case 40...43: roles[field.number - 40] = Int32(truncatingIfNeeded: try message.number(field))
            case 44: unknownSurface = Array(try message.content(field))
            default: break
            }
        }
    }

    private mutating func readNormalizer(_ bytes: ArraySlice<UInt8>) throws(TokenizerError) {
        var message = WireMessage(bytes, path: "tokenizer.model: normalizer")
        while let field = try message.next() {
            switch field.number {
            case 2: charsmap = Array(try message.content(field))
            case 3: addsSpacePrefix = try message.number(field) != 0
            case 4: removesExtraSpaces = try message.number(field) != 0
            case 5: if try message.number(field) == 0 { throw message.failure("unmarked spaces aren't supported") }
            default: break
            }
        }
    }
}

/// A message in Protocol Buffers' wire format, field by field.
struct WireMessage {
    /// A field's number, and how its value is stored.
    struct Field {
        var number: Int
        var wireType: UInt64
        fileprivate var value: UInt64 = 0
        fileprivate var content: ArraySlice<UInt8> = []
    }

    private var bytes: ArraySlice<UInt8>
    private let path: String

    init(_ bytes: ArraySlice<UInt8>, path: String) {
        self.bytes = bytes
        self.path = path
    }

    func failure(_ reason: String) -> TokenizerError { .malformedFile(field: path, reason: reason) }

    /// The next field; `nil` at the end.
    mutating func next() throws(TokenizerError) -> Field? {
        if bytes.isEmpty { return nil }
        let tag = try varint()
        var field = Field(number: Int(truncatingIfNeeded: tag >> 3 & 0x1FFF_FFFF), wireType: tag & 7)
        switch field.wireType {
        case 0: field.value = try varint()
        case 1: field.value = try fixed(8)
        case 2:
            let count = try varint()
            guard count <= UInt64(bytes.count) else {
                throw failure("a field of \(count) bytes, \(bytes.count) are left")
            }
            field.content = bytes.prefix(Int(count))
            bytes = bytes.dropFirst(Int(count))
        case 5: field.value = try fixed(4)
        default: throw failure("a field of the unknown type \(field.wireType)")
        }
        return field
    }

    func content(_ field: Field) throws(TokenizerError) -> ArraySlice<UInt8> {
        if field.wireType != 2 { throw failure("field \(field.number) is a number") }
        return field.content
    }

    func number(_ field: Field) throws(TokenizerError) -> UInt64 {
        if field.wireType == 2 { throw failure("field \(field.number) is no number") }
        return field.value
    }

    private mutating func varint() throws(TokenizerError) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            guard let byte = bytes.popFirst() else { throw failure("it ends in a number") }
            if shift < 64 { value |= UInt64(byte & 0x7F) << shift }
            if byte < 0x80 { return value }
        }
        throw failure("a number of more than 10 bytes")
    }

    private mutating func fixed(_ count: Int) throws(TokenizerError) -> UInt64 {
        if bytes.count < count { throw failure("it ends in a number") }
        var value: UInt64 = 0
        for (place, byte) in bytes.prefix(count).enumerated() { value |= UInt64(byte) << UInt64(8 * place) }
        bytes = bytes.dropFirst(count)
        return value
    }
}
