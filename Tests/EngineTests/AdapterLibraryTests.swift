import Engine
import Foundation
import Models
import Synchronization
import Testing

/// Which adapters are known, and which are in memory.
@Suite(.timeLimit(.minutes(1))) struct AdapterLibraryTests {
    private struct Broken: Error {}

    /// Directories that look like adapters, and what was loaded of them.
    private final class Folder: Sendable {
        let path: String
        let loaded = Mutex<[String]>([])

        init(_ names: [String]) throws {
            let url = FileManager.default.temporaryDirectory.appendingPathComponent("library-\(UUID().uuidString)")
            for name in names {
                let directory = url.appendingPathComponent(name)
                try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
                try Data("{}".utf8).write(to: directory.appendingPathComponent("adapter_config.json"))
            }
            path = url.path
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }

        func library(capacity: Int, anyPath: Bool = false) -> AdapterLibrary {
            AdapterLibrary(
                capacity: capacity,
                mostAtOnce: capacity,
                reserved: ["base"],
                folders: [path],
                allowsAnyPath: anyPath
            ) { _, path in
                let name = path.split(separator: "/").last.map(String.init) ?? ""
                if name == "broken" { throw Broken() }
                self.loaded.withLock { $0.append(name) }
                return Adapter()
            }
        }
    }

    @Test func theLeastRecentlyUsedGoesAndComesBack() async throws {
        let folder = try Folder(["a", "b", "c"])
        let library = folder.library(capacity: 2)
        for name in ["a", "b", "c"] { try await library.add(name: name, path: "\(folder.path)/\(name)") }
        #expect(await library.heldCount == 2)
        let b = try await library.adapter(named: "b").id
        let c = try await library.adapter(named: "c").id
        #expect(try await library.adapter(named: "b").id == b)
        #expect(try await library.adapter(named: "a").id > c)
        // c was used before b.
        #expect(try await library.adapter(named: "b").id == b)
        #expect(try await library.adapter(named: "c").id > c)
        #expect(folder.loaded.withLock { $0 } == ["a", "b", "c", "a", "c"])
        #expect(library.entries.map(\.name) == ["a", "b", "c"])
    }

    @Test func adaptersInUseStayAndOthersWaitForThem() async throws {
        let folder = try Folder(["a", "b", "c"])
        let library = folder.library(capacity: 2)
        for name in ["a", "b", "c"] { try await library.add(name: name, path: "\(folder.path)/\(name)") }
        var used: [Adapter] = [try await library.adapter(named: "a"), try await library.adapter(named: "b")]
        #expect(folder.loaded.withLock { $0 } == ["a", "b", "c", "a", "b"])
        async let third = library.adapter(named: "c")
        try await Task.sleep(for: .milliseconds(100))
        #expect(folder.loaded.withLock { $0.count } == 5)
        #expect(try await library.adapter(named: "a") == used[0])
        used.removeLast()
        _ = try await third
        #expect(folder.loaded.withLock { $0 } == ["a", "b", "c", "a", "b", "c"])
        #expect(await library.heldCount == 2)
        #expect(try await library.adapter(named: "a") == used[0])
    }

    @Test func anUnloadedAdapterLivesAsLongAsItIsUsed() async throws {
        let folder = try Folder(["a"])
        let library = folder.library(capacity: 1)
        try await library.add(name: "x", path: "\(folder.path)/a")
        var used: Adapter? = try await library.adapter(named: "x")
        weak let same = used
        try await library.remove(name: "x")
        #expect(same != nil)
        used = nil
        #expect(same == nil)
        await #expect(throws: AdapterError.unknown(name: "x")) { try await library.adapter(named: "x") }
        await #expect(throws: AdapterError.unknown(name: "x")) { try await library.remove(name: "x") }
    }

    @Test func namesAreTakenOnceUnlessReplaced() async throws {
        let folder = try Folder(["a", "b", "broken"])
        let library = folder.library(capacity: 2)
        let (a, b) = ("\(folder.path)/a", "\(folder.path)/b")
        try await library.add(name: "x", path: a)
        let first = try await library.adapter(named: "x").id
        await #expect(throws: AdapterError.nameTaken(name: "x", path: a)) { try await library.add(name: "x", path: b) }
        await #expect(throws: AdapterError.self) { try await library.add(name: "base", path: b) }
        await #expect(throws: AdapterError.self) { try await library.add(name: "", path: b) }
        await #expect(throws: AdapterError.missing(name: "y", path: "/nowhere")) {
            try await library.add(name: "y", path: "/nowhere")
        }
        await #expect(throws: AdapterError.self) { try await library.add(name: "y", path: "\(folder.path)/broken") }
        await #expect(throws: AdapterError.self) {
            try await library.add(name: "x", path: "\(folder.path)/broken", replaces: true)
        }
        #expect(try await library.adapter(named: "x").id == first)
        try await library.add(name: "x", path: b, replaces: true)
        #expect(try await library.adapter(named: "x").id > first)
        #expect(library.entries.map(\.path) == [b])
        #expect(await library.heldCount == 1)
    }

    @Test func manyThatAskAtOnceLoadItOnce() async throws {
        let folder = try Folder(["a", "b"])
        let library = folder.library(capacity: 1)
        try await library.add(name: "a", path: "\(folder.path)/a")
        try await library.add(name: "b", path: "\(folder.path)/b")
        let ids = try await withThrowingTaskGroup(of: UInt64.self) { group in
            for _ in 0..<20 { group.addTask { try await library.adapter(named: "a").id } }
            return try await group.reduce(into: Set<UInt64>()) { $0.insert($1) }
        }
        #expect(ids.count == 1)
        #expect(folder.loaded.withLock { $0 } == ["a", "b", "a"])
    }

    @Test func clientsNameDirectoriesOfTheFoldersOnly() throws {
        let folder = try Folder(["a"])
        let library = folder.library(capacity: 1)
        #expect(library.allows(path: "\(folder.path)/a"))
        #expect(library.allows(path: folder.path))
        for path in ["/", "/tmp", "\(folder.path)/../..", "\(folder.path)x", "\(folder.path)/a/../../..", "", "a\0b"] {
            #expect(!library.allows(path: path), "\(path)")
        }
        #expect(folder.library(capacity: 1, anyPath: true).allows(path: "/tmp"))
    }
}
