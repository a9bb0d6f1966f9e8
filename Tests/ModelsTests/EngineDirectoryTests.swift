import Checkpoints
import Foundation
import Models
import Tensors
import Testing

/// Models that are loaded from engines.
@Suite struct EngineDirectoryTests {
    private static let models = TinyModel.families + ["llama-q8_0"]
    private static let tokens: [Int32] = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2, 3, 8, 4]

    /// Builds an engine, and runs `body` with its directory.
    private func withEngine(of path: String, _ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "engine-\(UUID())").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Self.build(path, folder + "/engine")
        try body(folder + "/engine")
    }

    private static func build(_ path: String, _ directory: String) throws {
        let checkpoint = try Checkpoint.open(path: path)
        let model = try DecoderModel.load(checkpoint: checkpoint, pool: ThreadPool(threadCount: 2))
        let writer = try model.engineWriter(checkpoint, facts: EngineFacts(writer: "test"))
        #expect(try writer.write(to: directory))
    }

    private func compare(_ path: String) throws {
        try withEngine(of: path) { engine in
            let (direct, compiled) = (try TinyModel(path: path), try TinyModel(path: engine, threads: 2))
            if direct.model.limits.isCausal {
                let expected = direct.feed(Self.tokens[...], position: 0, blocks: [0])
                #expect(compiled.feed(Self.tokens[...], position: 0, blocks: [0]) == expected)
            } else {
                #expect(compiled.hiddenStates([Self.tokens]) == direct.hiddenStates([Self.tokens]))
            }
            #expect(compiled.model.footprint == direct.model.footprint)
            let (opened, original) = (try Checkpoint.open(path: engine), try Checkpoint.open(path: path))
            #expect(opened.contentDescription == original.contentDescription)
            #expect(opened.text.chatTemplates == original.text.chatTemplates)
            #expect(opened.text.generation == original.text.generation)
        }
    }

    @Test(arguments: models) func anEngineOfAGGUFFileGivesItsBits(name: String) throws {
        try compare(TinyModel.folder.appending(path: "\(name).gguf").path)
    }

    @Test(arguments: ReferenceFixtureTests.names) func anEngineOfADirectoryGivesItsBits(name: String) throws {
        try compare(ReferenceFixtureTests.folder.appending(path: name).path)
    }

    @Test(arguments: [(DataType.q4_k, DataType.q6_k), (.q4_k, .q4_k), (.bf16, .bf16)])
    func anEngineOfAWideModelGivesItsBits(matrices: DataType, others: DataType) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "wide-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let model = MadeModel(matrices: matrices, halfOfThem: others, seed: 3)
        try compare(try model.write([], to: folder))
    }

    /// Engines outlive the program: whoever changes how numbers are packed counts `EngineFormat.version` up, and then the sums.
    @Test func packingIsThatOfTheFormatsVersion() throws {
        var sums: [String] = []
        for name in ["llama-q8_0", "qwen2", "gemma3"] {
            try withEngine(of: TinyModel.folder.appending(path: "\(name).gguf").path) { engine in
                let bytes = [UInt8](try Data(contentsOf: URL(filePath: engine + "/rank0.engine")))
                sums.append(String(XXHash64.sum(bytes), radix: 16))
            }
        }
        #expect(EngineFormat.version == 1)
        #expect(sums == ["17da184307fad9d7", "18bf6538fe071f5", "62447a55fa41e802"])
    }

    @Test func weightsThatHaveChangedAreRefused() throws {
        try withEngine(of: TinyModel.folder.appending(path: "llama-q8_0.gguf").path) { engine in
            let path = engine + "/rank0.engine"
            var bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
            bytes[bytes.count - 1000] ^= 1
            try Data(bytes).write(to: URL(filePath: path))
            let error = #expect(throws: ModelError.self) { try TinyModel(path: engine) }
            #expect("\(error.map { "\($0)" } ?? "")".contains("or is damaged"))
        }
    }

    /// Shorter files are seen when they are opened; this one is made shorter while it is open.
    @Test func anEngineThatIsMadeShorterWhileItIsLoadedIsAnError() throws {
        try withEngine(of: TinyModel.folder.appending(path: "llama-q8_0.gguf").path) { engine in
            let checkpoint = try Checkpoint.open(path: engine)
            truncate(engine + "/rank0.engine", 8192)
            #expect(throws: ModelError.self) {
                try DecoderModel.load(checkpoint: checkpoint, pool: ThreadPool(threadCount: 1))
            }
        }
    }

    @Test func aLoadedModelNeedsItsEngineNoMore() throws {
        let path = TinyModel.folder.appending(path: "qwen2.gguf").path
        let expected = try TinyModel(path: path).feed(Self.tokens[...], position: 0, blocks: [0])
        try withEngine(of: path) { engine in
            let compiled = try TinyModel(path: engine)
            truncate(engine + "/rank0.engine", 0)
            truncate(engine + "/metadata.gguf", 0)
            #expect(compiled.feed(Self.tokens[...], position: 0, blocks: [0]) == expected)
        }
    }

    /// Damage that the sums see, and damage that they don't since somebody has made them anew.
    @Test(arguments: [false, true]) func damagedEnginesAreRefusedOrGiveAModelThatComputes(areSumsMadeAnew: Bool) throws
    {
        try withEngine(of: TinyModel.folder.appending(path: "qwen2.gguf").path) { engine in
            let file = URL(filePath: engine + "/rank0.engine")
            let bytes = [UInt8](try Data(contentsOf: file))
            let pool = try ThreadPool(threadCount: 1)
            var (refused, computed) = (0, 0)
            for number in 0..<1000 {
                var random = SplitMix(state: UInt64(number))
                try Data(Self.damaged(bytes, areSumsMadeAnew, &random)).write(to: file)
                do {
                    let model = try DecoderModel.load(checkpoint: try Checkpoint.open(path: engine), pool: pool)
                    try model.allocateKVCache(blockCount: 1, tokensPerBlock: 32)
                    try model.reserve(tokens: 8, logitRows: 1)
                    let slice = ModelBatch.Slice(rows: 0..<4, position: 0, blocks: [0], logitRows: [3])
                    model.forward(ModelBatch(tokens: [0, 1, 2, 3], slices: [slice]))
                    #expect(model.logits(0..<1).count == model.limits.vocabularySize)
                    computed += 1
                } catch let error as CheckpointError {
                    #expect(error.description.hasPrefix(engine), "engine \(number): \(error)")
                    refused += 1
                } catch let error as ModelError {
                    #expect(!error.description.isEmpty, "engine \(number)")
                    refused += 1
                }
            }
            #expect(refused > 500, "\(refused) refused, \(computed) computed")
        }
    }

    private static func damaged(_ bytes: [UInt8], _ areSumsMadeAnew: Bool, _ random: inout SplitMix) -> [UInt8] {
        func number(_ place: Int) -> Int { (0..<8).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) } }
        let (headerBytes, sumBytes) = (number(16), 8 * number(24))
        let header = 40..<40 + headerBytes
        guard areSumsMadeAnew else {
            var damaged = bytes
            let places = [headerBytes + sumBytes + 40, bytes.count]
            let place = Int(random.next() % UInt64(places[Int(random.next() % 2)]))
            if random.next() % 8 == 0 {
                damaged.removeSubrange(place...)
            } else {
                damaged[place] = damaged[place] &+ 1 &+ UInt8(random.next() % 255)
            }
            return damaged
        }
        var json = Array(bytes[header])
        let words = [
            "0", "-1", "1e999", "9223372036854775807", "null", "[]", "[1,4611686018427387904]", "\"f32\"", "64",
        ]
        for _ in 0...random.next() % 3 {
            let place = Int(random.next() % UInt64(json.count))
            guard let colon = json[place...].firstIndex(of: UInt8(ascii: ":")) else { continue }
            let end = json[(colon + 1)...].firstIndex { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "}") }
            let word = words[Int(random.next() % UInt64(words.count))]
            json.replaceSubrange((colon + 1)..<(end ?? json.count), with: Array(word.utf8))
        }
        var head = Array(bytes[..<16]) + (0..<8).map { UInt8(truncatingIfNeeded: json.count >> (8 * $0)) }
        head += bytes[24..<32]
        let sums = bytes[header.upperBound..<header.upperBound + sumBytes]
        let sum = XXHash64.sum(json + sums, seed: XXHash64.sum(head))
        head += (0..<8).map { UInt8(truncatingIfNeeded: sum >> (8 * UInt64($0))) }
        let start = (40 + headerBytes + sumBytes + 4095) / 4096 * 4096
        head += json + sums
        head += [UInt8](repeating: 0, count: (4096 - head.count % 4096) % 4096)
        return head + bytes[start...]
    }
}
