import Checkpoints
import Tensors
import Testing

@Suite struct TensorCatalogTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func tensors(_ file: GGUFBuilder) throws -> TensorCatalog {
        try Checkpoint.open(path: try directory.write(file.bytes)).tensors
    }

    @Test func givesTheBytesInPlace() throws {
        var tensors = try tensors(.tiny())
        let matrix = try tensors.matrix("token_embd.weight", rows: 4, columns: 32)
        #expect(matrix.dataType == .q8_0)
        #expect(matrix.rows == 4)
        #expect(matrix.columns == 32)
        #expect(Array(matrix.bytes) == (0..<136).map { UInt8($0) })
        let vector = try tensors.vector("output_norm.weight", count: 32)
        #expect(vector.rows == 1)
        #expect(vector.columns == 32)
    }

    @Test func theBytesOutliveTheCatalog() throws {
        func weight() throws -> StoredMatrix {
            var tensors = try tensors(.tiny())
            return try tensors.matrix("token_embd.weight", rows: 4, columns: 32)
        }
        let matrix = try weight()
        #expect(matrix.bytes.last == 135)
    }

    @Test func leftTensorsAreAnErrorWithTheirNames() throws {
        var tensors = try tensors(.tiny())
        #expect(tensors.unused == ["token_embd.weight", "output_norm.weight"])
        _ = try tensors.vector("output_norm.weight", count: 32)
        #expect(throws: CheckpointError.unusedTensors(file: tensors.file, tensors: ["token_embd.weight"])) {
            try tensors.requireAllTaken()
        }
        tensors.ignore("token_embd.weight")
        tensors.ignore("never.there")
        try tensors.requireAllTaken()
    }

    @Test func aMissingTensorIsNamed() throws {
        var tensors = try tensors(.tiny())
        #expect(!tensors.contains("blk.0.attn_q.weight"))
        #expect(throws: CheckpointError.missingTensor(file: tensors.file, tensor: "blk.0.attn_q.weight")) {
            try tensors.matrix("blk.0.attn_q.weight", rows: 32, columns: 32)
        }
    }

    @Test func anotherShapeIsAnErrorAndTakesNothing() throws {
        var tensors = try tensors(.tiny())
        let wrong = CheckpointError.wrongShape(
            file: tensors.file,
            tensor: "token_embd.weight",
            expected: [32, 4],
            found: [4, 32]
        )
        #expect(throws: wrong) { try tensors.matrix("token_embd.weight", rows: 32, columns: 4) }
        #expect(throws: CheckpointError.self) { try tensors.vector("token_embd.weight", count: 128) }
        #expect(tensors.unused.count == 2)
    }

    @Test func outerDimensionsOfOneDoNotMatter() throws {
        var file = GGUFBuilder.tiny()
        file.add("a", [1, 1, 32])
        file.add("b", [32])
        var tensors = try tensors(file)
        #expect(try tensors.vector("a", count: 32).columns == 32)
        #expect(try tensors.matrix("b", rows: 1, columns: 32).rows == 1)
    }

    @Test func aForeignTypeIsAnErrorOnlyWhenItsTensorIsTaken() throws {
        var file = GGUFBuilder.tiny()
        file.tensors[1].typeID = 16
        var tensors = try tensors(file)
        _ = try tensors.matrix("token_embd.weight", rows: 4, columns: 32)
        let error = try #require(throws: CheckpointError.self) {
            try tensors.vector("output_norm.weight", count: 32)
        }
        #expect(error.description.contains("tensor 'output_norm.weight' is stored as IQ2_XXS"))
        #expect(error.description.contains("Q4_K"))
    }

    @Test func theBytesAreThoseOfTheFileWhetherOrNotTheyWereFetchedAhead() throws {
        var tensors = try tensors(.tiny())
        let matrix = try tensors.matrix("token_embd.weight", rows: 4, columns: 32)
        let before = try matrix.copiedToMemory()
        tensors.prefetch()
        let after = try matrix.copiedToMemory()
        for source in [matrix, before, after] {
            withExtendedLifetime(source) { #expect(Array(source.bytes) == (0..<136).map { UInt8($0) }) }
        }
        #expect(tensors.byteCount == 136 + 128)
    }
}
