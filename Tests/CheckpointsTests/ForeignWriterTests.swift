import Checkpoints
import Foundation
import Tensors
import Testing

/// Reads what `Tests/Fixtures/checkpoints/make.py` wrote with another program's writer.
@Suite struct ForeignWriterTests {
    private static func fixture(_ name: String) -> String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Fixtures/checkpoints/\(name)").path
    }

    private let checkpoint: Checkpoint
    private let metadata: GGUFMetadata

    init() throws {
        checkpoint = try Checkpoint.open(path: Self.fixture("every-type.gguf"))
        metadata = try GGUFFile.open(path: checkpoint.path).metadata
    }

    @Test func valuesOfEveryType() throws {
        #expect(metadata.keys.count == 51)
        #expect(metadata.keys.first == "general.architecture")
        let integers: [String: Int] = [
            "uint8": 200, "int8": -100, "uint16": 60_000, "int16": -30_000, "uint32": 4_000_000_000,
            "int32": -2_000_000_000, "uint64": .max, "int64": -(1 << 62),
        ]
        for (type, value) in integers {
            #expect(try metadata.integer("test.\(type)", in: .min ... .max) == value, "\(type)")
        }
        #expect(try metadata.number("test.float32") == Double(Float(0.1)))
        #expect(try metadata.number("test.float64") == 0.1)
        #expect(try metadata.bool("test.bool") == true)
        #expect(try metadata.string("test.string") == "naïve 😀")
        #expect(try metadata.integers("test.integers") == [1, -2, 3])
        #expect(try metadata.floats("test.floats") == [0.5, -0.25])
        #expect(try metadata.strings("test.strings").map(Array.init) == ["", "é", "plain"].map { Array($0.utf8) })
        #expect(try metadata.strings("tokenizer.ggml.tokens")?.last == [0xFF])
        #expect(checkpoint.text.chatTemplates.standard == "{{ a }}")
        #expect(checkpoint.text.chatTemplates.named == ["rag": "{{ b }}"])
    }

    @Test func theConfiguration() {
        let c = checkpoint.configuration
        #expect(c.headCounts == [4, 2])
        #expect(c.headCountsKV == [2, 1])
        #expect(c.feedForwardLengths == [96, 128])
        #expect(c.keyLength == 32)
        #expect(c.ropeDimensionCount == 16)
        #expect(c.ropeFrequencyBase == 500_000)
        #expect(c.ropeScaling == .linear(factor: 2.5))
        #expect(c.hasTiedEmbeddings)
    }

    @Test func tensorsInPlace() throws {
        var tensors = checkpoint.tensors
        let floats = try tensors.matrix("token_embd.weight", rows: 3, columns: 64).bytes
        #expect((0..<192).allSatisfy { floats.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) == Float($0) / 8 })
        let halves = try tensors.matrix("half", rows: 3, columns: 64)
        #expect(halves.dataType == .f16)
        #expect(halves.bytes.loadUnaligned(fromByteOffset: 2 * 191, as: UInt16.self) == 0x4DF8)
        let eights = try tensors.matrix("eights", rows: 3, columns: 64)
        #expect(eights.dataType == .q8_0)
        // The last number of a block is its largest here, so it is stored as 127.
        #expect(eights.bytes.last == 127)
        #expect(tensors.shape(of: "cube") == [2, 3, 4])
        #expect(throws: CheckpointError.self) { try tensors.vector("foreign", count: 8) }
        #expect(tensors.typeName(of: "foreign") == "I32")
    }

    @Test func aVocabularyAlone() throws {
        let metadata = try GGUFFile.open(path: Self.fixture("vocabulary.gguf")).metadata
        #expect(try metadata.strings("tokenizer.ggml.merges").map(Array.init) == [Array("a b".utf8)])
    }
}
