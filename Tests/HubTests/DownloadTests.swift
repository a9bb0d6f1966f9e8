import Foundation
import Hub
import NIOHTTP1
import Synchronization
import Testing

private let repository = FakeRepository.checkpoint
private let weights = "model.safetensors"

/// The requests for files.
private func downloads(_ host: FakeHost) -> [String] {
    host.requests.filter { $0.method == .GET }.compactMap { request in
        request.uri.contains("/resolve/") ? String(request.uri.split(separator: "/")[4...].joined(separator: "/")) : nil
    }.sorted()
}

/// A hub that treats requests for the weights in a way of its own, by their number from 0.
private func hub(
    _ weights: @escaping @Sendable (FakeHost.Request, Int) -> FakeHost.Reply?
) -> @Sendable (FakeHost.Request) -> FakeHost.Reply {
    let count = Mutex(0)
    return { request in
        if request.uri.hasSuffix("/model.safetensors"), request.method == .GET {
            let number = count.withLock { count in
                defer { count += 1 }
                return count
            }
            if let reply = weights(request, number) { return reply }
        }
        return repository.answer(request)
    }
}

@Suite struct DownloadTests {
    @Test func whatIsNeededIsDownloadedAndNothingElse() async throws {
        let trial = try Trial()
        try await FakeHost.run(repository.answer) { host in
            let path = try await trial.fetch(host)
            #expect(path == "\(trial.cache)/models--org--name/snapshots/\(repository.commit)")
            #expect(downloads(host) == ["config.json", weights, "tokenizer.json"])
            for name in downloads(host) { #expect(try trial.bytes("\(path)/\(name)") == repository.file(name)?.bytes) }
            #expect(trial.notes == [])
            #expect(trial.progress.first == DownloadProgress(bytes: 0, totalBytes: 300_021))
            #expect(trial.progress.last == DownloadProgress(bytes: 300_021, totalBytes: 300_021))
        }
    }

    @Test func cacheIsLaidOutAsPythonsIs() async throws {
        let trial = try Trial()
        try await FakeHost.run(repository.answer) { host in try await trial.fetch(host) }
        let root = "models--org--name"
        let files = ["config.json", weights, "tokenizer.json"].compactMap(repository.file)
        let snapshot = "\(root)/snapshots/\(repository.commit)"
        let expected =
            files.map { "\(root)/blobs/\($0.tag)" } + files.map { "\(snapshot)/\($0.path)" }
            + ["\(root)/refs/main", "\(root)/trees/\(repository.commit).json"]
        #expect(trial.contents == expected.sorted())
        for file in files {
            let link = try FileManager.default.destinationOfSymbolicLink(
                atPath: "\(trial.cache)/\(snapshot)/\(file.path)"
            )
            #expect(link == "../../blobs/\(file.tag)")
        }
        #expect(try trial.bytes("\(trial.cache)/\(root)/refs/main") == Array(repository.commit.utf8))
    }

    @Test func secondTimeOnlyTheListingIsAskedFor() async throws {
        let trial = try Trial()
        try await FakeHost.run(repository.answer) { host in
            try await trial.fetch(host)
            let before = host.requests.count
            let reported = trial.progress.count
            try await trial.fetch(host)
            #expect(host.requests.dropFirst(before).map(\.uri) == ["/api/models/org/name/revision/main?blobs=true"])
            #expect(trial.progress.count == reported)
        }
    }

    @Test func commitThatIsCompleteIsNotAskedFor() async throws {
        let trial = try Trial()
        try await FakeHost.run(repository.answer) { host in
            let revision = try HubRevision(repository.commit)
            let first = try await trial.hub(host.url).model(HubModelName("org/name"), revision: revision)
            let before = host.requests.count
            #expect(try await trial.hub(host.url).model(HubModelName("org/name"), revision: revision) == first)
            #expect(host.requests.count == before)
        }
    }

    @Test func cutDownloadGoesOnWhereItEnded() async throws {
        let trial = try Trial()
        let file = try #require(repository.file(weights))
        let partial = "\(trial.cache)/models--org--name/blobs/\(file.tag).incomplete"
        let answer = hub { request, number in
            guard number < 2 else { return nil }
            var reply = FakeRepository.content(file.bytes, request)
            reply.cut = .init(after: 100_000) { size(of: partial) == 100_000 * (number + 1) }
            return reply
        }
        try await FakeHost.run(answer) { host in
            let path = try await trial.fetch(host)
            let starts = host.requests.filter { $0.uri.hasSuffix(weights) }.map { $0.rangeStart ?? 0 }
            #expect(starts == [0, 100_000, 200_000])
            #expect(try trial.bytes("\(path)/\(weights)") == file.bytes)
            // Each try brought something, so none is the second in a row that failed.
            #expect(trial.waits == [1, 1])
        }
    }

    @Test func whatAnEarlierProgramLeftIsUsed() async throws {
        let trial = try Trial()
        let file = try #require(repository.file(weights))
        try trial.write(Array(file.bytes[..<123_456]), "models--org--name/blobs/\(file.tag).incomplete")
        try await FakeHost.run(repository.answer) { host in
            let path = try await trial.fetch(host)
            #expect(host.requests.filter { $0.uri.hasSuffix(weights) }.map(\.rangeStart) == [123_456])
            #expect(try trial.bytes("\(path)/\(weights)") == file.bytes)
            #expect(trial.progress.last?.share == 1)
        }
    }

    @Test(arguments: [1000, 300_000, 400_000]) func damagedLeftoversAreThrownAway(count: Int) async throws {
        let trial = try Trial()
        let file = try #require(repository.file(weights))
        let left = [UInt8](repeating: 7, count: count)
        try trial.write(left, "models--org--name/blobs/\(file.tag).incomplete")
        try await FakeHost.run(repository.answer) { host in
            let path = try await trial.fetch(host)
            #expect(try trial.bytes("\(path)/\(weights)") == file.bytes)
            #expect(trial.progress.last == DownloadProgress(bytes: 300_021, totalBytes: 300_021))
        }
    }

    @Test func hostThatKnowsNoRangesIsReadFromTheBeginning() async throws {
        let trial = try Trial()
        let answer = hub { _, number in
            var reply = FakeHost.Reply(body: repository.file(weights)?.bytes ?? [])
            if number == 0 { reply.cut = .init(after: 5000) { true } }
            return reply
        }
        try await FakeHost.run(answer) { host in
            let path = try await trial.fetch(host)
            #expect(try trial.bytes("\(path)/\(weights)") == repository.file(weights)?.bytes)
            #expect(trial.progress.last == DownloadProgress(bytes: 300_021, totalBytes: 300_021))
        }
    }

    @Test func rangeThatBeginsElsewhereIsNotTaken() async throws {
        let trial = try Trial()
        let partial = "\(trial.cache)/models--org--name/blobs/\(repository.file(weights)?.tag ?? "").incomplete"
        let answer = hub { request, number in
            let bytes = repository.file(weights)?.bytes ?? []
            if number == 0 { return .init(body: bytes, cut: .init(after: 5000) { size(of: partial) == 5000 }) }
            let range = "bytes 4000-299999/300000"
            return number == 1
                ? .init(status: 206, headers: ["Content-Range": range], body: Array(bytes[4000...])) : nil
        }
        try await FakeHost.run(answer) { host in
            let path = try await trial.fetch(host)
            #expect(host.requests.filter { $0.uri.hasSuffix(weights) }.map { $0.rangeStart ?? 0 } == [0, 5000, 0])
            #expect(try trial.bytes("\(path)/\(weights)") == repository.file(weights)?.bytes)
        }
    }

    @Test(arguments: [false, true]) func damagedContentComesASecondTimeOrNotAtAll(comesWhole: Bool) async throws {
        let trial = try Trial()
        let answer = hub { request, number in
            if comesWhole && number > 0 { return nil }
            var bytes = repository.file(weights)?.bytes ?? []
            bytes[150_000] ^= 1
            return FakeRepository.content(bytes, request)
        }
        try await FakeHost.run(answer) { host in
            if comesWhole {
                let path = try await trial.fetch(host)
                #expect(try trial.bytes("\(path)/\(weights)") == repository.file(weights)?.bytes)
            } else {
                let text = await message { try await trial.fetch(host) }
                #expect(text.hasPrefix("'model.safetensors' came damaged: its hash is "))
                #expect(
                    !trial.contents.contains {
                        $0.hasSuffix(weights) || $0.contains(repository.file(weights)?.tag ?? "")
                    }
                )
            }
            #expect(trial.notes.filter { $0.contains("downloading it again") }.count == 1)
        }
    }

