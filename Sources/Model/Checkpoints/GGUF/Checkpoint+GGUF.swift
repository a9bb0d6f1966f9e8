extension Checkpoint {
    /// Opens a GGUF file, the first of a split checkpoint, or the only one.
    ///
    /// - Throws: `CheckpointError` naming the file and the field that is missing, broken or not supported.
    init(gguf file: String) throws(CheckpointError) {
        let parts = try GGUFParts.open(path: file)
        path = parts[0].path
        text = try CheckpointText(metadata: parts[0].metadata)
        let tensors = parts.flatMap { part in part.tensors.map { StoredTensor($0, file: part.file) } }
        guard !tensors.isEmpty else {
            throw .unsupported(file: path, reason: "the file holds only a vocabulary: it has no tensors")
        }
        let names = Set(tensors.map(\.name))
        configuration = try ModelConfiguration(parts[0].metadata, tensorNames: names, constants: tensors)
        let meaning = GGUFTensorNames(configuration: configuration, names: names)
        var builder = TensorViewBuilder(file: path)
        for tensor in tensors {
            for target in meaning.targets(of: tensor.name) { try builder.add(tensor, as: target) }
        }
        self.tensors = try TensorCatalog(file: path, builder)
        stored = StoredSize(tensorCount: self.tensors.count, byteCount: self.tensors.byteCount)
        let constants = tensors.filter { GGUFRopeFactors.names.contains($0.name) }
        source = CheckpointSource(
            origin: .gguf(parts[0], constants: constants),
            tensorNames: tensors.map(\.name)
        )
        engineFacts = nil
    }
}

extension CheckpointText {
    /// The text side that a file's metadata describes.
    ///
    /// - Throws: `CheckpointError` for a template or name that isn't text.
    init(metadata: GGUFMetadata) throws(CheckpointError) {
        path = metadata.file
        modelName = try metadata.string("general.name")
        tokenizer = .gguf(metadata)
        chatTemplates = try metadata.chatTemplates()
        generation = GenerationDefaults()
    }
}
