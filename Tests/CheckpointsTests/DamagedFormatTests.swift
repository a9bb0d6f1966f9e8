import Checkpoints
import Foundation
import Tensors
import Testing

/// Damaged checkpoints are refused with their path, or give tensors and texts that can be read: nothing else happens.
///
/// `TRTLLM_SERVE_DAMAGED_FILES` says how many of each format are tried, and `TRTLLM_SERVE_SEED` which.
@Suite struct DamagedFormatTests {
    private static let count = number("TRTLLM_SERVE_DAMAGED_FILES", fallback: 2000)
    private static let seed = UInt64(truncatingIfNeeded: number("TRTLLM_SERVE_SEED", fallback: 1))

    private static func number(_ name: String, fallback: Int) -> Int {
        ProcessInfo.processInfo.environment[name].flatMap { Int($0) } ?? fallback
    }

    /// Most numbers of a matrix that are computed: a scale's damage can't make a small file's matrix larger.
    private static let mostNumbers = 1 << 16

    @Test(arguments: DamagedFormat.allCases)
    func damagedCheckpointsAreRefusedByNameOrCanBeRead(format: DamagedFormat) throws {
        let directories = try format.directories()
        for directory in directories { try Self.readAll(path(directory, format), format) }
        var refused = 0
        let intact = try directories.map { directory in
            try format.files.map { try [UInt8](Data(contentsOf: URL(fileURLWithPath: "\(directory.path)/\($0)"))) }
        }
        for number in 0..<Self.count {
            let directory = directories[number % directories.count]
            var random = SplitMix(state: Self.seed &* 1_000_003 &+ UInt64(number))
            let file = Int(random.next() % UInt64(format.files.count))
            let (name, intact) = (format.files[file], intact[number % directories.count][file])
            try directory.write(random.damaged(intact), to: name)
            do {
                try Self.readAll(path(directory, format), format)
            } catch {
                #expect(error.description.hasPrefix(directory.path), "\(number): \(error)")
                #expect(error.description.utf8.count < 2000, "\(number)")
                refused += 1
            }
            if format.files.count > 1 { try directory.write(intact, to: name) }
        }
        #expect(refused > Self.count / 8 && refused < Self.count, "\(refused) refused")
    }

    private func path(_ directory: TemporaryDirectory, _ format: DamagedFormat) -> String {
        format == .gguf ? "\(directory.path)/model.gguf" : directory.path
    }

    /// Opens the side of a checkpoint that a format is of, and reads all of it.
    private static func readAll(_ path: String, _ format: DamagedFormat) throws(CheckpointError) {
        if format.isRead(with: .text) { _ = try CheckpointText.open(path: path) }
        guard format.isRead(with: .weights) else { return }
        var tensors = try Checkpoint.open(path: path).tensors
        for name in tensors.names {
            guard let shape = tensors.shape(of: name) else { continue }
            do throws(CheckpointError) {
                try read(name, shape, in: &tensors)
            } catch let error where error.isAboutOneTensor {
                // The others are read all the same.
            }
        }
    }

    private static func read(_ name: String, _ shape: [Int], in tensors: inout TensorCatalog) throws(CheckpointError) {
        var read: [StoredMatrix] = []
        if shape.count == 3 {
            for index in 0..<min(shape[0], 4) {
                read.append(try tensors.matrix(name, index: index, of: shape[0], rows: shape[1], columns: shape[2]))
            }
        } else if shape.count == 2 {
            read.append(try tensors.matrix(name, rows: shape[0], columns: shape[1]))
        } else {
            read.append(try tensors.vector(name, count: shape.last ?? 1))
        }
        for matrix in read where matrix.rows.multipliedReportingOverflow(by: matrix.columns).partialValue <= mostNumbers
        {
            do {
                #expect(try matrix.numbers.count == matrix.rows)
            } catch {
                Issue.record("\(name): \(error)")
            }
        }
    }
}

extension CheckpointError {
    /// Whether the rest of a checkpoint can be used.
    fileprivate var isAboutOneTensor: Bool {
        switch self {
        case .unsupportedTensorType, .malformed: true
        default: false
        }
    }
}
