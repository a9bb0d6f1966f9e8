import Checkpoints
import Tensors
import Testing

@Suite struct SafetensorsTests {
    private func error(_ change: (inout SafetensorsBuilder) -> Void) throws -> String {
        var tiny = try TinyDirectory()
        change(&tiny.weights)
        try tiny.write()
        let path = tiny.directory.path
        return try #require(throws: CheckpointError.self) { try Checkpoint.open(path: path) }.description
    }

    @Test func aHeaderThatLiesAboutItsLengthIsAnError() throws {
        let file = "model.safetensors: "
        let long = try error { $0.statedHeaderLength = 100_000_001 }
        #expect(long.contains(file + "length of the header is 100000001, the limit is 100000000"))
        #expect(try error { $0.statedHeaderLength = .max }.contains("the limit is 100000000"))
        #expect(try error { $0.statedHeaderLength = 99_999_999 }.contains("length of the header needs 99999999 bytes"))
        #expect(try error { $0.statedHeaderLength = 0 }.contains("not JSON: unexpected end"))
        #expect(try error { $0.statedHeaderLength = 40 }.contains("header is 40 bytes: not JSON"))
    }

    @Test func aHeaderThatIsNoObjectOfTensorsIsAnError() throws {
        #expect(try error { $0.header = Array("[]".utf8) }.contains("header is of type array"))
        #expect(try error { $0.header = Array("{\"a\": 1}".utf8) }.contains("dtype of tensor 'a' is missing"))
        let text = "{\"a\": {\"dtype\": \"F32\", \"shape\": \(String(repeating: "[", count: 1000))"
        #expect(try error { $0.header = Array(text.utf8) }.contains("nested more than 4 levels"))
    }

    @Test func aNameThatIsThereTwiceIsAnError() throws {
        let entry = "{\"dtype\": \"F32\", \"shape\": [0], \"data_offsets\": [0, 0]}"
        let message = try error { $0.header = Array("{\"a\": \(entry), \"a\": \(entry)}".utf8) }
        #expect(message.contains("member 'a' is there twice"))
    }

    @Test func aNameHasALimit() throws {
        let name = String(repeating: "x", count: 257)
        #expect(try error { $0.add(name, [1]) }.contains("is 257, the limit is 256"))
    }

    @Test(
        arguments: [
            ([188, 192], "overlaps"), ([196, 200], "there is a gap"), ([0, 1 << 40], "truncated or corrupt"),
            ([4, 0], "two integers in order"), ([-4, 0], "two integers in order"), ([0], "two integers in order"),
        ] as [([Int], String)]
    )
    func dataThatIsNotWhereTheHeaderSaysIsAnError(offsets: [Int], reason: String) throws {
        let message = try error {
            $0.tensors = Array($0.tensors[..<1])
            $0.add("b", [1])
            $0.tensors[1].offsets = offsets
            $0.rest = [0, 0, 0, 0]
        }
        #expect(message.contains("tensor 'b'") && message.contains(reason), "\(message)")
    }

    @Test func bytesThatBelongToNoTensorAreAnError() throws {
        #expect(try error { $0.rest = [1, 2, 3] }.contains("the header accounts for"))
    }

    @Test(arguments: [[2, 4], [-1, -8], [Int.max, Int.max], Array(repeating: 1, count: 9)])
    func aShapeThatDoesNotMatchTheDataIsAnError(shape: [Int]) throws {
        let message = try error {
            $0.add("b", [1])
            $0.tensors[$0.tensors.count - 1].shape = shape
        }
        #expect(message.contains("of tensor 'b'"), "\(message)")
    }

    @Test func aForeignTypeIsAnErrorOnlyWhenItsTensorIsTaken() throws {
        var tiny = try TinyDirectory()
        tiny.weights.tensors[0].type = "I32"
        var tensors = try tiny.open().tensors
        #expect(throws: CheckpointError.self) { try tensors.matrix("token_embd.weight", rows: 6, columns: 8) }
        #expect(tensors.typeName(of: "token_embd.weight") == "I32")
        #expect(try tensors.vector("output_norm.weight", count: 8).columns == 8)
    }

    @Test func halvesAreReadAsTheyAre() throws {
        for (type, bits) in [("F16", 0x3C00), ("BF16", 0x3F80)] {
            var tiny = try TinyDirectory()
            tiny.weights.tensors[1].type = type
            tiny.weights.tensors[1].data = (0..<8).flatMap { _ in [UInt8(bits & 255), UInt8(bits >> 8)] }
            var tensors = try tiny.open().tensors
            #expect(try tensors.vector("output_norm.weight", count: 8).numbers == [Array(repeating: 1, count: 8)])
        }
    }
}
