import Foundation
import Models
import Testing

/// Every family against `transformers` in single precision, on checkpoints of random numbers of a few dozen kilobytes.
///
/// `Tests/ReferenceTests` makes them, and compares larger ones.
@Suite struct ReferenceFixtureTests {
    static let folder = TinyModel.folder.deletingLastPathComponent().appending(path: "reference")
    static let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path))?.sorted() ?? []

    @Test func everyFamilyHasACheckpoint() {
        #expect(Self.names.count >= 40)
    }

    @Test(arguments: names)
    func logitsAreThoseOfTransformers(name: String) throws {
        let directory = Self.folder.appending(path: name)
        let tokens = try numbers(Int32.self, directory.appending(path: "tokens.i32"))
        let expected = try numbers(Float.self, directory.appending(path: "logits.f32"))
        let tiny = try TinyModel(path: directory.path, cacheType: .float32)
        let rows = tiny.feed(tokens[...], position: 0, blocks: [0, 1])
        let logits = rows.joined().map(Float.init(bitPattern:))
        try #require(logits.count == expected.count && !expected.isEmpty)
        let worst = zip(logits, expected).map { abs($0 - $1) }.reduce(0) { $1.isNaN ? .infinity : max($0, $1) }
        let range = try #require(expected.max()) - (try #require(expected.min()))
        #expect(worst <= 1e-4 * range)
    }

    @Test(arguments: names)
    func chunksChangeNoBit(name: String) throws {
        let directory = Self.folder.appending(path: name)
        let tokens = try numbers(Int32.self, directory.appending(path: "tokens.i32"))
        let tiny = try TinyModel(path: directory.path, cacheType: .float32)
        let whole = tiny.feed(tokens[...], position: 0, blocks: [0, 1])
        let start = tiny.feed(tokens[..<13], position: 0, blocks: [3, 2])
        let rest = tiny.feed(tokens[13...], position: 13, blocks: [3, 2])
        #expect(start + rest == whole)
    }

    private func numbers<Number>(_ type: Number.Type, _ file: URL) throws -> [Number] {
        try Data(contentsOf: file).withUnsafeBytes { bytes in
            (0..<bytes.count / MemoryLayout<Number>.stride).map {
                bytes.loadUnaligned(fromByteOffset: $0 * MemoryLayout<Number>.stride, as: Number.self)
            }
        }
    }
}
