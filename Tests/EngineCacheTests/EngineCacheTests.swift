import Checkpoints
import EngineCache
import Foundation
import Models
import Tensors
import Testing

/// The cache of engines: what is found, what is kept, what goes.
@Suite struct EngineCacheTests {
    private static let recipe = EngineRecipe(writer: "test 1", quantization: "NO_QUANT")
    private static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Fixtures/tiny-models")
    /// Long after any file was changed.
    private static let later = Int(Date.now.timeIntervalSince1970) + 3600

    private let folder: Folders

    init() throws { folder = try Folders() }

    private func cache(limit: Int? = 1 << 40, free: Int = 1 << 40, total: Int = 1 << 40) -> EngineCache {
        EngineCache(CacheSettings(directory: folder.cache, limit: limit)) { _ in DiskSpace(free: free, total: total) }
    }

    /// A copy of a tiny model.
    private func model(_ name: String = "qwen2", as copy: String = "model") throws -> String {
        let path = "\(folder.path)/\(copy).gguf"
        try? FileManager.default.removeItem(atPath: path)
        try FileManager.default.copyItem(atPath: Self.fixtures.appending(path: "\(name).gguf").path, toPath: path)
        return path
    }

    private func identity(_ path: String) throws -> CheckpointIdentity {
        try #require(CheckpointIdentity(path: path, now: Self.later))
    }

    private func writer(_ path: String) throws -> EngineWriter {
        let checkpoint = try Checkpoint.open(path: path)
        let model = try DecoderModel.load(checkpoint: checkpoint, pool: ThreadPool(threadCount: 1))
        return try model.engineWriter(checkpoint, facts: EngineFacts(writer: Self.recipe.writer))
    }

    private func store(
        _ path: String,
        in cache: EngineCache,
        recipe: EngineRecipe = Self.recipe,
        goesOn: () -> Bool = { true },
    ) throws -> EngineCache.Outcome {
        cache.store(try writer(path), of: path, try identity(path), recipe, goesOn: goesOn)
    }

    /// The directory of a stored engine.
    private func written(_ outcome: EngineCache.Outcome) throws -> String {
        guard case .written(let directory, _) = outcome else {
            Issue.record("\(outcome)")
            throw CocoaError(.fileNoSuchFile)
        }
        return directory
    }

    @Test func whatWasKeptIsFound() throws {
        let (path, cache) = (try model(), cache())
        #expect(cache.find(try identity(path), Self.recipe) == nil)
        let directory = try written(try store(path, in: cache))
        #expect(cache.find(try identity(path), Self.recipe) == directory)
        #expect(try Checkpoint.open(path: directory).engineFacts?.writer == "test 1")
        let entries = cache.list()
        #expect(entries.map(\.directory) == [directory])
        #expect(try entries[0].byteCount > writer(path).byteCount)
        #expect(entries[0].summary?.facts.writer == "test 1")
    }

    @Test func anotherRecipeIsAnotherEngine() throws {
        let (path, cache) = (try model(), cache())
        let directory = try written(try store(path, in: cache))
        let others = [
            EngineRecipe(writer: "test 2", quantization: "NO_QUANT"),
            EngineRecipe(writer: "test 1", quantization: "W8A16"),
        ]
        for other in others {
            #expect(cache.find(try identity(path), other) == nil)
            #expect(try written(try store(path, in: cache, recipe: other)) != directory)
        }
        #expect(cache.list().count == 3)
    }

