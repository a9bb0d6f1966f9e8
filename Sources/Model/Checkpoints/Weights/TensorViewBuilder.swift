/// Collects what the files' tensors are to the model.
struct TensorViewBuilder {
    /// A tensor that is being put together.
    private struct Collected {
        var single: TensorPart?
        var entries: [Int: TensorPart] = [:]
    }

    private let file: String
    /// Names in the order of the files.
    private(set) var names: [String] = []
    private var collected: [String: Collected] = [:]

    /// Nothing yet; `file` is for messages.
    init(file: String) { self.file = file }

    /// Adds a tensor of a file as what it is.
    ///
    /// - Throws: `CheckpointError.malformed` if there is another one that is the same, or it lacks the part.
    mutating func add(_ tensor: StoredTensor, as target: TensorTarget) throws(CheckpointError) {
        let part = try TensorPart(tensor, target)
        if collected[target.name] == nil { names.append(target.name) }
        var entry = collected[target.name] ?? Collected()
        let isFree: Bool
        if let index = target.index {
            isFree = entry.single == nil && entry.entries.updateValue(part, forKey: index) == nil
        } else {
            isFree = entry.single == nil && entry.entries.isEmpty
            entry.single = part
        }
        guard isFree else {
            let other =
                (collected[target.name]?.single ?? target.index.flatMap { collected[target.name]?.entries[$0] })?
                .tensor
            let reason =
                other?.name == tensor.name
                ? "another file of the checkpoint has it too"
                : "'\(other?.name ?? target.name)' is the same to the model"
            throw .malformed(
                file: tensor.file.path,
                field: "tensor name",
                value: "'\(tensor.name)'",
                reason: reason
            )
        }
        collected[target.name] = entry
    }

    /// The tensors by the model's names.
    ///
    /// - Throws: `CheckpointError` for a stack that lacks an entry or whose entries differ.
    func views() throws(CheckpointError) -> [String: TensorView] {
        var views: [String: TensorView] = [:]
        for (name, entry) in collected {
            if let single = entry.single {
                views[name] = TensorView(single)
                continue
            }
            var parts: [TensorPart] = []
            for index in 0..<entry.entries.count {
                guard let part = entry.entries[index] else {
                    throw .missingTensor(file: file, tensor: "\(name)[\(index)]")
                }
                if let first = parts.first, first.shape != part.shape {
                    let (path, tensor) = (part.tensor.file.path, part.tensor.name)
                    throw .wrongShape(file: path, tensor: tensor, expected: first.shape, found: part.shape)
                }
                parts.append(part)
            }
            views[name] = TensorView(stack: parts)
        }
        return views
    }
}
