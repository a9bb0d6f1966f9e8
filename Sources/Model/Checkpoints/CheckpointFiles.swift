/// The files that a checkpoint is made of.
package enum CheckpointFiles {
    /// Most files.
    private static let mostFiles = 100_000

    /// The paths of all files that opening and loading what is at `path` may read, sorted.
    ///
    /// - Returns: `nil` for an engine, and where a file is missing.
    /// - Throws: `CheckpointError` if there is no checkpoint.
    package static func paths(_ path: String) throws(CheckpointError) -> [String]? {
        switch try CheckpointLocation(path) {
        case .engine: return nil
        case .gguf(let file):
            guard let split = SplitName(file) else { return [file] }
            guard split.number == 1, split.count <= mostFiles else { return nil }
            let files = (1...split.count).map(split.file)
            return files.allSatisfy(DirectoryListing.exists) ? files : nil
        case .huggingFace(let directory):
            let weights = (DirectoryListing.names(directory) ?? []).filter {
                $0.hasSuffix(".safetensors") || $0 == SafetensorsShards.index
            }
            return (EngineSideFiles.names(in: directory) + weights).map { "\(directory)/\($0)" }.sorted()
        }
    }

    /// Whether an engine is at a path.
    package static func isEngine(_ path: String) -> Bool {
        if case .engine = try? CheckpointLocation(path) { true } else { false }
    }
}
