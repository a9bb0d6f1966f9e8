extension Checkpoint {
    /// Opens a Hugging Face directory: `config.json` and safetensors files.
    ///
    /// - Throws: `CheckpointError` naming the file and the field that is missing, broken or not supported.
    init(huggingFace directory: String) throws(CheckpointError) {
        path = directory
        let keys = try HuggingFaceKeys(directory: directory)
        text = try CheckpointText(huggingFace: directory)
        var tensors = try SafetensorsShards.open(directory)
        if let scheme = try keys.quantization() { tensors = try QuantizedModules(scheme: scheme).joined(tensors) }
        configuration = try ModelConfiguration(
            keys,
            tensorNames: Set(tensors.map(\.name)),
            pooling: try PoolingFile.pooling(directory)
        )
        let names = HuggingFaceTensorNames(configuration: configuration, firstPosition: keys.firstPosition)
        var builder = TensorViewBuilder(file: directory)
        for tensor in tensors {
            for target in names.targets(of: tensor) { try builder.add(tensor, as: target) }
        }
        self.tensors = try TensorCatalog(file: directory, builder)
        stored = StoredSize(tensorCount: self.tensors.count, byteCount: self.tensors.byteCount)
        source = CheckpointSource(origin: .huggingFace(directory), tensorNames: tensors.map(\.name))
        engineFacts = nil
    }
}
