import Foundation
import Hub
import Synchronization

/// A cache in a folder of its own, and what was heard while it was filled; nobody waits.
final class Trial: Sendable {
    private struct Heard {
        var notes: [String] = []
        var progress: [DownloadProgress] = []
        var waits: [Int] = []
    }

    /// The folder of the cache, which isn't there yet.
    let cache: String
    private let root: URL
    private let heard = Mutex(Heard())

    var notes: [String] { heard.withLock { $0.notes } }
    var progress: [DownloadProgress] { heard.withLock { $0.progress } }
    /// Seconds that would have been waited.
    var waits: [Int] { heard.withLock { $0.waits } }

    init() throws {
        root = FileManager.default.temporaryDirectory.appending(path: "hub-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: root, withIntermediateDirectories: false)
        cache = root.path + "/hub"
    }

    deinit { try? FileManager.default.removeItem(at: root) }

    /// A hub at an address, with this cache.
    func hub(_ address: String, _ variables: [String: String] = [:]) throws -> ModelHub {
        let own = ["HF_ENDPOINT": address, "HF_HOME": root.path, "HOME": root.path]
        let settings = try HubSettings(environment: own.merging(variables) { $1 })
        let listener = ModelHub.Listener(
            note: { note in self.heard.withLock { $0.notes.append(note) } },
            progress: { progress in self.heard.withLock { $0.progress.append(progress) } }
        )
        let pace = RetryPace(
            sleep: { seconds in self.heard.withLock { $0.waits.append(seconds) } },
            note: listener.note
        )
        return ModelHub(settings: settings, userAgent: "test/1", listener: listener, pace: pace)
    }

    /// The model's path, from the fake repository's name.
    @discardableResult
    func fetch(_ host: FakeHost, _ name: String = "org/name", _ variables: [String: String] = [:]) async throws
        -> String
    {
        try await hub(host.url, variables).model(try HubModelName(name))
    }

    /// The files and links below the cache, locks and temporary names left out.
    var contents: [String] {
        let paths = FileManager.default.enumerator(atPath: cache)?.compactMap { $0 as? String } ?? []
        return paths.filter { path in
            var isFolder: ObjCBool = false
            _ = FileManager.default.fileExists(atPath: "\(cache)/\(path)", isDirectory: &isFolder)
            return !isFolder.boolValue && !path.hasPrefix(".locks/")
        }.sorted()
    }

    func bytes(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: path))) }

    func write(_ bytes: [UInt8], _ path: String) throws {
        let url = URL(filePath: "\(cache)/\(path)")
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: url)
    }
}

/// The error that something throws, as people read it.
func message(_ work: () async throws -> some Any) async -> String {
    do {
        return "no error, but \(try await work())"
    } catch {
        return "\(error)"
    }
}

/// How many bytes a file has; `nil` when it isn't there.
func size(of path: String) -> Int? {
    (try? FileManager.default.attributesOfItem(atPath: path)[.size]) as? Int
}
