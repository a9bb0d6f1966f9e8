internal import Glibc

/// What is behind a path that a user gave.
enum CheckpointLocation {
    /// A GGUF file.
    case gguf(String)
    /// A directory with `config.json` and safetensors files, or with the text side of such a model.
    case huggingFace(String)
    /// A directory that holds an engine.
    case engine(String)

    /// What is at `path`: a file, or a directory with a Hugging Face checkpoint or just one GGUF file (or split one).
    ///
    /// - Throws: `CheckpointError` saying what is there instead.
    init(_ path: String) throws(CheckpointError) {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw .unreadable(file: path, reason: String(cString: strerror(errno)))
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            self = .gguf(path)
            return
        }
        guard let names = DirectoryListing.names(path) else {
            throw .unreadable(file: path, reason: String(cString: strerror(errno)))
        }
        guard !EngineFormat.isEngine(names) else {
            self = .engine(path)
            return
        }
        let models = names.filter { $0.hasSuffix(".gguf") }
        // The later files of a split checkpoint are found from the first.
        let starts = models.filter { (SplitName($0)?.number ?? 1) == 1 }
        let hasSafetensors = names.contains(SafetensorsShards.index) || !SafetensorsShards.loose(names).isEmpty
        if hasSafetensors, names.contains("config.json") {
            self = .huggingFace(path)
        } else if starts.count == 1 {
            self = .gguf("\(path)/\(starts[0])")
        } else if models.isEmpty, Self.isTextOnly(names) {
            self = .huggingFace(path)
        } else {
            throw .unsupported(
                file: path,
                reason: Self.explanation(names: names, models: starts.isEmpty ? models : starts)
            )
        }
    }

    /// Whether a directory has a tokenizer and no weights at all.
    private static func isTextOnly(_ names: [String]) -> Bool {
        TokenizerFileNames.areEnough(Set(names)) && !names.contains { $0.hasSuffix(".safetensors") || isPickle($0) }
    }

    /// Whether a file's name is that of weights in Python's format, which can hold programs.
    private static func isPickle(_ name: String) -> Bool {
        [".bin", ".pth", ".pt", ".ckpt"].contains(where: name.hasSuffix)
    }

    private static func explanation(names: [String], models: [String]) -> String {
        if !models.isEmpty {
            let list = models.prefix(5).joined(separator: ", ")
            return "the directory holds \(models.count) GGUF files (\(list)): name the one to serve"
        }
        if names.contains(where: { $0.hasSuffix(".engine") }) {
            return "the directory holds an engine, but no \(EngineFormat.weightsFile)"
        }
        if let name = names.first(where: SafetensorsShards.isConsolidated) {
            return "\(name) is in Mistral's own format, which isn't read: name a directory with config.json and "
                + "\(SafetensorsShards.single), as the same model has for transformers"
        }
        if let name = names.first(where: { $0.hasSuffix(".safetensors") }) {
            return names.contains("config.json")
                ? "the directory has \(name), but no \(SafetensorsShards.single)"
                : "the directory has \(name), but no config.json"
        }
        if let name = names.first(where: isPickle) {
            return
                "its weights are pickled (\(name)), which can run programs and is never read: convert them with Python's "
                + "transformers, AutoModelForCausalLM.from_pretrained(DIRECTORY).save_pretrained(NEW_DIRECTORY), which "
                + "writes safetensors"
        }
        if names.contains("config.json") {
            return "the directory has a config.json, but no \(SafetensorsShards.single)"
        }
        return "the directory holds neither a GGUF file nor a Hugging Face checkpoint"
    }
}
