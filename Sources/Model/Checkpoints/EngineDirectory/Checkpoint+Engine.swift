extension Checkpoint {
    /// Opens an engine directory: the configuration and the text side are read from the files that the engine keeps of
    /// its checkpoint, the weights are those of the engine.
    ///
    /// - Throws: `CheckpointError` saying what is damaged, foreign or of another version.
    init(engine directory: String) throws(CheckpointError) {
        let engine = try EngineFile(directory: directory)
        let header = engine.header
        for file in header.files { try EngineSideFiles.check(file, in: directory) }
        let names = Set(header.tensorNames)
        var configuration: ModelConfiguration
        switch header.source {
        case .gguf:
            let file = try GGUFFile.open(path: "\(directory)/\(EngineFormat.metadataFile)")
            text = try CheckpointText(metadata: file.metadata)
            let constants = file.tensors.map { StoredTensor($0, file: file.file) }
            configuration = try ModelConfiguration(file.metadata, tensorNames: names, constants: constants)
        case .huggingFace:
            text = try CheckpointText(huggingFace: directory, modelName: header.modelName)
            configuration = try ModelConfiguration(
                try HuggingFaceKeys(directory: directory),
                tensorNames: names,
                pooling: try PoolingFile.pooling(directory)
            )
        }
        var builder = TensorViewBuilder(file: engine.file.path)
        for tensor in engine.storedTensors() { try builder.add(tensor, as: TensorTarget(tensor.name)) }
        let tensors = try TensorCatalog(file: engine.file.path, builder)
        // What has become of the embedding's matrix: models that share it may have it twice.
        configuration.hasTiedEmbeddings = !tensors.contains("output.weight")
        self.configuration = configuration
        self.tensors = tensors
        path = directory
        stored = header.stored
        source = nil
        engineFacts = header.facts
    }
}

extension CheckpointText {
    /// The text side of an engine directory, without its weights.
    ///
    /// - Throws: `CheckpointError` saying what is damaged, foreign or of another version.
    init(engine directory: String) throws(CheckpointError) {
        let header = try EngineFile(directory: directory).header
        for file in header.files { try EngineSideFiles.check(file, in: directory) }
        switch header.source {
        case .gguf:
            let file = try GGUFFile.open(path: "\(directory)/\(EngineFormat.metadataFile)")
            self = try CheckpointText(metadata: file.metadata)
        case .huggingFace: self = try CheckpointText(huggingFace: directory, modelName: header.modelName)
        }
    }
}
