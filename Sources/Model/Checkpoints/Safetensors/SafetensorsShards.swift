internal import OrderedJSON

/// The tensors of a directory.
///
/// They are in the files that `model.safetensors.index.json` lists, else in `model.safetensors`, else in all safetensors
/// files but adapters and those in Mistral's own format. The hub's files are chosen by the same rule.
enum SafetensorsShards {
    /// The name of the only file of a checkpoint that isn't sharded.
    static let single = "model.safetensors"
    /// The name of the index of one that is.
    static let index = "model.safetensors.index.json"
    /// Most files of a checkpoint.
    private static let mostFiles = 4096
    /// Most bytes of an index, which has a line for each tensor.
    private static let indexLimit = 64 << 20

    /// Whether a file has the weights in Mistral's own format.
    static func isConsolidated(_ name: String) -> Bool {
        name.hasPrefix("consolidated") && name.hasSuffix(".safetensors")
    }

    /// Which of a directory's files hold the weights where no index says it, in order.
    static func loose(_ names: [String]) -> [String] {
        if names.contains(single) { return [single] }
        return names.filter { $0.hasSuffix(".safetensors") && !$0.hasPrefix("adapter_") && !isConsolidated($0) }
            .sorted()
    }

    /// All tensors in the order of the files and their data.
    ///
    /// - Throws: `CheckpointError` for a file that is missing or broken, and for tensors that aren't where the index says.
    static func open(_ directory: String) throws(CheckpointError) -> [StoredTensor] {
        let index = try JSONFile(
            path: "\(directory)/\(index)",
            allowsDuplicates: false,
            sizeLimit: indexLimit,
        )
        guard let index else {
            let names = DirectoryListing.names(directory) ?? []
            var tensors: [StoredTensor] = []
            for name in loose(names) { tensors += try SafetensorsFile(path: "\(directory)/\(name)").tensors }
            return tensors
        }
        let places = try places(index)
        let files = Set(places.values).sorted()
        guard files.count <= mostFiles else {
            let (count, limit) = (UInt64(files.count), UInt64(mostFiles))
            throw .tooLarge(file: index.file, field: "number of files in weight_map", value: count, limit: limit)
        }
        var tensors: [StoredTensor] = []
        var missing = places
        for name in files {
            let shard = try SafetensorsFile(path: "\(directory)/\(name)")
            for tensor in shard.tensors {
                if let place = places[tensor.name], place != name {
                    let reason = "by \(self.index) it is in \(place)"
                    let value = "'\(tensor.name.prefix(SafetensorsEntry.longestName))'"
                    throw .malformed(file: shard.file.path, field: "tensor name", value: value, reason: reason)
                }
                missing[tensor.name] = nil
            }
            tensors += shard.tensors
        }
        if let name = missing.keys.min(), let file = missing[name] {
            throw .missingTensor(
                file: "\(directory)/\(file)",
                tensor: String(name.prefix(SafetensorsEntry.longestName))
            )
        }
        return tensors
    }

    /// The file of each tensor.
    private static func places(_ index: JSONFile) throws(CheckpointError) -> [String: String] {
        guard let map = try index.object("weight_map") else { throw index.missing("weight_map") }
        var places: [String: String] = [:]
        for (name, value) in map.members {
            guard let file = value.stringValue, file.hasSuffix(".safetensors"),
                !file.utf8.contains(where: { $0 == UInt8(ascii: "/") || $0 == 0 })
            else {
                throw index.outOfRange(
                    "weight_map['\(name.prefix(64))']",
                    String(value.serializedText.prefix(64)),
                    "the name of a safetensors file in the same directory"
                )
            }
            places[name] = file
        }
        guard !places.isEmpty else { throw index.outOfRange("weight_map", "empty", "a list of tensors") }
        return places
    }
}
