internal import Glibc
internal import OrderedJSON
internal import Tensors

/// Writes engine directories: under another name first, so that what has the right name is whole.
public struct EngineWriter: Sendable {
    /// What is told while it works.
    ///
    /// - Parameter share: How much is written, 0 to 1.
    /// - Returns: whether to go on.
    public typealias Progress = (_ share: Double) -> Bool

    /// Bytes that are written before they are waited for.
    private static let synchronizedBytes = 64 << 20
    private let source: CheckpointSource
    private let tensors: [EngineTensorContent]
    private let header: EngineHeader

    /// An engine of a model that was loaded from a checkpoint.
    ///
    /// - Parameters:
    ///   - checkpoint: Where its configuration and text side are; its files have to stay until `write` is done.
    ///   - tensors: The loaded weights.
    /// - Throws: `CheckpointError.unsupported` for a checkpoint that is an engine itself.
    public init(
        _ checkpoint: Checkpoint,
        tensors: [EngineTensorContent],
        facts: EngineFacts,
    ) throws(CheckpointError) {
        guard let source = checkpoint.source else {
            throw .unsupported(file: checkpoint.path, reason: "it is an engine already")
        }
        self.source = source
        self.tensors = tensors
        var placed: [EngineTensor] = []
        var end = 0
        for tensor in tensors.map(\.tensor) {
            var tensor = tensor
            let alignment = EngineFormat.tensorAlignment
            tensor.offset = (end + alignment - 1) / alignment * alignment
            placed.append(tensor)
            end = tensor.offset + tensor.byteCount
        }
        let kind: EngineHeader.Source = if case .gguf = source.origin { .gguf } else { .huggingFace }
        header = EngineHeader(
            facts: facts,
            source: kind,
            modelName: checkpoint.modelName,
            stored: checkpoint.stored,
            tensorNames: source.tensorNames,
            files: [],
            tensors: placed,
            weightBytes: end
        )
    }

    /// Bytes of the engine, without some megabytes for what describes it.
    public var byteCount: Int { header.weightBytes }

    /// Writes the directory.
    ///
    /// A directory that is there is replaced if it is empty or holds an engine.
    ///
    /// - Returns: `false` if `progress` ended it; there is nothing of it then.
    /// - Throws: `CheckpointError` if it can't be written, and nothing is left of it.
    public func write(to directory: String, progress: Progress = { _ in true }) throws(CheckpointError) -> Bool {
        var directory = directory
        while directory.count > 1, directory.hasSuffix("/") { directory.removeLast() }
        try Self.checkPlace(directory)
        let isMounted = Folder.isMountPoint(directory)
        let partial = isMounted ? "\(directory)/\(Self.drafts)\(getpid())" : "\(directory).partial-\(getpid())"
        Folder.remove(partial)
        try Folder.make(partial)
        do throws(CheckpointError) {
            guard try fill(partial, progress) else {
                Folder.remove(partial)
                return false
            }
            try isMounted ? placeInside(partial, of: directory) : place(partial, as: directory)
        } catch {
            Folder.remove(partial)
            throw error
        }
        return true
    }

    /// Checks that a directory may be made, or replaced since it is empty or holds one engine and nothing else.
    ///
    /// - Throws: `CheckpointError.unwritable` saying what is there.
    public static func checkPlace(_ directory: String) throws(CheckpointError) {
        let present = names(directory)
        if present.isEmpty { return }
        guard EngineFormat.isEngine(present), let engine = try? EngineFile(directory: directory) else {
            let reason = "it is there, has files in it and isn't an engine of this program"
            throw .unwritable(file: directory, reason: reason)
        }
        let own = Set(engine.header.files.map { $0.name.split(separator: "/").first ?? "" }).union([
            Substring(EngineFormat.weightsFile)
        ])
        if let other = present.first(where: { !own.contains($0[...]) }) {
            let reason = "it holds \(other.prefix(64)) beside the engine, which would be lost"
            throw .unwritable(file: directory, reason: reason)
        }
    }

    /// Begins the names of what is written inside of a mount point, which has no neighbours on its file system.
    private static let drafts = ".partial-"

    /// The names in a directory, but for drafts of writers that were killed and what a file system has of its own.
    private static func names(_ directory: String) -> [String] {
        (Folder.names(directory) ?? []).filter { !$0.hasPrefix(drafts) && $0 != "lost+found" }
    }

