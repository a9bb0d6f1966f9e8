import Checkpoints
import Tensors
import Testing

@Suite struct GGUFTensorTableTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func open(_ file: GGUFBuilder) throws -> GGUFFile {
        try GGUFFile.open(path: try directory.write(file.bytes))
    }

    private func error(_ file: GGUFBuilder) throws -> String {
        try #require(throws: CheckpointError.self) { try open(file) }.description
    }

    private func twoVectors() -> GGUFBuilder {
        var file = GGUFBuilder()
        file.add("first", [8])
        file.add("second", [8])
        return file
    }

    @Test func placesDataAtTheAlignment() throws {
        for alignment in [8, 32, 64, 4096] {
            var file = GGUFBuilder()
            file.alignment = alignment
            file["general.alignment"] = .uint32(UInt32(alignment))
            file.add("one", [1], data: [1, 2, 3, 4])
            file.add("two", [1], data: [5, 6, 7, 8])
            let opened = try open(file)
            #expect(opened.tensors.allSatisfy { $0.offset % alignment == 0 })
            let data = opened.tensors.map { opened.file.slice($0.offset..<$0.offset + 4).map(Array.init) }
            #expect(data == [[1, 2, 3, 4], [5, 6, 7, 8]])
        }
    }

    @Test func turnsDimensionsAround() throws {
        var file = GGUFBuilder()
        file.tensors = [.init(name: "w", dimensions: [64, 3], typeID: 2, data: Array(repeating: 0, count: 108))]
        let tensor = try #require(try open(file).tensors.first)
        #expect(tensor.shape == [3, 64])
        #expect(tensor.dataType == .q4_0)
        #expect(tensor.byteCount == 108)
    }

    @Test(arguments: [0, 1, 4, 24, 48, 0x8000_0000] as [UInt32]) func refusesAlignments(alignment: UInt32) throws {
        var file = twoVectors()
        file["general.alignment"] = .uint32(alignment)
        #expect(try error(file).contains("'general.alignment' is \(alignment)"))
    }

    @Test func refusesAnAlignmentThatIsNoInteger() throws {
        var file = twoVectors()
        file["general.alignment"] = .string("32")
        #expect(try error(file).contains("'general.alignment' holds a string"))
    }

    @Test func refusesADuplicateName() throws {
        var file = twoVectors()
        file.tensors[1].name = "first"
        #expect(try error(file).contains("'first': it is there twice"))
    }

    @Test func refusesLongNames() throws {
        var file = twoVectors()
        file.tensors[1].name = String(repeating: "n", count: 65)
        #expect(try error(file).contains("name of tensor 1 is 65, the limit is 64"))
        file.tensors[1].name = String(repeating: "n", count: 64)
        #expect(try open(file).tensors.count == 2)
    }

    @Test func refusesMoreThanFourDimensions() throws {
        var file = twoVectors()
        file.tensors[1].dimensions = [8, 1, 1, 1, 1]
        #expect(try error(file).contains("dimension count of tensor 'second' is 5, the limit is 4"))
    }

    @Test(arguments: [0, 0x8000_0000_0000_0000, .max] as [UInt64]) func refusesDimensions(length: UInt64) throws {
        var file = twoVectors()
        file.tensors[1].dimensions = [length]
        #expect(try error(file).contains("dimension 0 of tensor 'second' is \(length)"))
    }

    @Test func refusesProductsThatOverflow() throws {
        var file = twoVectors()
        file.tensors[1].dimensions = [1 << 32, 1 << 31]
        #expect(try error(file).contains("'second'"))
        // The elements fit in 63 bits, their bytes don't.
        file.tensors[1].dimensions = [1 << 32, 1 << 30]
        #expect(try error(file).contains("element count of tensor 'second'"))
    }

    @Test func refusesRowsThatAreNotWholeBlocks() throws {
        var file = twoVectors()
        file.tensors[1] = .init(name: "second", dimensions: [16, 2], typeID: 2, data: Array(repeating: 0, count: 18))
        #expect(try error(file).contains("row length of tensor 'second' is 16: Q4_0 needs a multiple of 32"))
    }

    @Test func refusesDataBeyondTheEnd() throws {
        var file = twoVectors()
        file.tensors[1].dimensions = [9]
        #expect(try error(file).contains("data up to the end of tensor 'second' needs 68 bytes, the file has 64 left"))
        file = twoVectors()
        file.tensors[1].offset = 64
        #expect(try error(file).contains("data up to the end of tensor 'second' needs 96 bytes, the file has 64 left"))
    }

    @Test(
        arguments: [
            (64, 96), (1 << 62, 1 << 62 + 32), (1 << 63, .max), (0xFFFF_FFFF_FFFF_FFE0, .max),
        ] as [(UInt64, Int)]
    )
    func refusesOffsets(offset: UInt64, needs: Int) throws {
        var file = twoVectors()
        file.tensors[1].offset = offset
        #expect(try error(file).contains("end of tensor 'second' needs \(needs) bytes, the file has 64 left"))
    }

    @Test func refusesAnOffsetThatIsNotAligned() throws {
        var file = twoVectors()
        file.tensors[1].offset = 33
        #expect(try error(file).contains("offset of tensor 'second' is 33: not a multiple of general.alignment, 32"))
    }

    @Test func refusesOverlaps() throws {
        var file = twoVectors()
        file.tensors[1].offset = 0
        #expect(try error(file).contains("overlaps that of tensor"))
        // The data of an unknown type has an unknown size, but it still can't begin inside another tensor.
        file.tensors[0].dimensions = [16]
        file.tensors[1].offset = 32
        file.tensors[1].typeID = 16
        #expect(try error(file).contains("overlaps that of tensor 'first'"))
    }

    @Test func acceptsDataInAnyOrder() throws {
        var file = twoVectors()
        file.tensors[0].offset = 32
        file.tensors[1].offset = 0
        let tensors = try open(file).tensors
        #expect(tensors.map(\.name) == ["first", "second"])
        #expect(tensors[0].offset == tensors[1].offset + 32)
    }

    @Test(arguments: [(16, "IQ2_XXS"), (9, "Q8_1"), (34, "TQ1_0"), (999, "type 999")] as [(UInt32, String)])
    func keepsTensorsOfForeignTypesByName(id: UInt32, name: String) throws {
        var file = twoVectors()
        file.tensors[1].typeID = id
        let tensor = try open(file).tensors[1]
        #expect(tensor.typeName == name)
        #expect(tensor.dataType == nil)
        #expect(tensor.byteCount == nil)
    }
}
