/// What a list of engines says of one.
package struct EngineSummary: Sendable, Hashable {
    /// The model's own name, if it says.
    package let modelName: String?
    /// What it says of itself.
    package let facts: EngineFacts

    /// Reads it from an engine directory.
    ///
    /// - Throws: `CheckpointError` saying what is damaged, foreign or of another version.
    package init(directory: String) throws(CheckpointError) {
        let header = try EngineFile(directory: directory).header
        (modelName, facts) = (header.modelName, header.facts)
    }
}
