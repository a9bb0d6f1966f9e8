import Foundation
import Hub
import NIOHTTP1
import Testing

private let repository = FakeRepository.checkpoint

/// Where a token was sent to.
private func authorized(_ host: FakeHost) -> [String] {
    host.requests.filter { $0.headers.contains(name: "Authorization") }.map(\.uri)
}

@Suite struct AccessTests {
    @Test func tokenIsNotSentToTheHostThatKeepsTheFiles() async throws {
        let trial = try Trial()
        try await FakeHost.run(repository.stored) { storage in
            var away = repository
            away.storage = storage.url
            try await FakeHost.run(away.answer) { host in
                let path = try await trial.fetch(host, "org/name", ["HF_TOKEN": "hf_secret"])
                #expect(try trial.bytes("\(path)/model.safetensors") == repository.file("model.safetensors")?.bytes)
                #expect(host.requests.allSatisfy { $0.headers.first(name: "Authorization") == "Bearer hf_secret" })
                #expect(storage.requests.count == 1)
                #expect(authorized(storage) == [])
            }
        }
    }

    @Test func fileAtAnotherHostGoesOnFromTheHubsNewAddress() async throws {
        let trial = try Trial()
        let partial =
            "\(trial.cache)/models--org--name/blobs/\(repository.file("model.safetensors")?.tag ?? "").incomplete"
        let stored: @Sendable (FakeHost.Request) -> FakeHost.Reply = { request in
            if request.rangeStart == nil {
                var reply = repository.stored(request)
                reply.cut = .init(after: 70_000) { size(of: partial) == 70_000 }
                return reply
            }
            return request.uri.hasSuffix("signature=x") ? .status(403) : repository.stored(request)
        }
        try await FakeHost.run(stored) { storage in
            let answer: @Sendable (FakeHost.Request) -> FakeHost.Reply = { request in
                var away = repository
                away.storage = storage.url
                var reply = away.answer(request)
                // An address is valid for some time; the third is a new one.
                if let old = reply.headers.first(name: "Location"), storage.requests.count == 2 {
                    reply.headers.replaceOrAdd(name: "Location", value: old + "2")
                }
                return reply
            }
            try await FakeHost.run(answer) { host in
                let path = try await trial.fetch(host)
                #expect(try trial.bytes("\(path)/model.safetensors") == repository.file("model.safetensors")?.bytes)
                #expect(storage.requests.map { $0.rangeStart ?? 0 } == [0, 70_000, 70_000])
            }
        }
    }

    @Test func renamedRepositoryIsFollowedWithTheToken() async throws {
        let trial = try Trial()
        var renamed = repository
        renamed.name = "org/renamed"
        let there = renamed
        let answer: @Sendable (FakeHost.Request) -> FakeHost.Reply = { request in
            request.uri.contains("org/name")
                ? .redirect(to: request.uri.replacing("org/name", with: "org/renamed")) : there.answer(request)
        }
        try await FakeHost.run(answer) { host in
            let path = try await trial.fetch(host, "org/name", ["HF_TOKEN": "hf_secret"])
            // As in Python's cache, the name that was asked for is the name.
            #expect(path.contains("/models--org--name/snapshots/"))
            #expect(authorized(host).count == host.requests.count)
        }
    }

    @Test(arguments: ["file:///etc/passwd", "ftp://127.0.0.1/x", "//", "http://"]) func strangeRedirectsAreNotFollowed(
        location: String
    ) async throws {
        let trial = try Trial()
        try await FakeHost.run(FakeHost.always(.redirect(to: location))) { host in
            let text = await message { try await trial.fetch(host) }
            #expect(!text.hasPrefix("no error"))
            #expect(host.requests.count == 1)
        }
    }

    @Test func endlessRedirectsAreGivenUp() async throws {
        let trial = try Trial()
        let answer: @Sendable (FakeHost.Request) -> FakeHost.Reply = { .redirect(to: $0.uri + "x") }
        try await FakeHost.run(answer) { host in
            let text = await message { try await trial.fetch(host) }
            #expect(text.hasSuffix("more than 5 redirects"))
            #expect(host.requests.count == 6)
        }
    }

