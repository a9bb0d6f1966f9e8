import Checkpoints
import Foundation
import OrderedJSON
import Tensors
import Testing

/// Engine directories as files: what is written, what is refused.
@Suite struct EngineDirectoryFileTests {
    private let folder: TemporaryDirectory
    private let checkpoint: Checkpoint
    private var engine: String { folder.path + "/engine" }

    init() throws {
        folder = try TemporaryDirectory()
        checkpoint = try Checkpoint.open(path: try folder.write(GGUFBuilder.tiny().bytes))
    }

    private static func tensor(_ name: String, _ shape: [Int], count: Int) -> EngineTensorContent? {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 7 + name.utf8.count) }
        let box = Box(bytes)
        return EngineTensorContent(
            name,
            shape: shape,
            format: .blocks(.f32),
            matrices: [StoredPart(bytes: box.buffer, owner: box)]
        )
    }

    private func writer(_ limits: EngineLimits = EngineLimits()) throws -> EngineWriter {
        let tensors = [
            try #require(Self.tensor("token_embd.weight", [4, 32], count: 512)),
            try #require(Self.tensor("output_norm.weight", [32], count: 128)),
            try #require(Self.tensor("large.weight", [300, 512], count: 614_400)),
        ]
        return try EngineWriter(
            checkpoint,
            tensors: tensors,
            facts: EngineFacts(writer: "test 1", limits: limits, quantization: "W8A16")
        )
    }

    private func refusal() -> String {
        do {
            _ = try Checkpoint.open(path: engine)
            return "opened"
        } catch {
            return "\(error)"
        }
    }

    private func change(_ name: String, _ change: (inout [UInt8]) -> Void) throws {
        let file = URL(filePath: "\(engine)/\(name)")
        var bytes = [UInt8](try Data(contentsOf: file))
        change(&bytes)
        try Data(bytes).write(to: file)
    }

    @Test func anEngineHasWhatWasWritten() throws {
        let limits = EngineLimits(maxBatchSize: 8, maxNumTokens: 512, maxSequenceLength: 100, maxBeamWidth: 1)
        #expect(try writer(limits).write(to: engine))
        let opened = try Checkpoint.open(path: engine)
        #expect(opened.engineFacts == EngineFacts(writer: "test 1", limits: limits, quantization: "W8A16"))
        #expect(opened.contentDescription == checkpoint.contentDescription)
        #expect(opened.tensors.names == ["token_embd.weight", "output_norm.weight", "large.weight"])
        var tensors = opened.tensors
        let large = try tensors.matrix("large.weight", rows: 300, columns: 512).copiedToMemory(
            pool: ThreadPool(threadCount: 2)
        )
        let expected = try #require(Self.tensor("large.weight", [300, 512], count: 614_400))
        #expect(try large.numbers == (try Self.numbers(expected)))
        #expect(throws: CheckpointError.self) { try tensors.matrix("large.weight", rows: 512, columns: 300) }
        #expect(try CheckpointText.open(path: engine).modelName == "tiny")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["engine", "model.gguf"])
    }

    private static func numbers(_ tensor: EngineTensorContent) throws -> [[Float]] {
        let bytes = (0..<614_400).map { UInt8(truncatingIfNeeded: $0 * 7 + "large.weight".utf8.count) }
        let box = Box(bytes)
        return try StoredMatrix(.f32, rows: 300, columns: 512, weights: StoredPart(bytes: box.buffer, owner: box))
            .numbers
    }

    @Test func filesOfOtherProgramsMachinesAndVersionsAreRefusedWithTheReason() throws {
        #expect(try writer().write(to: engine))
        try change("rank0.engine") { $0[1] = 0 }
        #expect(refusal().contains("isn't an engine of this program"))
        try change("rank0.engine") { ($0[1], $0[8]) = (0x54, 2) }
        #expect(refusal().contains("version 2, which is newer"))
        try change("rank0.engine") { $0[8] = 0 }
        #expect(refusal().contains("version 0, which is older"))
        try change("rank0.engine") { $0.replaceSubrange(8..<16, with: [0, 0, 0, 1, 1, 2, 3, 4]) }
        #expect(refusal().contains("another byte order"))
    }

    @Test func everyByteBeforeTheWeightsCounts() throws {
        #expect(try writer().write(to: engine))
        let file = URL(filePath: engine + "/rank0.engine")
        let bytes = [UInt8](try Data(contentsOf: file))
        let header = (0..<8).reduce(0) { $0 | Int(bytes[16 + $1]) << (8 * $1) }
        let end = 40 + header + 8 * Int(bytes[24])
        for place in 0..<end {
            var damaged = bytes
            damaged[place] ^= 0x10
            try Data(damaged).write(to: file)
            #expect(refusal() != "opened", "byte \(place)")
        }
    }

    @Test func aFileThatEndsEarlyIsRefused() throws {
        #expect(try writer().write(to: engine))
        let file = URL(filePath: engine + "/rank0.engine")
        let bytes = [UInt8](try Data(contentsOf: file))
        for length in [1, 7, 15, 39, 40, 500, 4096, 5000, bytes.count - 1] {
            try Data(bytes[..<length]).write(to: file)
            #expect(refusal().contains("truncated"), "\(length) bytes: \(refusal())")
        }
    }

    @Test func aFileBesideTheWeightsThatIsAnotherIsRefusedByName() throws {
        #expect(try writer().write(to: engine))
        try change("metadata.gguf") { $0[$0.count - 1] ^= 1 }
        #expect(refusal().contains("metadata.gguf: it isn't the file that the engine was built with"))
        try FileManager.default.removeItem(atPath: engine + "/metadata.gguf")
        #expect(refusal().contains("metadata.gguf: can't be read"))
    }

    @Test func anEngineOfAnEngineIsRefused() throws {
        #expect(try writer().write(to: engine))
        let opened = try Checkpoint.open(path: engine)
        #expect(throws: CheckpointError.self) {
            try EngineWriter(opened, tensors: [], facts: EngineFacts(writer: "test"))
        }
    }

    @Test func onlyEmptyFoldersAndEnginesAreReplaced() throws {
        try FileManager.default.createDirectory(atPath: engine, withIntermediateDirectories: true)
        #expect(try writer(EngineLimits(maxBatchSize: 1)).write(to: engine + "/"))
        #expect(try writer(EngineLimits(maxBatchSize: 2)).write(to: engine))
        #expect(try Checkpoint.open(path: engine).engineFacts?.limits.maxBatchSize == 2)
        let error = #expect(throws: CheckpointError.self) { try writer().write(to: folder.path) }
        #expect("\(error.map { "\($0)" } ?? "")".contains("isn't an engine"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() == ["engine", "model.gguf"])
    }

    @Test func nothingIsLeftOfAnEngineThatIsStoppedOrCannotBeWritten() throws {
        var share = 0.0
        #expect(
            try !writer().write(to: engine) { now in
                share = now
                return now < 0.5
            }
        )
        #expect(share >= 0.4 && share < 1)
        #expect(throws: CheckpointError.self) { try writer().write(to: folder.path + "/model.gguf/engine") }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["model.gguf"])
    }

    @Test func theTextSideOfADirectoryIsKeptAsItIs() throws {
        var tiny = try TinyDirectory()
        tiny.config["eos_token_id"] = [1, 2]
        let checkpoint = try tiny.open()
        try tiny.directory.write(Array("{{ messages }}".utf8), to: "chat_template.jinja")
        try FileManager.default.createDirectory(
            atPath: tiny.directory.path + "/additional_chat_templates",
            withIntermediateDirectories: true
        )
        try tiny.directory.write(Array("{{ tools }}".utf8), to: "additional_chat_templates/tool_use.jinja")
        let writer = try EngineWriter(
            checkpoint,
            tensors: [try #require(Self.tensor("output.weight", [6, 8], count: 192))],
            facts: EngineFacts(writer: "test")
        )
        #expect(try writer.write(to: engine))
        let opened = try Checkpoint.open(path: engine)
        #expect(opened.text.chatTemplates.standard == "{{ messages }}")
        #expect(opened.text.chatTemplates.named == ["tool_use": "{{ tools }}"])
        #expect(opened.text.generation.endOfSequence == [1, 2])
        #expect(opened.modelName == checkpoint.modelName)
        #expect(opened.configuration == checkpoint.configuration)
        try FileManager.default.removeItem(atPath: engine + "/additional_chat_templates/tool_use.jinja")
        #expect(refusal().contains("tool_use.jinja"))
    }
}

/// Bytes that stay where they are.
private final class Box: @unchecked Sendable {  // never written after it is made
    let buffer: UnsafeRawBufferPointer

    init(_ bytes: [UInt8]) {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 64)
        copy.copyBytes(from: bytes)
        buffer = UnsafeRawBufferPointer(copy)
    }

    deinit { buffer.deallocate() }
}
