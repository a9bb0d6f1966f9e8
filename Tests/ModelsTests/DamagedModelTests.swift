import Checkpoints
import Foundation
import Models
import Tensors
import Testing

/// Model files with random damage are refused, or give a model that computes: whatever is in a file, nothing else happens.
///
/// `TRTLLM_SERVE_DAMAGED_FILES` says how many files are tried, and `TRTLLM_SERVE_SEED` which.
@Suite struct DamagedModelTests {
    private static let count = number("TRTLLM_SERVE_DAMAGED_FILES", fallback: 400)
    private static let seed = number("TRTLLM_SERVE_SEED", fallback: 1)

    private static func number(_ name: String, fallback: Int) -> Int {
        ProcessInfo.processInfo.environment[name].flatMap { Int($0) } ?? fallback
    }

    @Test func damagedFilesAreRefusedByNameOrGiveAModelThatComputes() throws {
        let files = try (TinyModel.families + ["llama-q8_0"]).map { name in
            [UInt8](try Data(contentsOf: TinyModel.folder.appendingPathComponent("\(name).gguf")))
        }
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("damaged-\(UUID()).gguf")
        defer { try? FileManager.default.removeItem(at: path) }
        let pool = try ThreadPool(threadCount: 1)
        var refused = 0
        var computed = 0
        for number in 0..<Self.count {
            var random = Damage(state: UInt64(truncatingIfNeeded: Self.seed &* 1_000_003 &+ number))
            let bytes = random.damaged(files[number % files.count])
            try Data(bytes).write(to: path)
            do {
                try compute(path.path, pool: pool)
                computed += 1
            } catch let error as CheckpointError {
                #expect(error.description.hasPrefix(path.path), "file \(number): \(error)")
                refused += 1
            } catch let error as ModelError {
                #expect(!error.description.isEmpty, "file \(number)")
                refused += 1
            }
        }
        // Damage to counts, lengths and types is seen; damage to weights and names of unused keys isn't.
        #expect(refused > Self.count / 4 && computed > Self.count / 20, "\(refused) refused, \(computed) computed")
    }

    /// Reads everything that serving reads, and computes the logits of a few tokens.
    private func compute(_ path: String, pool: ThreadPool) throws {
        let model = try DecoderModel.load(checkpoint: try Checkpoint.open(path: path), pool: pool)
        try model.allocateRows(2, tokensPerBlock: 32)
        try model.reserve(tokens: 8, logitRows: 1)
        let tokens = (0..<8).map { Int32($0 % model.limits.vocabularySize) }
        let slice = ModelBatch.Slice(rows: 0..<8, position: 0, blocks: model.rows([1, 0]), logitRows: [7])
        model.forward(ModelBatch(tokens: tokens, slices: [slice]))
        #expect(model.logits(0..<1).count == model.limits.vocabularySize)
    }
}

/// Random damage that comes back with its seed (SplitMix64).
private struct Damage: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    /// Up to four places changed, most of them in the first bytes, which is where counts, types and shapes are.
    mutating func damaged(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0...Int.random(in: 0..<4, using: &self) {
            let end = Bool.random(using: &self) ? min(bytes.count, 6000) : bytes.count
            damage(&bytes, at: Int.random(in: 0..<end, using: &self))
            if bytes.count < 16 { break }
        }
        return bytes
    }

    private mutating func damage(_ bytes: inout [UInt8], at place: Int) {
        let numbers: [UInt64] = [0, 1, 0x7FFF_FFFF, 0xFFFF_FFFF, 1 << 40, 1 << 63, .max, 0x7FF0_0000_7F80_0000]
        switch Int.random(in: 0..<8, using: &self) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &self)
        case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &self)
        case 2, 3:
            let width = Bool.random(using: &self) ? 4 : 8
            let number = numbers.randomElement(using: &self) ?? 0
            for index in 0..<width where place + index < bytes.count {
                bytes[place + index] = UInt8(truncatingIfNeeded: number >> (8 * UInt64(index)))
            }
        case 4: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...16, using: &self)))
        case 5: bytes.insert(contentsOf: repeatElement(0xFF, count: Int.random(in: 1...16, using: &self)), at: place)
        case 6:
            let from = Int.random(in: 0..<min(bytes.count, 6000), using: &self)
            let moved = Array(bytes[from..<min(bytes.count, from + 32)])
            for (index, byte) in moved.enumerated() where place + index < bytes.count { bytes[place + index] = byte }
        default: if Int.random(in: 0..<4, using: &self) == 0 { bytes.removeSubrange(place...) }
        }
    }
}
