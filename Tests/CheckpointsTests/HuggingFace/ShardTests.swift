import Checkpoints
import Foundation
import OrderedJSON
import Testing

/// Checkpoints in several files with an index.
@Suite struct ShardTests {
    private let tiny: TinyDirectory
    private let first = "model-00001-of-00002.safetensors"
    private let second = "model-00002-of-00002.safetensors"

    init() throws { tiny = try TinyDirectory() }

    /// Writes the tiny model in two files, with an index that may be changed.
    private func write(_ change: (inout JSONObject) -> Void = { _ in }) throws {
        try tiny.write()
        try FileManager.default.removeItem(atPath: "\(tiny.directory.path)/model.safetensors")
        var map = JSONObject()
        for (file, tensors) in [(first, tiny.weights.tensors[..<5]), (second, tiny.weights.tensors[5...])] {
            var shard = SafetensorsBuilder()
            shard.tensors = Array(tensors)
            try tiny.directory.write(shard.bytes, to: file)
            for tensor in tensors { map[tensor.name] = .string(file) }
        }
        change(&map)
        let index: JSONValue = ["metadata": ["total_size": 1], "weight_map": .object(map)]
        try tiny.directory.write(index.serialized, to: "model.safetensors.index.json")
    }

    private func error(_ change: (inout JSONObject) -> Void = { _ in }) throws -> String {
        try write(change)
        return try #require(throws: CheckpointError.self) {
            try Checkpoint.open(path: tiny.directory.path)
        }.description
    }

    @Test func tensorsAreTheSameInOneFileAndInTwo() throws {
        var whole = try tiny.open().tensors
        try write()
        var sharded = try Checkpoint.open(path: tiny.directory.path).tensors
        #expect(Set(sharded.names) == Set(whole.names))
        #expect(sharded.byteCount == whole.byteCount)
        for name in whole.names {
            let shape = try #require(whole.shape(of: name))
            #expect(sharded.shape(of: name) == shape)
            let (rows, columns) = (shape.count > 1 ? shape[0] : 1, shape[shape.count - 1])
            let numbers = try whole.matrix(name, rows: rows, columns: columns).numbers
            #expect(try sharded.matrix(name, rows: rows, columns: columns).numbers == numbers)
        }
    }

    @Test func filesWithoutAnIndexAreReadButForAdapters() throws {
        try write()
        try FileManager.default.removeItem(atPath: "\(tiny.directory.path)/model.safetensors.index.json")
        try tiny.directory.write([1], to: "adapter_model.safetensors")
        try tiny.directory.write([1], to: "consolidated.safetensors")
        #expect(try Checkpoint.open(path: tiny.directory.path).tensors.count == 21)
        try tiny.directory.write(tiny.weights.bytes, to: "model.safetensors")
        #expect(try Checkpoint.open(path: tiny.directory.path).tensors.count == 21)
        try FileManager.default.moveItem(
            atPath: "\(tiny.directory.path)/model.safetensors",
            toPath: "\(tiny.directory.path)/again.safetensors"
        )
        let error = try #require(throws: CheckpointError.self) { try Checkpoint.open(path: tiny.directory.path) }
        #expect(error.description.contains("another file of the checkpoint has it too"), "\(error)")
    }

    @Test func filesMayBeLinks() throws {
        try write()
        let (folder, manager) = (tiny.directory.path, FileManager.default)
        try manager.moveItem(atPath: "\(folder)/\(first)", toPath: "\(folder)/blob")
        try manager.createSymbolicLink(atPath: "\(folder)/\(first)", withDestinationPath: "blob")
        #expect(try Checkpoint.open(path: folder).tensors.count == 21)
    }

    @Test func aTensorThatIsNotInItsFileIsAnError() throws {
        let name = "model.norm.weight"
        #expect(try error { $0[name] = .string(second) }.contains("by model.safetensors.index.json it is in \(second)"))
        #expect(try error { $0["absent"] = .string(second) }.contains("\(second): tensor 'absent' is missing"))
    }

    @Test(arguments: ["../model.safetensors", "/etc/passwd", "a.bin", "", "a\u{0}.safetensors"])
    func filesElsewhereAreRefused(file: String) throws {
        let message = try error { $0["model.norm.weight"] = .string(file) }
        #expect(message.contains("weight_map['model.norm.weight']"), "\(message)")
        #expect(message.contains("must be the name of a safetensors file in the same directory"))
    }

    @Test func aFileThatIsMissingIsAnError() throws {
        try write()
        try FileManager.default.removeItem(atPath: "\(tiny.directory.path)/\(second)")
        let path = tiny.directory.path
        let error = try #require(throws: CheckpointError.self) { try Checkpoint.open(path: path) }
        #expect(error.description == "\(path)/\(second): can't be read: No such file or directory")
    }

    @Test func anIndexWithoutTensorsIsAnError() throws {
        #expect(try error { $0 = [:] }.contains("'weight_map' is empty"))
    }

    @Test func twoFilesMustNotHoldTheSameTensor() throws {
        try write()
        var shard = SafetensorsBuilder()
        shard.tensors = Array(tiny.weights.tensors[5...])
        shard.tensors.append(tiny.weights.tensors[0])
        try tiny.directory.write(shard.bytes, to: second)
        let path = tiny.directory.path
        let error = try #require(throws: CheckpointError.self) { try Checkpoint.open(path: path) }
        #expect(error.description.contains("'model.embed_tokens.weight': by model.safetensors.index.json"))
    }
}
