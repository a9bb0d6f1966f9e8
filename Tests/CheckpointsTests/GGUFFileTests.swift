import Checkpoints
import Testing

@Suite struct GGUFFileTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func open(_ file: GGUFBuilder) throws -> GGUFFile {
        try GGUFFile.open(path: try directory.write(file.bytes))
    }

    private func error(_ file: GGUFBuilder) throws -> CheckpointError {
        try #require(throws: CheckpointError.self) { try open(file) }
    }

    @Test func keepsKeysInTheFilesOrder() throws {
        var file = GGUFBuilder()
        let keys = ["z", "a", "m", "0"]
        for key in keys { file[key] = .bool(1) }
        #expect(try open(file).metadata.keys == keys)
    }

    @Test(arguments: [2, 3] as [UInt32]) func readsBothVersions(version: UInt32) throws {
        var file = GGUFBuilder.tiny()
        file.version = version
        #expect(try open(file).version == version)
    }

    @Test func readsEveryTypeAtItsLimits() throws {
        var file = GGUFBuilder()
        file["u8"] = .uint8(.max)
        file["i8"] = .int8(.min)
        file["u16"] = .uint16(.max)
        file["i16"] = .int16(.min)
        file["u32"] = .uint32(.max)
        file["i32"] = .int32(.min)
        file["i64"] = .int64(.min)
        file["f32"] = .float32(0.1)
        file["f64"] = .float64(0.1)
        file["yes"] = .bool(1)
        file["no"] = .bool(0)
        file["text"] = .string("grüße\u{0}!")
        let m = try open(file).metadata
        let all = Int.min...Int.max
        #expect(try m.integer("u8", in: all) == 255)
        #expect(try m.integer("i8", in: all) == -128)
        #expect(try m.integer("u16", in: all) == 65_535)
        #expect(try m.integer("i16", in: all) == -32_768)
        #expect(try m.integer("u32", in: all) == 4_294_967_295)
        #expect(try m.integer("i32", in: all) == -2_147_483_648)
        #expect(try m.integer("i64", in: all) == Int.min)
        #expect(try m.number("f32") == Double(Float(0.1)))
        #expect(try m.number("f64") == 0.1)
        #expect(try m.bool("yes") == true)
        #expect(try m.bool("no") == false)
        #expect(try m.string("text") == "grüße\u{0}!")
        #expect(try m.string("absent") == nil)
    }

    @Test func anIntegerTooLargeForTheMachineIsOutOfRange() throws {
        var file = GGUFBuilder()
        file["u64"] = .uint64(.max)
        let metadata = try open(file).metadata
        let error = #expect(throws: CheckpointError.self) { try metadata.integer("u64", in: 0...Int.max) }
        #expect(error?.description.contains("18446744073709551615") == true)
    }

    @Test func readsArrays() throws {
        var file = GGUFBuilder()
        file["u8"] = .array(0, [.uint8(0), .uint8(255)])
        file["i32"] = .array(5, [.int32(-1), .int32(7)])
        file["u64"] = .array(10, [.uint64(9)])
        file["f32"] = .array(6, [.float32(-0.5), .float32(.infinity)])
        file["f64"] = .array(12, [.float64(0.25)])
        file["bool"] = .array(7, [.bool(1), .bool(0)])
        file["none"] = .array(8, [])
        file["text"] = .array(8, [.string(""), .string("é"), .bytes([0xFF, 0x00]), .string("")])
        let metadata = try open(file).metadata
        #expect(try metadata.bytes("u8") == [0, 255])
        #expect(try metadata.integers("i32") == [-1, 7])
        #expect(try metadata.integers("u64") == [9])
        #expect(try metadata.floats("f32") == [-0.5, .infinity])
        #expect(try metadata.floats("f64") == [0.25])
        guard case .array(let flags)? = metadata["bool"] else {
            throw CheckpointError.missingKey(file: "", key: "bool")
        }
        #expect(flags.bools == [true, false])
        #expect(try metadata.strings("none").map(Array.init) == [])
        #expect(try metadata.strings("text").map(Array.init) == [[], [0xC3, 0xA9], [0xFF, 0x00], []])
    }

    @Test func aValueOfAnotherTypeNamesKeyAndType() throws {
        var file = GGUFBuilder()
        file["key"] = .string("7")
        file["numbers"] = .array(5, [.int32(1)])
        let metadata = try open(file).metadata
        #expect(
            throws: CheckpointError.wrongType(
                file: metadata.file,
                key: "key",
                expected: "an integer",
                found: "a string"
            )
        ) { try metadata.integer("key", in: 0...9) }
        #expect(throws: CheckpointError.self) { try metadata.strings("numbers") }
        #expect(throws: CheckpointError.self) { try metadata.string("numbers") }
        #expect(throws: CheckpointError.self) { try metadata.bool("key") }
        #expect(throws: CheckpointError.self) { try metadata.number("key") }
    }

    @Test func aStringThatIsNotTextIsAnErrorOnlyWhenItIsRead() throws {
        var file = GGUFBuilder()
        file["bad"] = .bytes([0xC3])
        let metadata = try open(file).metadata
        #expect(throws: CheckpointError.self) { try metadata.string("bad") }
        #expect(metadata.keys == ["bad"])
    }

    @Test func aVocabularyNeedsNoTensors() throws {
        var file = GGUFBuilder.tiny()
        file.tensors = []
        #expect(try open(file).tensors.isEmpty)
    }

    @Test func refusesOtherMagics() throws {
        var file = GGUFBuilder.tiny()
        file.magic = Array("GGML".utf8)
        #expect(
            try error(file)
                == .malformed(
                    file: "\(directory.path)/model.gguf",
                    field: "magic",
                    value: "47 47 4d 4c",
                    reason: "not a GGUF file"
                )
        )
    }

    @Test(arguments: [0, 1, 4, 0xFFFF_FFFF] as [UInt32]) func refusesOtherVersions(version: UInt32) throws {
        var file = GGUFBuilder.tiny()
        file.version = version
        #expect(try error(file).description.contains("version is \(version)"))
    }

    @Test func saysThatBigEndianFilesAreNotSupported() throws {
        var file = GGUFBuilder.tiny()
        file.version = UInt32(3).byteSwapped
        #expect(try error(file).description.contains("big-endian"))
    }

    @Test func refusesADuplicateKey() throws {
        var file = GGUFBuilder()
        file.metadata = [(Array("a.b".utf8), .bool(1)), (Array("a.b".utf8), .bool(1))]
        #expect(try error(file).description.contains("'a.b'"))
    }

    @Test func refusesAKeyThatIsNotText() throws {
        var file = GGUFBuilder()
        file.metadata = [([0x61, 0xFF], .bool(1))]
        #expect(try error(file).description.contains("not UTF-8"))
    }

    @Test func refusesAKeyLongerThanTheFormatAllows() throws {
        var file = GGUFBuilder()
        file.metadata = [(Array(repeating: 0x61, count: 65_536), .bool(1))]
        #expect(try error(file).description.contains("the limit is 65535"))
        file.metadata = [(Array(repeating: 0x61, count: 65_535), .bool(1))]
        #expect(try open(file).metadata.keys.count == 1)
    }

    @Test(arguments: [2, 255] as [UInt8]) func refusesATruthValueThatIsNeither(byte: UInt8) throws {
        var file = GGUFBuilder()
        file["flag"] = .bool(byte)
        #expect(try error(file).description.contains("value of 'flag' is \(byte)"))
        file["flag"] = .array(7, [.bool(1), .bool(byte)])
        #expect(try error(file).description.contains("value of 'flag' is \(byte)"))
    }

    @Test(arguments: [13, 0xFFFF_FFFF] as [UInt32]) func refusesUnknownTypes(id: UInt32) throws {
        var file = GGUFBuilder()
        file["odd"] = .raw(id, [0, 0, 0, 0])
        #expect(try error(file).description.contains("type of 'odd' is \(id)"))
        file["odd"] = .array(id, [])
        #expect(try error(file).description.contains("'odd' is \(id)"))
    }

    @Test func refusesArraysOfArrays() throws {
        var file = GGUFBuilder()
        file["deep"] = .array(9, [.array(0, [.uint8(1)])])
        #expect(try error(file).description.contains("'deep' is an array of arrays"))
    }
}
