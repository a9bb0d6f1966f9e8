import Foundation
import Glibc
import Hub
import NIOHTTP1
import Testing

private let repository = FakeRepository.checkpoint

@Suite struct SharingTests {
    @Test func twoAtOnceShareOneDownload() async throws {
        let trial = try Trial()
        try await FakeHost.run(repository.answer) { host in
            let hub = try trial.hub(host.url)
            let name = try HubModelName("org/name")
            async let first = hub.model(name)
            async let second = hub.model(name)
            #expect(try await first == second)
            let files = host.requests.filter { $0.uri.contains("/resolve/") }.map(\.uri)
            #expect(files.count == 3 && Set(files).count == 3)
            #expect(trial.progress.last?.share == 1)
        }
    }

    @Test func lockOfAnotherProgramIsWaitedFor() async throws {
        let trial = try Trial()
        let file = try #require(repository.file("model.safetensors"))
        let lock = ".locks/models--org--name/\(file.tag).lock"
        try trial.write([], lock)
        let held = open("\(trial.cache)/\(lock)", O_RDWR)
        #expect(flock(held, LOCK_EX | LOCK_NB) == 0)
        try await FakeHost.run(repository.answer) { host in
            let fetching = Task { try await trial.fetch(host) }
            while !trial.notes.contains(where: { $0.contains("waiting for another program") }) {
                try await Task.sleep(for: .milliseconds(5))
            }
            // The other program ends with the content in its place.
            try trial.write(file.bytes, "models--org--name/blobs/\(file.tag)")
            close(held)
            let path = try await fetching.value
            #expect(try trial.bytes("\(path)/model.safetensors") == file.bytes)
            #expect(!host.requests.contains { $0.uri.hasSuffix("model.safetensors") })
        }
    }

    @Test func contentThatIsTooShortIsDownloadedAnew() async throws {
        let trial = try Trial()
        let file = try #require(repository.file("model.safetensors"))
        try await FakeHost.run(repository.answer) { host in
            let path = try await trial.fetch(host)
            try trial.write(Array(file.bytes[..<1000]), "models--org--name/blobs/\(file.tag)")
            #expect(try await trial.fetch(host) == path)
            #expect(try trial.bytes("\(path)/model.safetensors") == file.bytes)
        }
    }

    @Test func cancelledDownloadLeavesWhatCameAndNoName() async throws {
        let trial = try Trial()
        let file = try #require(repository.file("model.safetensors"))
        let answer: @Sendable (FakeHost.Request) -> FakeHost.Reply = { request in
            guard request.uri.hasSuffix("model.safetensors") else { return repository.answer(request) }
            // Says more than it sends, and keeps the connection.
            return .init(headers: ["Content-Length": "300000"], body: Array(file.bytes[..<200_000]))
        }
        try await FakeHost.run(answer) { host in
            let fetching = Task { try await trial.fetch(host) }
            let partial = "\(trial.cache)/models--org--name/blobs/\(file.tag).incomplete"
            while size(of: partial) != 200_000 {
                try await Task.sleep(for: .milliseconds(5))
            }
            fetching.cancel()
            await #expect(throws: (any Error).self) { try await fetching.value }
            #expect(!trial.contents.contains { $0.hasSuffix("/model.safetensors") || $0.hasSuffix(file.tag) })
            #expect(try trial.bytes(partial) == Array(file.bytes[..<200_000]))
        }
    }
}
