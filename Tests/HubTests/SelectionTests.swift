import Hub
import Testing

/// Which files of a repository are downloaded, sorted, and what is opened of them, or the error.
private func chosen(_ paths: [String], _ name: String = "org/name", isText: Bool = false, index: String? = nil)
    async throws -> String
{
    let trial = try Trial()
    var files = paths.map { FakeRepository.File(path: $0, bytes: Array($0.utf8)) }
    if let index { files.append(.init(path: "model.safetensors.index.json", bytes: Array(index.utf8))) }
    let repository = FakeRepository(files: files)
    return try await FakeHost.run(repository.answer) { host in
        let hub = try trial.hub(host.url)
        let name = try HubModelName(name)
        return await message {
            let path = isText ? try await hub.textFiles(name) : try await hub.model(name)
            let opened = path.split(separator: repository.commit, maxSplits: 1, omittingEmptySubsequences: false)[1]
            let files = host.requests.filter { $0.uri.contains("/resolve/") }.map { request in
                request.uri.split(separator: "/")[4...].joined(separator: "/")
            }
            return "\(files.sorted().joined(separator: " ")) -> \(opened)"
        }.replacing("no error, but ", with: "")
    }
}

@Suite struct SelectionTests {
    @Test(arguments: [
        (
            ["config.json", "model.safetensors", "pytorch_model.bin", "model.gguf", ".gitattributes", "LICENSE"],
            "config.json model.safetensors -> "
        ),
        (
            ["consolidated.safetensors", "model.safetensors", "model.fp16.safetensors", "params.json", "tekken.json"],
            "model.safetensors tekken.json -> "
        ),
        (
            ["consolidated.safetensors", "params.json"],
            "org/name has neither safetensors nor GGUF weights; it has consolidated.safetensors, params.json"
        ),
        (
            [
                "a-00001-of-00002.safetensors", "a-00002-of-00002.safetensors", "adapter_model.safetensors",
                "x/b.safetensors",
            ],
            "a-00001-of-00002.safetensors a-00002-of-00002.safetensors -> "
        ),
        (
            [
                "model.safetensors", "1_Pooling/config.json", "modules.json", "vocab.txt", "onnx/model.onnx",
                "additional_chat_templates/tools.jinja", "chat_template.jinja", "2_Dense/config.json",
            ],
            "1_Pooling/config.json additional_chat_templates/tools.jinja chat_template.jinja model.safetensors modules.json vocab.txt -> "
        ),
        (["x-Q8_0.gguf", "README.md", "config.json"], "x-Q8_0.gguf -> /x-Q8_0.gguf"),
        (["x-Q8_0.gguf", "x-Q4_K_M.gguf", "x-Q4_K_S.gguf", "mmproj-Q4_K_M.gguf"], "x-Q4_K_M.gguf -> /x-Q4_K_M.gguf"),
        (
            ["d/x-00002-of-00002.gguf", "d/x-00001-of-00002.gguf"],
            "d/x-00001-of-00002.gguf d/x-00002-of-00002.gguf -> /d/x-00001-of-00002.gguf"
        ),
    ]) func weightsAreChosenBySafety(paths: [String], expected: String) async throws {
        #expect(try await chosen(paths) == expected)
    }

    @Test func indexSaysWhichWeightsThereAre() async throws {
        let index = #"{"weight_map": {"a": "m-2.safetensors", "b": "m-1.safetensors", "c": "m-2.safetensors"}}"#
        let paths = ["config.json", "m-1.safetensors", "m-2.safetensors", "other.safetensors"]
        #expect(
            try await chosen(paths, index: index)
                == "config.json m-1.safetensors m-2.safetensors model.safetensors.index.json -> "
        )
        #expect(try await chosen(paths, isText: true, index: index) == "config.json -> ")
    }

    static let quantized = [
        "X-Q4_K_M.gguf", "X-Q4_K_S.gguf", "X-Q4_0.gguf", "X-Q4_0_4_4.gguf", "X.IQ4_XS.gguf", "X_f16.gguf",
        "X-UD-Q4_K_XL.gguf",
        "Q8_0/X-Q8_0-00001-of-00002.gguf", "Q8_0/X-Q8_0-00002-of-00002.gguf", "model.safetensors", "config.json",
    ]

    @Test(arguments: [
        ("Q4_K_M", "X-Q4_K_M.gguf -> /X-Q4_K_M.gguf"), ("q4_k_s", "X-Q4_K_S.gguf -> /X-Q4_K_S.gguf"),
        ("Q4_0", "X-Q4_0.gguf -> /X-Q4_0.gguf"), ("iq4_xs", "X.IQ4_XS.gguf -> /X.IQ4_XS.gguf"),
        ("F16", "X_f16.gguf -> /X_f16.gguf"), ("UD-Q4_K_XL", "X-UD-Q4_K_XL.gguf -> /X-UD-Q4_K_XL.gguf"),
        ("X-Q4_0.gguf", "X-Q4_0.gguf -> /X-Q4_0.gguf"),
        ("Q8_0", "Q8_0/X-Q8_0-00001-of-00002.gguf Q8_0/X-Q8_0-00002-of-00002.gguf -> /Q8_0/X-Q8_0-00001-of-00002.gguf"),
        (
            "Q4_K",
            "org/name has no GGUF file of 'Q4_K'; it has Q8_0, Q4_0, Q4_0_4_4, Q4_K_M, Q4_K_S, Q4_K_XL, IQ4_XS, X_f16.gguf"
        ),
        (
            "X",
            "org/name has several GGUF files of 'X': name one as org/name:NAME, of Q8_0, Q4_0, Q4_0_4_4, Q4_K_M, Q4_K_S, Q4_K_XL, IQ4_XS"
        ),
    ]) func quantizationIsChosenByTheNameBehindTheColon(selector: String, expected: String) async throws {
        #expect(try await chosen(Self.quantized, "org/name:\(selector)") == expected)
    }

    @Test(arguments: [
        (["X-Q5_0.gguf", "X-Q8_0.gguf"], "org/name has several GGUF files: name one as org/name:NAME, of Q5_0, Q8_0"),
        (
            ["config.json", "pytorch_model.bin"],
            "org/name has its weights only as 'pytorch_model.bin', a format that can run code"
        ),
        (["README.md"], "org/name has neither safetensors nor GGUF weights; it has README.md"),
        (
            ["x-00001-of-00003.gguf", "x-00003-of-00003.gguf"],
            "org/name has neither safetensors nor GGUF weights; it has x-"
        ),
        (
            ["adapter_model.safetensors", "adapter_config.json"],
            "org/name has neither safetensors nor GGUF weights; it has adapter_"
        ),
    ]) func whatCannotBeServedIsSaid(paths: [String], expected: String) async throws {
        #expect(try await chosen(paths).hasPrefix(expected))
    }

    @Test(arguments: [
        (["config.json", "tokenizer.json", "model.safetensors"], "config.json tokenizer.json -> "),
        (["config.json", "tokenizer.model", "pytorch_model.bin"], "config.json tokenizer.model -> "),
        (["config.json", "x.gguf"], "x.gguf -> /x.gguf"),
    ]) func textNeedsNoWeightsOfTheirOwn(paths: [String], expected: String) async throws {
        #expect(try await chosen(paths, isText: true) == expected)
    }
}