    @Test func smallFilesAreCheckedToo() async throws {
        let trial = try Trial()
        let answer: @Sendable (FakeHost.Request) -> FakeHost.Reply = { request in
            request.uri.hasSuffix("config.json")
                ? FakeRepository.content(Array("{\"model_type\": \"y\"}".utf8), request) : repository.answer(request)
        }
        try await FakeHost.run(answer) { host in
            let text = await message { try await trial.fetch(host) }
            #expect(text.hasPrefix("'config.json' came damaged"))
        }
    }

    @Test(arguments: [299_999, 300_001]) func contentOfAnotherLengthIsNotTaken(count: Int) async throws {
        let trial = try Trial()
        let answer = hub { _, _ in .init(body: FakeRepository.bytes(count, seed: 1)) }
        try await FakeHost.run(answer) { host in
            let text = await message { try await trial.fetch(host) }
            #expect(text == "'model.safetensors' came with \(count) bytes instead of 300000")
            #expect(!trial.contents.contains { $0.hasSuffix(weights) })
        }
    }

    @Test func bodyThatGoesOnIsNotTaken() async throws {
        let trial = try Trial()
        let answer = hub { _, _ in
            .init(headers: ["Transfer-Encoding": "chunked"], body: FakeRepository.bytes(300_001, seed: 1))
        }
        try await FakeHost.run(answer) { host in
            let text = await message { try await trial.fetch(host) }
            #expect(text.contains("instead of 300000"))
            #expect(!trial.contents.contains { $0.hasSuffix(weights) })
        }
    }

