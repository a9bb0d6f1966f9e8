/// Opens all files of a checkpoint that may be split (`split.no`, `split.count` and `split.tensors.count`).
enum GGUFParts {
    /// The file at `path` and, if it is the first of several, the others in order.
    ///
    /// - Throws: `CheckpointError` if one is missing or says it is another part, or tensors are missing.
    static func open(path: String) throws(CheckpointError) -> [GGUFFile] {
        let first = try GGUFFile.open(path: path)
        let count = try first.metadata.integer("split.count", in: 0...99_999) ?? 0
        guard count > 1 else { return [first] }
        guard let name = SplitName(path), name.count == count else {
            let reason = "the name of its first file must end in -00001-of-\(count) with five digits each"
            throw .unsupported(file: path, reason: "the checkpoint is split into \(count) files; \(reason)")
        }
        guard name.number == 1 else {
            throw .unsupported(file: path, reason: "open the first file of a split checkpoint, \(name.file(1))")
        }
        var parts = [first]
        for number in 2...count { parts.append(try GGUFFile.open(path: name.file(number))) }
        for (index, part) in parts.enumerated() {
            let found = try part.metadata.integer("split.no", in: 0...99_999)
            guard let found else { throw .missingKey(file: part.path, key: "split.no") }
            guard found == index else {
                throw .outOfRange(file: part.path, key: "split.no", value: "\(found)", limit: "\(index) by its name")
            }
        }
        let tensorCount = parts.reduce(0) { $0 + $1.tensors.count }
        let wanted = try first.metadata.integer("split.tensors.count", in: 0...Int(Int32.max))
        if let wanted, wanted != tensorCount {
            let limit = "\(tensorCount), as many as the files hold"
            throw .outOfRange(file: path, key: "split.tensors.count", value: "\(wanted)", limit: limit)
        }
        return parts
    }
}
