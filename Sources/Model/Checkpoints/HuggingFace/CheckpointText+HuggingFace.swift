internal import OrderedJSON

extension CheckpointText {
    /// The text side that a directory's files describe.
    ///
    /// - Parameter modelName: The model's name, if the directory's isn't it.
    /// - Throws: `CheckpointError` for a file that is broken.
    init(huggingFace directory: String, modelName: String? = nil) throws(CheckpointError) {
        path = directory
        self.modelName = modelName ?? Self.name(directory)
        tokenizer = .directory(directory)
        chatTemplates = try ChatTemplateFiles(directory: directory).templates()
        generation = try GenerationDefaults(huggingFace: directory)
    }

    /// The directory's own name, or "org/name" of a snapshot in the hub's cache (`models--ORG--NAME/snapshots/REVISION`).
    private static func name(_ directory: String) -> String? {
        let folders = directory.split(separator: "/").filter { $0 != "." }
        let prefix = "models--"
        if folders.count >= 3, folders[folders.count - 2] == "snapshots", folders[folders.count - 3].hasPrefix(prefix) {
            let name = folders[folders.count - 3].dropFirst(prefix.count)
            return name.split(separator: "--", maxSplits: 1).joined(separator: "/")
        }
        return folders.last.map(String.init)
    }
}

extension GenerationDefaults {
    /// The values of `generation_config.json`, and the end tokens of `config.json` if that has none.
    ///
    /// - Throws: `CheckpointError` for a value that can't be used.
    init(huggingFace directory: String) throws(CheckpointError) {
        self.init()
        if let file = try JSONFile(path: "\(directory)/generation_config.json") {
            endOfSequence = try Self.tokens(file)
            samples = try file.bool("do_sample")
            temperature = try Self.number(file, "temperature", 0...1e6)
            topK = try file.integer("top_k", in: 0...Int(Int32.max))
            topP = try Self.number(file, "top_p", 0...1)
            minP = try Self.number(file, "min_p", 0...1)
            repetitionPenalty = try Self.number(file, "repetition_penalty", 0...1e6)
        }
        if endOfSequence.isEmpty, let config = try JSONFile(path: "\(directory)/config.json") {
            endOfSequence = try Self.tokens(config)
            if endOfSequence.isEmpty, let text = try config.object("text_config") {
                endOfSequence = try Self.tokens(text)
            }
        }
    }

    /// `eos_token_id`: a token, or a list of them.
    private static func tokens(_ file: JSONFile) throws(CheckpointError) -> [Int32] {
        let key = "eos_token_id"
        let limit = "one token id or a list of at most 1024"
        guard let value = file[key] else { return [] }
        let values = value.arrayValue ?? [value]
        guard values.count <= 1024 else { throw file.outOfRange(key, "a list of \(values.count)", limit) }
        var tokens: [Int32] = []
        for value in values {
            guard let number = value.integerValue, number >= 0, let token = Int32(exactly: number) else {
                throw file.outOfRange(key, String(value.serializedText.prefix(64)), limit)
            }
            tokens.append(token)
        }
        return tokens
    }

    private static func number(
        _ file: JSONFile,
        _ key: String,
        _ range: ClosedRange<Double>,
    ) throws(CheckpointError) -> Double? {
        guard let value = try file.number(key) else { return nil }
        guard range.contains(value) else {
            throw file.outOfRange(key, "\(value)", "from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }
}
