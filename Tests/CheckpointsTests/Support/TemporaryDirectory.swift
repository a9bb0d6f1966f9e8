import Foundation
import Testing

/// A directory that goes away with the object.
final class TemporaryDirectory {
    /// Where it is.
    let path: String

    /// A new, empty directory.
    init() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("checkpoints-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        path = url.path
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Writes a file and gives its path.
    @discardableResult
    func write(_ bytes: [UInt8], to name: String = "model.gguf") throws -> String {
        let file = "\(path)/\(name)"
        let handle = try #require(fopen(file, "w"))
        defer { fclose(handle) }
        guard fwrite(bytes, 1, bytes.count, handle) == bytes.count else { throw CocoaError(.fileWriteUnknown) }
        return file
    }
}
