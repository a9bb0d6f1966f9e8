internal import Glibc

/// The files of a checkpoint that its engine keeps as they are: configuration, tokenizer, templates, defaults.
///
/// What is made of them is made by the same readers as from the checkpoint, with the same checks.
enum EngineSideFiles {
    /// Endings of the files that describe a model.
    private static let endings = [".json", ".model", ".jinja", ".txt", ".tiktoken"]
    /// Most bytes of one.
    private static let sizeLimit = 256 << 20
    /// Most of them.
    private static let mostFiles = 256

    /// The names of those in a checkpoint's directory, relative to it.
    static func names(in directory: String) -> [String] {
        let top = (DirectoryListing.names(directory) ?? []).filter { name in
            endings.contains(where: name.hasSuffix) && !name.hasSuffix(".safetensors.index.json")
        }
        let templates = (DirectoryListing.names("\(directory)/additional_chat_templates") ?? [])
            .filter { $0.hasSuffix(".jinja") }.map { "additional_chat_templates/\($0)" }
        let pooling = ["1_Pooling/config.json"].filter { DirectoryListing.exists("\(directory)/\($0)") }
        return (top + templates + pooling).filter { Folder.isFile("\(directory)/\($0)") }
    }

    /// Their names and contents.
    ///
    /// - Throws: `CheckpointError` if one can't be read, or there are too many.
    static func contents(of source: CheckpointSource) throws(CheckpointError) -> [(name: String, bytes: [UInt8])] {
        switch source.origin {
        case .gguf(let file, let factors):
            let bytes = try GGUFMetadataFile.bytes(file, tensors: factors)
            guard bytes.count <= sizeLimit else {
                let (count, limit) = (UInt64(bytes.count), UInt64(sizeLimit))
                throw .tooLarge(file: file.file.path, field: "size of the metadata", value: count, limit: limit)
            }
            return [(EngineFormat.metadataFile, bytes)]
        case .huggingFace(let directory):
            let names = names(in: directory)
            guard names.count <= mostFiles else {
                let (count, limit) = (UInt64(names.count), UInt64(mostFiles))
                throw .tooLarge(file: directory, field: "number of files", value: count, limit: limit)
            }
            var files: [(name: String, bytes: [UInt8])] = []
            for name in names { files.append((name, try SmallFile.read("\(directory)/\(name)", limit: sizeLimit))) }
            return files
        }
    }

    /// Checks that a file beside an engine is what it was when the engine was written.
    ///
    /// - Throws: `CheckpointError` saying which isn't.
    static func check(_ file: EngineHeader.SideFile, in directory: String) throws(CheckpointError) {
        let path = "\(directory)/\(file.name)"
        let bytes = try SmallFile.read(path, limit: sizeLimit)
        guard bytes.count == file.byteCount, XXHash64.sum(bytes) == file.sum else {
            throw .unsupported(file: path, reason: "it isn't the file that the engine was built with: build it anew")
        }
    }
}
