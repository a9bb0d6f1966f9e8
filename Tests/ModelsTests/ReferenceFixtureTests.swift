import Foundation
import Models
import Testing

/// Every family against `transformers` in single precision, on checkpoints of random numbers of a few dozen kilobytes.
///
/// `Tests/ReferenceTests` makes them, and compares larger ones.
@Suite struct ReferenceFixtureTests {
    static let folder = TinyModel.folder.deletingLastPathComponent().appending(path: "reference")
    static let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path))?.sorted() ?? []
    static let decoders = names.filter { FileManager.default.fileExists(atPath: file($0, "logits.f32").path) }
    static let encoders = names.filter { !decoders.contains($0) }

    @Test func everyFamilyHasACheckpoint() {
        #expect(Self.decoders.count >= 40 && Self.encoders.count >= 2)
    }

    @Test(arguments: decoders)
    func logitsAreThoseOfTransformers(name: String) throws {
        let tokens = try numbers(Int32.self, name, "tokens.i32")
        let tiny = try TinyModel(path: Self.file(name).path, cacheType: .float32)
        let rows = tiny.feed(tokens[...], position: 0, blocks: [0, 1])
        let difference = try difference(rows.joined().map(Float.init(bitPattern:)), name, "logits.f32")
        #expect(difference <= 1e-4)
    }

    @Test(arguments: encoders)
    func hiddenStatesAreThoseOfTransformers(name: String) throws {
        let tokens = try numbers(Int32.self, name, "tokens.i32")
        let tiny = try TinyModel(path: Self.file(name).path, cacheType: .float32)
        let states = tiny.hiddenStates([tokens])
        let difference = try difference(Array(states.joined()), name, "hidden.f32")
        #expect(difference <= 1e-4)
    }

    @Test(arguments: decoders)
    func chunksChangeNoBit(name: String) throws {
        let tokens = try numbers(Int32.self, name, "tokens.i32")
        let tiny = try TinyModel(path: Self.file(name).path, cacheType: .float32)
        let whole = tiny.feed(tokens[...], position: 0, blocks: [0, 1])
        let start = tiny.feed(tokens[..<13], position: 0, blocks: [3, 2])
        let rest = tiny.feed(tokens[13...], position: 13, blocks: [3, 2])
        #expect(start + rest == whole)
    }

    /// The largest difference from what is expected, in shares of that's range.
    private func difference(_ found: [Float], _ name: String, _ file: String) throws -> Float {
        let expected = try numbers(Float.self, name, file)
        try #require(found.count == expected.count && !expected.isEmpty)
        let worst = zip(found, expected).map { abs($0 - $1) }.reduce(0) { $1.isNaN ? .infinity : max($0, $1) }
        return worst / ((try #require(expected.max())) - (try #require(expected.min())))
    }

    private static func file(_ parts: String...) -> URL {
        parts.reduce(folder) { $0.appending(path: $1) }
    }

    private func numbers<Number>(_ type: Number.Type, _ name: String, _ file: String) throws -> [Number] {
        try Data(contentsOf: Self.file(name, file)).withUnsafeBytes { bytes in
            (0..<bytes.count / MemoryLayout<Number>.stride).map {
                bytes.loadUnaligned(fromByteOffset: $0 * MemoryLayout<Number>.stride, as: Number.self)
            }
        }
    }
}