    @Test func hubThatIsBusyIsAskedAgainWhenItSays() async throws {
        let trial = try Trial()
        let answer = hub { _, number in
            switch number {
            case 0: .status(429, ["Retry-After": "7"])
            case 1: .status(429, ["RateLimit": "\"resolvers\";r=0;t=33"])
            case 2: .status(503)
            default: nil
            }
        }
        try await FakeHost.run(answer) { host in
            try await trial.fetch(host)
            #expect(trial.waits == [7, 33, 4])
        }
    }

    @Test func hubThatAsksForTooLongAWaitIsNotWaitedFor() async throws {
        let trial = try Trial()
        try await FakeHost.run(hub { _, _ in .status(429, ["Retry-After": "3600"]) }) { host in
            let text = await message { try await trial.fetch(host) }
            #expect(text == "\(host.url) can't answer now (status 429), and asks to wait 3600 s")
            #expect(trial.waits == [])
        }
    }

    @Test func hubThatNeverAnswersIsGivenUp() async throws {
        let trial = try Trial()
        try await FakeHost.run(FakeHost.always(.status(502))) { host in
            let text = await message { try await trial.fetch(host) }
            #expect(text == "\(host.url) can't answer now (status 502)")
            #expect(trial.waits.count > 3)
            #expect(trial.waits == trial.waits.sorted())
        }
    }

    @Test func filesWithoutSizesInTheListingAreAskedForOneByOne() async throws {
        let trial = try Trial()
        var silent = repository
        silent.describes = false
        silent.storage = "http://127.0.0.1:9"
        let described = silent
        let answer: @Sendable (FakeHost.Request) -> FakeHost.Reply = { request in
            request.method == .HEAD || request.uri.hasPrefix("/api/")
                ? described.answer(request) : repository.answer(request)
        }
        try await FakeHost.run(answer) { host in
            let path = try await trial.fetch(host)
            #expect(host.requests.filter { $0.method == .HEAD }.count == 3)
            #expect(try trial.bytes("\(path)/\(weights)") == repository.file(weights)?.bytes)
            // What isn't known can't be remembered.
            #expect(!trial.contents.contains { $0.contains("/trees/") })
        }
    }

    @Test func moreThanTheDiskHoldsIsRefusedBeforeItComes() async throws {
        let trial = try Trial()
        let answer: @Sendable (FakeHost.Request) -> FakeHost.Reply = { request in
            guard request.uri.hasPrefix("/api/") else { return repository.answer(request) }
            let hash = String(repeating: "ab", count: 32)
            return .json(
                """
                {"sha": "\(repository.commit)", "siblings": [{"rfilename": "model.safetensors", "size": 1, \
                "lfs": {"sha256": "\(hash)", "size": 9000000000000000000}}]}
                """
            )
        }
        try await FakeHost.run(answer) { host in
            let text = await message { try await trial.fetch(host) }
            #expect(text.hasPrefix("\(trial.cache): 9000000000000000000 more bytes are needed, "))
            #expect(host.requests.count == 1)
        }
    }
}
