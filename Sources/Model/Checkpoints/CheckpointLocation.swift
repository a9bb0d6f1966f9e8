internal import Glibc

/// Finds the file to open behind a path that a user gave.
enum CheckpointLocation {
    /// The GGUF file at `path`: itself, or the only one (or first of the only split one) in that directory.
    ///
    /// - Throws: `CheckpointError` saying what is there instead.
    static func file(at path: String) throws(CheckpointError) -> String {
        var status = stat()
        guard stat(path, &status) == 0 else {
            throw .unreadable(file: path, reason: String(cString: strerror(errno)))
        }
        guard status.st_mode & S_IFMT == S_IFDIR else { return path }
        let names = try list(path)
        let models = names.filter { $0.hasSuffix(".gguf") }
        // The later files of a split checkpoint are found from the first.
        let starts = models.filter { (SplitName($0)?.number ?? 1) == 1 }
        if starts.count == 1 { return "\(path)/\(starts[0])" }
        throw .unsupported(file: path, reason: explanation(names: names, models: starts.isEmpty ? models : starts))
    }

    private static func explanation(names: [String], models: [String]) -> String {
        if !models.isEmpty {
            let list = models.prefix(5).joined(separator: ", ")
            return "the directory holds \(models.count) GGUF files (\(list)): name the one to serve"
        }
        if names.contains(where: { $0.hasSuffix(".engine") }) {
            return "engine directories are not supported: name the GGUF file to serve"
        }
        if names.contains("config.json") || names.contains(where: { $0.hasSuffix(".safetensors") }) {
            return "Hugging Face checkpoint directories aren't supported yet: name a GGUF file"
        }
        return "the directory holds no GGUF file"
    }

    /// The names in a directory, sorted.
    private static func list(_ path: String) throws(CheckpointError) -> [String] {
        guard let directory = opendir(path) else {
            throw .unreadable(file: path, reason: String(cString: strerror(errno)))
        }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            names.append(
                withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
            )
        }
        return names.sorted()
    }
}
