import Hub
import Testing

@Suite struct HubModelNameTests {
    @Test(
        arguments: [
            ("Qwen/Qwen2.5-0.5B-Instruct", "Qwen/Qwen2.5-0.5B-Instruct", nil), ("gpt2", "gpt2", nil),
            ("a_b/C.d-e:Q4_K_M", "a_b/C.d-e", "Q4_K_M"), ("org/name:sub/x-Q4_0.gguf", "org/name", "sub/x-Q4_0.gguf"),
            ("_/x_", "_/x_", nil),
        ] as [(String, String, String?)]
    ) func namesHaveARepositoryAndAQuantization(
        text: String,
        repository: String,
        selector: String?,
    ) throws {
        let name = try HubModelName(text)
        #expect(name.repository == repository)
        #expect(name.selector == selector)
        #expect(name.text == text)
    }

    @Test(arguments: [
        "", "/", "/abs/path", "./x", "../x", "~/x", "a/b/c", "a//b", "a/", "/a", "a b", "a/b c", "ä/b", "a/b\n", "-a/b",
        "a/b-", ".a/b", "a/b.", "a--b/c", "a..b", "a/b.gguf", "dir/model.safetensors", "a/b.git", "a/b:", "a/b:x y",
        "a/b:c:d", String(repeating: "a", count: 97), "a\0b/c",
    ]) func pathsAndNonsenseAreNotNames(text: String) {
        #expect {
            try HubModelName(text)
        } throws: { "\($0)".contains("isn't the name of a model on a hub: ") && "\($0)".utf8.count < 250 }
    }

    @Test(arguments: [
        ([:], "/home/me/.cache/huggingface/hub"), (["XDG_CACHE_HOME": "/x"], "/x/huggingface/hub"),
        (["HF_HOME": "~/hf/"], "/home/me/hf/hub"), (["HF_HOME": "/a", "HF_HUB_CACHE": "$HOME/b"], "/home/me/b"),
        (["HUGGINGFACE_HUB_CACHE": "/c"], "/c"),
        (["HF_HUB_CACHE": "/${NAME}/$NAME/$OTHER/${NAME"], "/me/me/$OTHER/${NAME"),
        (["HF_HUB_CACHE": ""], "/home/me/.cache/huggingface/hub"),
    ]) func cacheIsWherePythonHasIt(variables: [String: String], expected: String) throws {
        let own = ["HOME": "/home/me", "NAME": "me"]
        #expect(try HubSettings(environment: own.merging(variables) { $1 }).cache == expected)
    }

    @Test(arguments: ["huggingface.co", "ftp://x", "https://", "https://me@x", "https://x?y", "http://x y", ":"])
    func endpointThatIsNoAddressIsRefused(text: String) {
        #expect {
            try HubSettings(environment: ["HF_ENDPOINT": text])
        } throws: { "\($0)".hasPrefix("HF_ENDPOINT can't be used: ") }
    }
}
