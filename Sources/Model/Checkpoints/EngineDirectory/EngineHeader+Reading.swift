internal import OrderedJSON

extension EngineHeader {
    /// Bounds on the values of a header.
    private static let limits = JSONLimits(depth: 8, values: 1 << 24, containers: 1 << 22)
    /// Longest text in a header that is shown to people.
    private static let longestText = 64 << 10
    /// Longest name of a tensor, in bytes.
    private static let longestName = 512
    /// Most files beside the weights.
    private static let mostFiles = 256

    /// Reads and checks a header.
    ///
    /// - Throws: `CheckpointError` naming the field that is missing, of another type or impossible.
    init(_ bytes: [UInt8], file path: String) throws(CheckpointError) {
        let members = try JSONFile.object(bytes, file: path, field: "header", limits: Self.limits)
        let file = JSONFile(file: path, members: members)
        facts = EngineFacts(
            writer: try Self.text(file, "writer") ?? "unknown",
            limits: try Self.limits(file),
            quantization: try Self.text(file, "quantization") ?? "unknown"
        )
        guard let source = try Self.text(file, "source").flatMap(Source.init) else {
            throw file.outOfRange("source", "unknown", "gguf or hugging_face")
        }
        self.source = source
        modelName = try Self.text(file, "model_name")
        stored = StoredSize(
            tensorCount: try Self.count(file, "stored_tensors"),
            byteCount: try Self.count(file, "stored_bytes")
        )
        guard let names = try file.strings("tensor_names") else { throw file.missing("tensor_names") }
        tensorNames = names
        weightBytes = try Self.count(file, "weight_bytes")
        files = []
        tensors = []
        files = try Self.list(file, "files", limit: Self.mostFiles) { (file) throws(CheckpointError) in
            try Self.sideFile(file)
        }
        let end = weightBytes
        tensors = try Self.list(file, "tensors", limit: EngineFormat.tensorLimit) { (file) throws(CheckpointError) in
            try Self.tensor(file, weightBytes: end)
        }
        try rejectDuplicates(path)
    }

    private func rejectDuplicates(_ path: String) throws(CheckpointError) {
        var names: Set<String> = []
        for tensor in tensors where !names.insert(tensor.name).inserted {
            let value = "'\(tensor.name.prefix(64))'"
            throw .malformed(file: path, field: "tensor name", value: value, reason: "it is there twice")
        }
    }

    private static func limits(_ file: JSONFile) throws(CheckpointError) -> EngineLimits {
        guard let limits = try file.object("limits") else { throw file.missing("limits") }
        let range = 1...Int(Int32.max)
        return EngineLimits(
            maxBatchSize: try limits.integer("max_batch_size", in: range),
            maxNumTokens: try limits.integer("max_num_tokens", in: range),
            maxSequenceLength: try limits.integer("max_seq_len", in: range),
            maxBeamWidth: try limits.integer("max_beam_width", in: range)
        )
    }

    private static func text(_ file: JSONFile, _ key: String) throws(CheckpointError) -> String? {
        guard let text = try file.string(key) else { return nil }
        guard text.utf8.count <= longestText else {
            throw file.outOfRange(key, "\(text.utf8.count) bytes long", "at most \(longestText) bytes")
        }
        return text
    }

    private static func count(_ file: JSONFile, _ key: String) throws(CheckpointError) -> Int {
        guard let count = try file.integer(key, in: 0...1 << 52) else { throw file.missing(key) }
        return count
    }

    private static func list<Element>(
        _ file: JSONFile,
        _ key: String,
        limit: Int,
        _ element: (JSONFile) throws(CheckpointError) -> Element,
    ) throws(CheckpointError) -> [Element] {
        guard let value = file[key] else { throw file.missing(key) }
        guard let values = value.arrayValue else { throw file.wrongType(key, "a list", value) }
        guard values.count <= limit else {
            throw .tooLarge(file: file.file, field: key, value: UInt64(values.count), limit: UInt64(limit))
        }
        var elements: [Element] = []
        for (index, value) in values.enumerated() {
            guard let members = value.objectValue else { throw file.wrongType(key, "a list of objects", value) }
            elements.append(try element(JSONFile(file: file.file, prefix: "\(key)[\(index)].", members: members)))
        }
        return elements
    }

    private static func sideFile(_ file: JSONFile) throws(CheckpointError) -> SideFile {
        guard let name = try text(file, "name") else { throw file.missing("name") }
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, !name.utf8.contains(0), parts.allSatisfy({ !["", ".", ".."].contains($0) }) else {
            throw file.outOfRange("name", "'\(name.prefix(64))'", "the name of a file in the directory")
        }
        guard let digits = try text(file, "xxh64"), digits.utf8.count == 16, let sum = UInt64(digits, radix: 16) else {
            throw file.outOfRange("xxh64", "something else", "16 hexadecimal digits")
        }
        return SideFile(name: name, byteCount: try count(file, "bytes"), sum: sum)
    }

    private static func tensor(_ file: JSONFile, weightBytes: Int) throws(CheckpointError) -> EngineTensor {
        guard let name = try file.string("name") else { throw file.missing("name") }
        guard name.utf8.count <= longestName else {
            throw file.outOfRange("name", "\(name.utf8.count) bytes long", "at most \(longestName) bytes")
        }
        guard let numbers = try file.numbers("shape") else { throw file.missing("shape") }
        let shape = numbers.compactMap { Int(exactly: $0) }
        let format = try text(file, "format") ?? ""
        guard let known = EngineTensor.format(format) else {
            throw .unsupportedTensorType(
                file: file.file,
                tensor: String(name.prefix(64)),
                type: String(format.prefix(64)),
                supported: ["those of this version"]
            )
        }
        guard shape.count == numbers.count, var tensor = EngineTensor(name: name, shape: shape, format: known) else {
            throw file.outOfRange("shape", String("\(numbers)".prefix(64)), "the sizes of a \(format) matrix")
        }
        tensor.offset = try count(file, "offset")
        guard tensor.offset % EngineFormat.tensorAlignment == 0, tensor.byteCount <= weightBytes,
            tensor.offset <= weightBytes - tensor.byteCount
        else {
            throw file.outOfRange(
                "offset",
                "\(tensor.offset)",
                "a multiple of \(EngineFormat.tensorAlignment) that leaves \(tensor.byteCount) of \(weightBytes) bytes"
            )
        }
        return tensor
    }
}
