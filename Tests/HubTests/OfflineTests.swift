import Foundation
import Hub
import NIOHTTP1
import Testing

private let repository = FakeRepository.checkpoint
private let snapshot = "models--org--name/snapshots/\(repository.commit)"
/// Nobody listens there.
private let nowhere = "http://127.0.0.1:9"

@Suite struct OfflineTests {
    /// A cache as an older program left it: files, but nothing that says which there should be.
    private func filled(_ names: [String]) throws -> Trial {
        let trial = try Trial()
        for name in names { try trial.write(Array("{}".utf8), "\(snapshot)/\(name)") }
        try trial.write(Array(repository.commit.utf8), "models--org--name/refs/main")
        return trial
    }

    private func offline(_ trial: Trial, _ name: String = "org/name") async -> String {
        await message { try await trial.hub(nowhere, ["HF_HUB_OFFLINE": "1"]).model(try HubModelName(name)) }
    }

    @Test func whatIsCompleteIsServedWithoutAsking() async throws {
        let trial = try Trial()
        try await FakeHost.run(repository.answer) { host in
            let path = try await trial.fetch(host)
            let before = host.requests.count
            #expect(try await trial.fetch(host, "org/name", ["HF_HUB_OFFLINE": "YES"]) == path)
            #expect(host.requests.count == before)
        }
    }

    @Test(arguments: ["config.json", "model.safetensors", "tokenizer.json"]) func whatLacksAFileIsNotComplete(
        name: String
    ) async throws {
        let trial = try Trial()
        try await FakeHost.run(repository.answer) { host in try await trial.fetch(host) }
        try FileManager.default.removeItem(atPath: "\(trial.cache)/\(snapshot)/\(name)")
        let text = await offline(trial)
        #expect(
            text
                == "org/name at revision main isn't complete in \(trial.cache), and HF_HUB_OFFLINE is set: \(name) missing"
        )
    }

    @Test func truncatedFileIsNotComplete() async throws {
        let trial = try Trial()
        try await FakeHost.run(repository.answer) { host in try await trial.fetch(host) }
        let tag = try #require(repository.file("model.safetensors")?.tag)
        try trial.write([1, 2, 3], "models--org--name/blobs/\(tag)")
        #expect(await offline(trial).hasSuffix(": model.safetensors missing"))
    }

    @Test func nothingIsNotComplete() async throws {
        let trial = try Trial()
        #expect(await offline(trial).hasSuffix("HF_HUB_OFFLINE is set: nothing of it is there"))
    }

    @Test(arguments: [
        (["config.json", "tokenizer.json", "model.safetensors"], true),
        (["config.json", "vocab.txt", "model.safetensors"], true),
        (["config.json", "model.safetensors"], false),
        (["tokenizer.json", "model.safetensors"], false),
        (["config.json", "tokenizer.json"], false),
        (["config.json", "tokenizer.json", "model-00001-of-00002.safetensors"], false),
        (
            ["config.json", "tokenizer.json", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"],
            true
        ),
        (["x-00001-of-00002.gguf"], false), (["x-00001-of-00002.gguf", "x-00002-of-00002.gguf"], true),
        (["x.gguf"], true),
    ]) func cacheOfAnOlderProgramIsJudgedByItsNames(names: [String], isComplete: Bool) async throws {
        let trial = try filled(names)
        let text = await offline(trial)
        #expect(text.contains("isn't complete") != isComplete, "\(text)")
    }

    @Test func cacheOfAnOlderProgramIsJudgedByItsIndex() async throws {
        let trial = try filled(["config.json", "tokenizer.json", "model-00001-of-00002.safetensors"])
        let index =
            #"{"weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}}"#
        try trial.write(Array(index.utf8), "\(snapshot)/model.safetensors.index.json")
        #expect(await offline(trial).contains("isn't complete"))
        try trial.write([1], "\(snapshot)/model-00002-of-00002.safetensors")
        #expect(await offline(trial).hasSuffix(snapshot))
    }

    @Test func hubThatIsOutOfReachIsReplacedByTheCache() async throws {
        let trial = try Trial()
        let path = try await FakeHost.run(repository.answer) { host in try await trial.fetch(host) }
        #expect(try await trial.hub(nowhere).model(HubModelName("org/name")) == path)
        #expect(trial.notes.count == 1)
        #expect(trial.notes.first?.hasPrefix("127.0.0.1 can't be reached: ") == true)
        #expect(trial.notes.first?.hasSuffix("; taking what is in \(trial.cache)") == true)
        // Nobody has to wait for what is there.
        #expect(trial.waits == [])
    }

    @Test(arguments: [401, 503]) func hubThatRefusesIsReplacedByTheCache(status: Int) async throws {
        let trial = try Trial()
        let path = try await FakeHost.run(repository.answer) { host in try await trial.fetch(host) }
        try await FakeHost.run(FakeHost.always(.status(status))) { host in
            let again = try await trial.fetch(host)
            #expect(again == path)
            #expect(trial.notes.count == 1)
        }
    }

    @Test func revisionThatIsGoneIsNotReplaced() async throws {
        let trial = try Trial()
        _ = try await FakeHost.run(repository.answer) { host in try await trial.fetch(host) }
        try await FakeHost.run(FakeHost.always(.status(404, ["X-Error-Code": "RevisionNotFound"]))) { host in
            let text = await message { try await trial.fetch(host) }
            #expect(text == "org/name has no revision 'main'")
        }
    }

    @Test func hubThatIsOutOfReachIsAnErrorWithoutTheFiles() async throws {
        let trial = try Trial()
        let text = await message { try await trial.hub(nowhere).model(HubModelName("org/name")) }
        #expect(text.hasPrefix("127.0.0.1 can't be reached: "))
        #expect(trial.waits.count > 3)
    }

    @Test(arguments: ["../../../etc", "a\nb", "/main", "a//b", ""]) func revisionThatIsNoPathIsRefused(text: String) {
        #expect(throws: HubError.self) { try HubRevision(text) }
    }
}
