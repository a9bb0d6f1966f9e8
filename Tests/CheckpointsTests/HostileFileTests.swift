import Checkpoints
import Tensors
import Testing

@Suite struct HostileFileTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// Opens a file and reads everything in it; gives how many bytes of lists of strings and of tensors were read.
    private func readAll(_ path: String) throws(CheckpointError) -> Int {
        let metadata = try GGUFFile.open(path: path).metadata
        var total = 0
        for key in metadata.keys {
            guard case .array(let array)? = metadata[key] else { continue }
            let read = [
                array.strings?.count, array.integers?.count, array.floats?.count, array.bools?.count,
            ]
            if !read.allSatisfy({ $0 == nil || $0 == array.count }) {
                Issue.record("\(key) has \(array.count): \(read)")
            }
            total += array.strings?.reduce(0) { $0 + $1.count } ?? 0
        }
        var tensors = try Checkpoint.open(path: path).tensors
        for name in tensors.names {
            guard let shape = tensors.shape(of: name) else { continue }
            let weight: StoredMatrix
            if shape.count == 2 {
                weight = try tensors.matrix(name, rows: shape[0], columns: shape[1])
            } else {
                weight = try tensors.vector(name, count: shape.last ?? 1)
            }
            total += weight.bytes.reduce(0) { $0 + ($1 == 0xEE ? 0 : 1) }
        }
        return total
    }

    @Test func everyPrefixOfAFileIsAnErrorThatNamesTheFile() throws {
        let bytes = GGUFBuilder.tiny().bytes
        let whole = try directory.write(bytes)
        #expect(try readAll(whole) == 6 + 136 + 128)
        for length in 0..<bytes.count {
            let path = try directory.write(Array(bytes[..<length]), to: "cut.gguf")
            let error = #expect(throws: CheckpointError.self, "cut to \(length) bytes") { try readAll(path) }
            #expect(error?.description.hasPrefix("\(path): ") == true)
            switch error {
            case .truncated(_, _, let needs, let has) where needs > has: break
            case .unreadable where length == 0: break
            default: Issue.record("cut to \(length) bytes: \(String(describing: error))")
            }
        }
    }

    @Test func everyFlippedBitGivesAnErrorOrAFileThatCanBeRead() throws {
        let bytes = GGUFBuilder.tiny().bytes
        var errors = 0
        for index in bytes.indices {
            for bit in 0..<8 {
                var flipped = bytes
                flipped[index] ^= 1 << bit
                let path = try directory.write(flipped, to: "flipped.gguf")
                do { _ = try readAll(path) } catch { errors += 1 }
            }
        }
        // Flips in numbers and names go unnoticed, those in counts, lengths and types don't.
        #expect(errors > bytes.count)
    }

    @Test(arguments: [3, 1 << 20, 1 << 20 + 1, 1 << 61, .max] as [UInt64])
    func countsThatLieAreErrors(count: UInt64) throws {
        var file = GGUFBuilder.tiny()
        file.tensors = []
        file.statedTensorCount = count
        try expectError(file)
        file = GGUFBuilder()
        file.statedMetadataCount = count
        try expectError(file)
        file.statedMetadataCount = nil
        for type in [0, 5, 8, 10] as [UInt32] {
            file["list"] = .array(type, [], count: count)
            try expectError(file)
        }
    }

    private func expectError(_ file: GGUFBuilder) throws {
        let path = try directory.write(file.bytes)
        #expect(throws: CheckpointError.self) { try GGUFFile.open(path: path) }
    }

    @Test(arguments: [1, 1 << 40, .max] as [UInt64]) func lengthsThatLieAreErrors(length: UInt64) throws {
        let lie = withUnsafeBytes(of: length.littleEndian) { Array($0) }
        var file = GGUFBuilder()
        file["text"] = .raw(8, lie)
        let error = try #require(throws: CheckpointError.self) {
            try GGUFFile.open(path: try directory.write(file.bytes))
        }
        #expect(error.description.contains("value of 'text'"))
        file["text"] = .array(8, [.string("a"), .raw(8, lie)])
        try expectError(file)
    }
}
