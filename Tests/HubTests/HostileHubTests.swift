import Foundation
import Hub
import Testing

private let commit = FakeRepository.checkpoint.commit

/// What comes of a listing with these words in it.
private func outcome(_ trial: Trial, _ listing: String) async throws -> String {
    let answer: @Sendable (FakeHost.Request) -> FakeHost.Reply = { request in
        request.uri.hasPrefix("/api/") ? .json(listing) : .init(body: [1])
    }
    return try await FakeHost.run(answer) { host in
        await message { try await trial.fetch(host) }
    }
}

@Suite struct HostileHubTests {
    @Test(arguments: [
        "../../../evil.json", "/etc/evil.json", "a/../../evil.json", "a//evil.json", "./evil.json", "a/", "", "..",
        "a\\\\..\\\\evil.json", "evil\\u0000.json", "evil\\n.json", String(repeating: "a", count: 300),
        String(repeating: "a/", count: 600) + "a",
    ]) func namesThatLeaveTheCacheAreRefused(name: String) async throws {
        let trial = try Trial()
        let blob = String(repeating: "a", count: 40)
        let text = try await outcome(
            trial,
            """
            {"sha": "\(commit)", "siblings": [{"rfilename": "model.safetensors", "size": 1, "blobId": "\(blob)"},
             {"rfilename": "\(name)", "size": 1, "blobId": "\(blob)"}]}
            """
        )
        #expect(text.hasPrefix("org/name is refused: the name of its file '"), "\(text)")
        #expect(text.utf8.count < 250)
        #expect(trial.contents == [])
    }

    @Test(arguments: [
        "", "[]", "{}", "null", #"{"sha": "main"}"#, #"{"sha": "../../../../etc"}"#, #"{"sha": 7, "siblings": []}"#,
        #"{"sha": "COMMIT", "siblings": {}}"#, #"{"sha": "COMMIT", "siblings": [7]}"#,
        #"{"sha": "COMMIT", "siblings": [{"rfilename": null}]}"#, String(repeating: "[", count: 200),
    ]) func answerOfAnotherShapeIsAnError(listing: String) async throws {
        let trial = try Trial()
        let text = try await outcome(trial, listing.replacing("COMMIT", with: commit))
        #expect(text.hasPrefix("the files of org/name: the answer can't be used: "), "\(text)")
        #expect(trial.contents == [])
    }

    @Test func answerWithoutEndIsNotHeld() async throws {
        let trial = try Trial()
        let long: @Sendable (FakeHost.Request) -> FakeHost.Reply = { _ in
            .init(body: [UInt8](repeating: UInt8(ascii: " "), count: (8 << 20) + 1))
        }
        try await FakeHost.run(long) { host in
            let text = await message { try await trial.fetch(host) }
            #expect(text.hasSuffix("it has more than 8388608 bytes"), "\(text)")
        }
    }

    @Test(arguments: ["\"abc\"", "\"../../../../evil\"", "null", "7", "\"\(String(repeating: "G", count: 40))\""])
    func fileWithoutAHashToCheckIsNotTaken(hash: String) async throws {
        let trial = try Trial()
        let listing =
            #"{"sha": "\#(commit)", "siblings": [{"rfilename": "model.safetensors", "size": 1, "blobId": \#(hash)}]}"#
        let text = try await outcome(trial, listing)
        #expect(text == "org/name: the hub gives no SHA-256 or Git hash to check 'model.safetensors' with")
        #expect(!trial.contents.contains { $0.contains("blobs") || $0.contains("snapshots") })
    }

    @Test(arguments: [
        (#"{"weight_map": {"a": "../../../evil"}}"#, "org/name has no file '../../../evil'"),
        (
            #"{"weight_map": {"a": "model-00003-of-00002.safetensors"}}"#,
            "has no file 'model-00003-of-00002.safetensors'"
        ),
        (#"{"weight_map": {"a": 7}}"#, "'weight_map' holds a JSON integer"),
        (#"{"weight_map": []}"#, "'weight_map' isn't an object with members"),
        (#"{"weight_map": {}}"#, "'weight_map' isn't an object with members"),
        ("{", "expected a member name in double quotes at byte 1"),
    ]) func indexThatNamesWhatIsNotThereIsAnError(index: String, expected: String) async throws {
        let trial = try Trial()
        let files = [
            FakeRepository.File(path: "model.safetensors.index.json", bytes: Array(index.utf8)),
            FakeRepository.File(path: "model-00001-of-00002.safetensors", bytes: [1]),
        ]
        try await FakeHost.run(FakeRepository(files: files).answer) { host in
            let text = await message { try await trial.fetch(host) }
            #expect(text.hasSuffix(expected), "\(text)")
        }
    }

    @Test func linkInPlaceOfAPartialFileIsNotFollowed() async throws {
        let trial = try Trial()
        let repository = FakeRepository.checkpoint
        let file = try #require(repository.file("model.safetensors"))
        try trial.write([1, 2, 3], "../precious")
        try trial.write([], "models--org--name/blobs/x")
        try FileManager.default.createSymbolicLink(
            atPath: "\(trial.cache)/models--org--name/blobs/\(file.tag).incomplete",
            withDestinationPath: "../../../precious"
        )
        try await FakeHost.run(repository.answer) { host in
            let text = await message { try await trial.fetch(host) }
            #expect(text.contains(".incomplete: Too many levels of symbolic links"), "\(text)")
        }
        #expect(try trial.bytes("\(trial.cache)/../precious") == [1, 2, 3])
    }
}