    /// Replaces what is in a directory that can't be replaced itself; the weights, without which it is no engine, leave
    /// first and come last.
    private func placeInside(_ partial: String, of directory: String) throws(CheckpointError) {
        let weights = EngineFormat.weightsFile
        for name in [weights] + Self.names(directory).filter({ $0 != weights }) {
            Folder.remove("\(directory)/\(name)")
        }
        for name in (Folder.names(partial) ?? []).filter({ $0 != weights }) + [weights] {
            try Folder.move("\(partial)/\(name)", to: "\(directory)/\(name)")
        }
        for name in Folder.names(directory) ?? [] where name.hasPrefix(Self.drafts) {
            Folder.remove("\(directory)/\(name)")
        }
    }

    private func place(_ partial: String, as directory: String) throws(CheckpointError) {
        guard Folder.names(directory)?.isEmpty == false else { return try Folder.move(partial, to: directory) }
        let old = "\(directory).old-\(getpid())"
        try Folder.move(directory, to: old)
        try Folder.move(partial, to: directory)
        Folder.remove(old)
    }

    private func fill(_ directory: String, _ progress: Progress) throws(CheckpointError) -> Bool {
        var header = header
        for file in try EngineSideFiles.contents(of: source) {
            if file.name.contains("/") { try Folder.make(Folder.parent(of: "\(directory)/\(file.name)")) }
            try FileWriter.write(file.bytes, to: "\(directory)/\(file.name)")
            header.files.append(
                EngineHeader.SideFile(name: file.name, byteCount: file.bytes.count, sum: XXHash64.sum(file.bytes))
            )
        }
        let writer = try FileWriter(path: "\(directory)/\(EngineFormat.weightsFile)")
        let json = header.json.serialized
        // What couldn't be read again isn't written.
        _ = try EngineHeader(json, file: directory)
        let sumCount = header.tensors.reduce(0) { $0 + $1.sumCount }
        let start = EngineFile.weightsStart(headerBytes: json.count, sumCount: sumCount)
        guard let sums = try writeWeights(writer, header.tensors, from: start, progress) else { return false }
        try writer.write(Self.head(json, sums: sums))
        try writer.synchronize()
        Folder.synchronize(directory)
        return true
    }

    /// Preamble, header and table of sums.
    private static func head(_ json: [UInt8], sums: [UInt64]) -> [UInt8] {
        var head = EngineFormat.magic
        func append<Number: FixedWidthInteger>(_ number: Number) {
            withUnsafeBytes(of: number.littleEndian) { head += $0 }
        }
        append(EngineFormat.version)
        append(EngineFormat.byteOrder)
        append(UInt64(json.count))
        append(UInt64(sums.count))
        append(UInt64(0))
        head += json
        for sum in sums { append(sum) }
        let place = EngineFormat.summedPreambleBytes
        withUnsafeBytes(of: EngineFile.sum(head).littleEndian) { sum in
            head.replaceSubrange(place..<place + sum.count, with: sum)
        }
        return head
    }

    /// Writes all tensors.
    ///
    /// - Returns: their sums; `nil` if `progress` ended it.
    private func writeWeights(
        _ writer: borrowing FileWriter,
        _ placed: [EngineTensor],
        from start: Int,
        _ progress: Progress,
    ) throws(CheckpointError) -> [UInt64]? {
        var sums: [UInt64] = []
        var unsynchronized = 0
        for (content, tensor) in zip(tensors, placed) {
            for (index, matrix) in content.matrices.enumerated() {
                let offset = tensor.offset + index * tensor.matrixBytes
                for place in stride(from: 0, to: matrix.count, by: EngineFormat.grain) {
                    let end = min(place + EngineFormat.grain, matrix.count)
                    let piece = UnsafeRawBufferPointer(rebasing: matrix.bytes[place..<end])
                    sums.append(XXHash64.sum(piece))
                    try writer.write(piece, at: start + offset + place)
                    // All at the end would hold the process for as long as the disk takes, and nothing could end it.
                    unsynchronized += piece.count
                    if unsynchronized >= Self.synchronizedBytes {
                        try writer.synchronize()
                        unsynchronized = 0
                    }
                    guard progress(Double(offset + end) / Double(max(1, header.weightBytes))) else { return nil }
                }
            }
        }
        return sums
    }
}