    @Test func tokenComesFromTheEnvironmentOrAFile() async throws {
        let trial = try Trial()
        try trial.write(Array("hf_file\n".utf8), "../token")
        try trial.write(Array(" hf_other ".utf8), "../other")
        let cases: [([String: String], String)] = [
            (["HF_TOKEN": "hf_first", "HUGGING_FACE_HUB_TOKEN": "hf_second"], "hf_first"),
            (["HUGGING_FACE_HUB_TOKEN": "hf_second"], "hf_second"),
            ([:], "hf_file"), (["HF_TOKEN": " "], "hf_file"),
            (["HF_TOKEN_PATH": trial.cache + "/../other"], "hf_other"),
        ]
        for (variables, token) in cases {
            try await FakeHost.run(repository.answer) { host in
                try await trial.fetch(host, "org/name", variables)
                #expect(
                    host.requests.map { $0.headers.first(name: "Authorization") }.allSatisfy { $0 == "Bearer \(token)" }
                )
            }
        }
    }

    @Test(arguments: ["hf_a\r\nX-Evil: 1", "hf_ü", "hf a"])
    func tokenThatCouldChangeTheRequestIsRefusedWithoutBeingShown(token: String) throws {
        #expect {
            try HubSettings(environment: ["HF_TOKEN": token])
        } throws: { "\($0)".hasPrefix("HF_TOKEN can't be used: ") && !"\($0)".contains(token) }
    }

    private static let noCode: HTTPHeaders = [:]

    @Test(
        arguments: [
            (401, ["X-Error-Code": "RepoNotFound"], "", "has no model 'org/name' (for a private one, set HF_TOKEN)"),
            (401, noCode, "", "has no model 'org/name' (for a private one, set HF_TOKEN)"),
            (404, ["X-Error-Code": "RepoNotFound"], "hf_x", "has no model 'org/name' that your token may see"),
            (
                401, ["X-Error-Message": "Invalid credentials in Authorization header"], "hf_x",
                "doesn't know the token of HF_TOKEN"
            ),
            (404, ["X-Error-Code": "RevisionNotFound"], "", "org/name has no revision 'main'"),
            (403, ["X-Error-Message": "Over\u{202E}quota"], "", "the files of org/name: status 403: Over?quota"),
            (418, noCode, "", "the files of org/name: status 418"),
        ] as [(Int, HTTPHeaders, String, String)]
    ) func refusalsSayWhatToDo(
        status: Int,
        headers: HTTPHeaders,
        token: String,
        expected: String,
    ) async throws {
        let trial = try Trial()
        try await FakeHost.run(FakeHost.always(.status(status, headers))) { host in
            let text = await message { try await trial.fetch(host, "org/name", ["HF_TOKEN": token]) }
            #expect(text.hasSuffix(expected), "\(text)")
        }
    }

    @Test(arguments: [
        (401, "", "and set HF_TOKEN to a token of your account"), (403, "hf_x", "with the account of your token"),
    ])
    func gatedRepositoryNamesThePageToGoTo(status: Int, token: String, expected: String) async throws {
        let trial = try Trial()
        let answer: @Sendable (FakeHost.Request) -> FakeHost.Reply = { request in
            request.uri.hasPrefix("/api/") ? repository.answer(request) : .status(status, ["X-Error-Code": "GatedRepo"])
        }
        try await FakeHost.run(answer) { host in
            let text = await message { try await trial.fetch(host, "org/name", ["HF_TOKEN": token]) }
            #expect(text.contains("do so at \(host.url)/org/name ") && text.hasSuffix(expected), "\(text)")
        }
    }

    @Test func misspeltNameComesWithThoseNearby() async throws {
        let trial = try Trial()
        let answer: @Sendable (FakeHost.Request) -> FakeHost.Reply = { request in
            guard request.uri.hasPrefix("/api/models?author=Qwen&") else { return repository.answer(request) }
            return .json(
                """
                [{"id": "Qwen/Qwen2.5-0.5B-Instruct"}, {"id": "Qwen/Qwen2.5-0.5B"}, {"id": "Qwen/Qwen-Audio"},
                 {"id": "evil\\u001b[2J"}, {"id": 7}]
                """
            )
        }
        try await FakeHost.run(answer) { host in
            let text = await message { try await trial.fetch(host, "Qwen/Qwen2.5-0.5B-Instrct") }
            #expect(
                text == """
                    \(host.url) has no model 'Qwen/Qwen2.5-0.5B-Instrct'; did you mean Qwen/Qwen2.5-0.5B-Instruct? \
                    (for a private one, set HF_TOKEN)
                    """
            )
        }
    }

    @Test func proxyIsAskedForTheHub() async throws {
        let trial = try Trial()
        try await FakeHost.run(FakeHost.always(.status(403))) { proxy in
            let address = proxy.url.replacing("http://", with: "http://me:secret@")
            for (name, exempt) in [
                ("http_proxy", ""), ("HTTP_PROXY", "x.0.0.9"), ("all_proxy", ""), ("ALL_PROXY", "8"),
            ] {
                let before = proxy.requests.count
                let hub = try trial.hub("http://127.0.0.9:9", [name: address, "NO_PROXY": exempt])
                let text = await message { try await hub.model(HubModelName("org/name")) }
                #expect(text.hasPrefix("127.0.0.9 can't be reached: "))
                let asked = proxy.requests.dropFirst(before)
                #expect(!asked.isEmpty && asked.allSatisfy { $0.method == .CONNECT && $0.uri == "127.0.0.9:9" })
                #expect(asked.allSatisfy { $0.headers.first(name: "Proxy-Authorization") == "Basic bWU6c2VjcmV0" })
            }
        }
    }

    @Test(arguments: ["*", "x, .0.0.9", "127.0.0.9"]) func proxyIsNotAskedForExemptHubs(exempt: String) async throws {
        let trial = try Trial()
        try await FakeHost.run(FakeHost.always(.status(403))) { proxy in
            let hub = try trial.hub("http://127.0.0.9:9", ["http_proxy": proxy.url, "no_proxy": exempt])
            let text = await message { try await hub.model(HubModelName("org/name")) }
            #expect(text.hasPrefix("127.0.0.9 can't be reached: "))
            #expect(proxy.requests.isEmpty)
        }
    }

    @Test(arguments: ["socks5://x:1", "http://", "https://x:1"]) func proxyOfAnotherKindIsRefusedWithoutBeingShown(
        text: String
    ) {
        #expect {
            try HubSettings(environment: ["ALL_PROXY": text])
        } throws: { "\($0)" == "ALL_PROXY can't be used: an address like http://proxy:3128 is wanted" }
    }
}