    @Test func aCopyOfTheFileHasTheSameEngine() throws {
        let (path, cache) = (try model(), cache())
        let directory = try written(try store(path, in: cache))
        let folder = "\(folder.path)/elsewhere"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: path, toPath: folder + "/model.gguf")
        let copy = folder + "/model.gguf"
        #expect(cache.find(try identity(copy), Self.recipe) == nil)
        #expect(try store(copy, in: cache) == .known(directory: directory))
        #expect(cache.find(try identity(copy), Self.recipe) == directory)
    }

    @Test func aFileThatHasChangedHasAnotherEngine() throws {
        let (path, cache) = (try model(), cache())
        let directory = try written(try store(path, in: cache))
        // The same size, the same time of modification, other bytes.
        var times = stat()
        stat(path, &times)
        let handle = try #require(FileHandle(forWritingAtPath: path))
        let end = try handle.seekToEnd()
        try handle.seek(toOffset: end - 100)
        try handle.write(contentsOf: Data([0]))
        try handle.close()
        var old = [times.st_atim, times.st_mtim]
        utimensat(AT_FDCWD, path, &old, 0)
        #expect(cache.find(try identity(path), Self.recipe) == nil)
        #expect(try written(try store(path, in: cache)) != directory)
    }

    @Test func aFileThatWasChangedJustNowIsNeitherKeptNorFound() throws {
        let (path, cache) = (try model(), cache())
        var status = stat()
        stat(path, &status)
        let fresh = try #require(CheckpointIdentity(path: path, now: status.st_ctim.tv_sec))
        #expect(!fresh.isSettled)
        let outcome = cache.store(try writer(path), of: path, fresh, Self.recipe)
        #expect(outcome == .skipped("its files were changed just now"))
        _ = try written(try store(path, in: cache))
        #expect(cache.find(fresh, Self.recipe) == nil)
    }

    @Test func aFileThatChangesWhileItsEngineIsMadeIsNotKept() throws {
        let (path, cache) = (try model(), cache())
        let before = try identity(path)
        let writer = try writer(path)
        _ = try model("llama")
        #expect(cache.store(writer, of: path, before, Self.recipe) == .skipped("its files have changed meanwhile"))
        #expect(cache.list().isEmpty)
    }

    @Test func theEnginesUsedLongestAgoGoFirst() throws {
        let names = ["qwen2", "llama", "qwen3"]
        var directories: [String] = []
        for (index, name) in names.enumerated() {
            let directory = try written(try store(try model(name, as: name), in: cache()))
            var times = [timespec(tv_sec: 1000 + index, tv_nsec: 0), timespec(tv_sec: 1000 + index, tv_nsec: 0)]
            utimensat(AT_FDCWD, directory, &times, 0)
            directories.append(directory)
        }
        #expect(cache().list().map(\.directory) == directories.reversed())
        cache().markUsed(directories[0])
        let total = cache().list().reduce(0) { $0 + $1.byteCount }
        let outcome = try store(try model("gemma3", as: "gemma3"), in: cache(limit: total))
        guard case .written(let directory, let evicted) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        let left = Set(cache().list().map(\.directory))
        #expect(evicted >= 1 && left.contains(directory) && !left.contains(directories[1]))
        // The one that was used just now goes last.
        #expect(left.contains(directories[0]) || left == [directory])
        #expect(cache().list().reduce(0) { $0 + $1.byteCount } <= total)
    }

    @Test func whatIsLargerThanTheLimitIsNotKeptAndNothingGoesForIt() throws {
        let cache = cache()
        let directory = try written(try store(try model(), in: cache))
        let small = self.cache(limit: 1000)
        guard case .skipped(let reason) = try store(try model("llama", as: "llama"), in: small) else {
            Issue.record("it was kept")
            return
        }
        #expect(reason.contains("the cache may take 1000"))
        #expect(cache.list().map(\.directory) == [directory])
    }

    @Test func aTenthOfTheDiskStaysFree() throws {
        let path = try model()
        let bytes = try writer(path).byteCount
        let total = 100 * bytes
        let full = cache(free: 10 * bytes + bytes - 1, total: total)
        #expect(try store(path, in: full) == .skipped("less than 10 % of the disk would stay free"))
        #expect(full.list().isEmpty)
        _ = try written(try store(path, in: cache(free: 11 * bytes, total: total)))
        // With nothing but one engine to remove, which makes room.
        let tight = cache(free: 10 * bytes, total: total)
        let other = try store(path, in: tight, recipe: EngineRecipe(writer: "test 2", quantization: "NO_QUANT"))
        guard case .written(_, let evicted) = other else {
            Issue.record("\(other)")
            return
        }
        #expect(evicted == 1 && tight.list().count == 1)
    }

    @Test func oneWritesAndTheOthersGoWithout() throws {
        let (path, cache) = (try model(), cache())
        let directory = try written(try store(path, in: cache))
        cache.discard(directory)
        let key = try #require(directory.split(separator: "/").last)
        let lock = FileLock(path: "\(folder.cache)/locks/\(key)", waits: false)
        #expect(lock != nil)
        #expect(try store(path, in: cache) == .skipped("another process is writing it"))
        lock?.release()
        #expect(try written(try store(path, in: cache)) == directory)
    }

    @Test func nothingIsLeftOfAWriterThatIsStoppedOrHasDied() throws {
        let (path, cache) = (try model(), cache())
        var calls = 0
        let outcome = try store(path, in: cache) {
            calls += 1
            return calls < 10
        }
        guard case .skipped = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(cache.list().isEmpty)
        let partial = folder.cache + "/" + String(repeating: "0", count: 64) + ".partial-1"
        try FileManager.default.createDirectory(atPath: partial, withIntermediateDirectories: true)
        _ = try written(try store(path, in: cache))
        #expect(!FileManager.default.fileExists(atPath: partial))
    }

    @Test func aDamagedEngineIsWrittenAnew() throws {
        let (path, cache) = (try model(), cache())
        let directory = try written(try store(path, in: cache))
        truncate(directory + "/rank0.engine", 100)
        #expect(cache.list().map(\.summary) == [nil])
        #expect(cache.find(try identity(path), Self.recipe) == directory)
        cache.discard(directory)
        #expect(cache.find(try identity(path), Self.recipe) == nil)
        #expect(try written(try store(path, in: cache)) == directory)
        #expect(cache.list().allSatisfy { $0.summary != nil })
    }

    @Test func clearingLeavesNoEngine() throws {
        let (path, cache) = (try model(), cache())
        _ = try written(try store(path, in: cache))
        let bytes = cache.list()[0].byteCount
        let removed = try cache.clear()
        #expect(removed.count == 1 && removed.byteCount == bytes)
        #expect(cache.list().isEmpty)
        #expect(cache.find(try identity(path), Self.recipe) == nil)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.cache) == ["locks"])
    }

    @Test func aPlaceThatCannotBeWrittenIsDoneWithout() throws {
        let path = try model()
        let cache = EngineCache(CacheSettings(directory: path + "/cache", limit: nil))
        guard case .skipped(let reason) = try store(path, in: cache) else {
            Issue.record("it was kept")
            return
        }
        #expect(reason.contains("can't be written"))
        #expect(try cache.list().isEmpty && cache.clear().count == 0)
    }

    @Test func enginesAndMissingPartsHaveNoIdentity() throws {
        let (path, cache) = (try model(), cache())
        let directory = try written(try store(path, in: cache))
        #expect(CheckpointIdentity(path: directory) == nil)
        #expect(CheckpointIdentity(path: folder.path + "/missing.gguf") == nil)
        let part = folder.path + "/model-00001-of-00002.gguf"
        try FileManager.default.copyItem(atPath: path, toPath: part)
        #expect(CheckpointIdentity(path: part) == nil)
    }
}

/// Folders that go away with the object.
private final class Folders {
    let path = FileManager.default.temporaryDirectory.appending(path: "engine-cache-\(UUID())").path
    var cache: String { path + "/cache" }

    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
