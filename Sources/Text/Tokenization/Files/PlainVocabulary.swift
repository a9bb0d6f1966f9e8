internal import OrderedJSON

/// Vocabularies of the days before `tokenizer.json`: what that file would say of them, as `transformers` makes it.
///
/// They are GPT-2's `vocab.json` with `merges.txt`, and BERT's `vocab.txt`; which rules go with the former isn't in them,
/// so those of other models' tokenizers are refused.
struct PlainVocabulary {
    /// The `tokenizer.json` of the vocabulary.
    let file: FileValue
    /// The special tokens that its class has when no file says so.
    let specialTokens: FileValue

    private static let end = "<|endoftext|>"
    private static let byteLevelClasses = ["GPT2Tokenizer"]
    private static let wordPieceClasses = [
        "BertTokenizer", "DistilBertTokenizer", "ElectraTokenizer", "MobileBertTokenizer",
    ]

    /// - Throws: `TokenizerError` when there is no such vocabulary, or it is broken or another class's.
    init(_ files: TokenizerFiles, _ settings: FileValue?) throws(TokenizerError) {
        let added = try Self.addedTokens(try FileValue(files.addedTokens, named: "added_tokens.json"))
        if let pieces = try FileValue(files.pieces, named: "vocab.json"), let merges = files.merges {
            try Self.check(settings, Self.byteLevelClasses, of: "vocab.json")
            let addsSpace = try settings?.flag("add_prefix_space", default: false) ?? false
            guard pieces[Self.end] != nil else {
                throw pieces.failure("it lacks GPT-2's '\(Self.end)', so its tokenizer.json is needed")
            }
            let byteLevel: JSONValue = [
                "type": "ByteLevel", "add_prefix_space": .bool(addsSpace), "trim_offsets": true, "use_regex": true,
            ]
            let value: JSONValue = [
                "pre_tokenizer": byteLevel, "decoder": byteLevel, "added_tokens": added,
                "model": ["type": "BPE", "vocab": pieces.value, "merges": try Self.pairs(merges)],
            ]
            file = FileValue(value: value, path: "vocab.json")
            let end = JSONValue.string(Self.end)
            let special: JSONValue = ["bos_token": end, "eos_token": end, "unk_token": end]
            specialTokens = FileValue(value: special, path: "GPT-2")
        } else if let lines = files.wordPieces {
            try Self.check(settings, Self.wordPieceClasses, of: "vocab.txt")
            let vocabulary = try Self.vocabulary(lines)
            func marker(_ role: String, _ usual: String) throws(TokenizerError) -> JSONValue {
                let text = try settings?[role].map { value throws(TokenizerError) in
                    try (value["content"] ?? value).string()
                }
                let token = text ?? usual
                guard let id = vocabulary[token] else {
                    throw .malformedFile(field: "vocab.txt", reason: "'\(FileValue.excerpt(token))' is missing")
                }
                return [.string(token), id]
            }
            let normalizer: JSONValue = [
                "type": "BertNormalizer", "clean_text": true,
                "lowercase": .bool(try settings?.flag("do_lower_case", default: true) ?? true),
                "handle_chinese_chars": .bool(try settings?.flag("tokenize_chinese_chars", default: true) ?? true),
                "strip_accents": settings?["strip_accents"]?.value ?? .null,
            ]
            let value: JSONValue = [
                "normalizer": normalizer, "pre_tokenizer": ["type": "BertPreTokenizer"], "added_tokens": added,
                "post_processor": [
                    "type": "BertProcessing", "cls": try marker("cls_token", "[CLS]"),
                    "sep": try marker("sep_token", "[SEP]"),
                ],
                "decoder": ["type": "WordPiece", "prefix": "##", "cleanup": true],
                "model": ["type": "WordPiece", "unk_token": "[UNK]", "vocab": .object(vocabulary)],
            ]
            file = FileValue(value: value, path: "vocab.txt")
            let special: JSONValue = [
                "unk_token": "[UNK]", "sep_token": "[SEP]", "pad_token": "[PAD]", "cls_token": "[CLS]",
                "mask_token": "[MASK]",
            ]
            specialTokens = FileValue(value: special, path: "BERT")
        } else {
            throw .malformedFile(
                field: "tokenizer",
                reason: "none of tokenizer.json, tokenizer.model, tekken.json, tiktoken.model, vocab.json with "
                    + "merges.txt, and vocab.txt is there"
            )
        }
    }

    /// Checks that a vocabulary isn't of a class with other rules.
    private static func check(
        _ settings: FileValue?,
        _ classes: [String],
        of file: String,
    ) throws(TokenizerError) {
        guard let value = settings?["tokenizer_class"] else { return }
        let name = try value.string()
        let plain = name.hasSuffix("Fast") ? String(name.dropLast(4)) : name
        guard classes.contains(plain) else {
            throw value.failure("\(file) of a '\(FileValue.excerpt(name))' needs its tokenizer.json")
        }
    }

    /// The lines of a file of UTF-8.
    private static func lines(_ bytes: [UInt8], of file: String) throws(TokenizerError) -> [Substring] {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .malformedFile(field: file, reason: "not UTF-8")
        }
        // By bytes: a line end of Windows is one character.
        return text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { line in
            Substring(line.last == UInt8(ascii: "\r") ? line.dropLast() : line)
        }
    }

    /// The merges, a pair on each line but the one with the version.
    private static func pairs(_ bytes: [UInt8]) throws(TokenizerError) -> JSONValue {
        var pairs: [JSONValue] = []
        for line in try lines(bytes, of: "merges.txt") where !line.isEmpty && !line.hasPrefix("#version") {
            pairs.append(.string(String(line)))
        }
        return .array(pairs)
    }

    /// The pieces, a line for each id; of equal lines the last counts.
    private static func vocabulary(_ bytes: [UInt8]) throws(TokenizerError) -> JSONObject {
        var vocabulary = JSONObject()
        for (id, piece) in try lines(bytes, of: "vocab.txt").enumerated() where !piece.isEmpty {
            vocabulary[String(piece)] = .integer(id)
        }
        return vocabulary
    }

    /// The tokens of `added_tokens.json` in the order of their ids.
    private static func addedTokens(_ file: FileValue?) throws(TokenizerError) -> JSONValue {
        var tokens: [(id: Int, text: String)] = []
        for (text, id) in try file?.object() ?? [:] {
            guard let file else { break }
            tokens.append((try FileValue(value: id, path: file.path).integer(in: 0...FileLimits.ids), text))
        }
        return .array(
            tokens.sorted { $0.id < $1.id }.map { ["id": .integer($0.id), "content": .string($0.text)] }
        )
    }
}
