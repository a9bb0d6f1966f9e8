// swift-tools-version:6.2
import PackageDescription

/// Settings of every Swift target: strict imports, every warning an error.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

/// Targets that are optimized in debug builds too: masks are found between the steps of a batch, which mustn't wait.
let quick: Set = ["GuidedDecoding"]
let optimized: [SwiftSetting] = [.unsafeFlags(["-O"], .when(configuration: .debug))]

/// A library target in its storey's folder; dependencies are this package's own targets.
func room(
    _ storey: String,
    _ name: String,
    _ own: [String] = [],
    external: [Target.Dependency] = [],
) -> Target {
    .target(
        name: name,
        dependencies: own.map { .byName(name: $0) } + external,
        path: "Sources/\(storey)/\(name)",
        swiftSettings: strict + (quick.contains(name) ? optimized : []),
    )
}

/// A program in the top storey.
func program(_ name: String, _ own: [String], external: [Target.Dependency] = []) -> Target {
    .executableTarget(
        name: name,
        dependencies: own.map { .byName(name: $0) } + external,
        path: "Sources/App/\(name)",
        swiftSettings: strict,
    )
}

/// The unit tests of one target; fixtures are read by path from the source tree.
func tests(_ name: String, _ own: [String], external: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: name,
        dependencies: own.map { .byName(name: $0) } + external,
        path: "Tests/\(name)",
        exclude: [],
        swiftSettings: strict,
    )
}

let collections = Target.Dependency.product(name: "OrderedCollections", package: "swift-collections")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let asyncHTTPClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let package = Package(
    name: "trtllm-serve",
    products: [
        .executable(name: "trtllm-serve", targets: ["trtllm-serve"]),
        .executable(name: "trtllm-build", targets: ["trtllm-build"]),
        .executable(name: "trtllm-bench", targets: ["trtllm-bench"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
    ],
    targets: [
        // App: flags, files, wiring
        program(
            "trtllm-serve",
            [
                "CommandSupport", "Server", "OpenAIProtocol", "Generation", "Engine", "Models", "Tensors", "Parallel",
                "Checkpoints",
                "EngineCache", "Hub", "ChatTemplates", "Tokenization", "OrderedJSON",
            ],
            external: [argumentParser, yams, logging, lifecycle, signals]
        ),
        program(
            "trtllm-build",
            ["CommandSupport", "Models", "Tensors", "Checkpoints", "Hub"],
            external: [argumentParser]
        ),
        room(
            "App",
            "CommandSupport",
            ["Generation", "ChatTemplates", "Tokenization", "Models", "Checkpoints", "Hub"],
            external: [argumentParser]
        ),
        program(
            "trtllm-bench",
            [
                "CommandSupport", "Engine", "GuidedDecoding", "RequestParameters", "Models", "Tensors", "Parallel",
                "Checkpoints", "Tokenization", "OrderedJSON",
            ],
            external: [argumentParser, nioCore, nioPosix, nioHTTP1]
        ),
        // Front: HTTP bytes <-> validated wire requests, SSE bytes
        room(
            "Front",
            "Server",
            [
                "OpenAIProtocol", "Generation", "Engine", "GuidedDecoding", "RequestParameters", "Models",
                "OrderedJSON",
            ],
            external: [nioCore, nioPosix, nioHTTP1, httpTypes, logging, lifecycle]
        ),
        room("Front", "OpenAIProtocol", ["RequestParameters", "OrderedJSON"]),
        // Text: messages <-> prompt <-> tokens <-> text
        room(
            "Text",
            "Generation",
            [
                "ChatTemplates", "Tokenization", "Engine", "GuidedDecoding", "RequestParameters", "Models",
                "Checkpoints", "OrderedJSON",
            ]
        ),
        room("Text", "ChatTemplates", ["OrderedJSON"]),
        room("Text", "Tokenization", ["OrderedJSON"]),
        // Engine: requests, in-flight batching, paged KV cache, sampling
        room("Engine", "Engine", ["Models", "GuidedDecoding", "RequestParameters"]),
        room("Engine", "RequestParameters"),
        room("Engine", "GuidedDecoding", ["OrderedJSON"]),
        // Model: tokens -> logits; bytes on disk -> named tensors
        room("Model", "Models", ["Checkpoints", "Tensors", "Parallel", "CPUKernels"]),
        room("Model", "Checkpoints", ["Tensors", "OrderedJSON"]),
        room("Model", "EngineCache", ["Checkpoints"], external: [crypto]),
        room(
            "Model",
            "Hub",
            ["Checkpoints", "OrderedJSON"],
            external: [asyncHTTPClient, crypto, nioCore, nioPosix, nioHTTP1, nioSSL]
        ),
        // Compute: packed matrices, threads, kernels, ranks
        room("Compute", "Tensors", ["CPUKernels"]),
        room("Compute", "Parallel", ["CRanks", "CMPI"], external: [crypto]),
        .target(
            name: "CPUKernels",
            path: "Sources/Compute/CPUKernels",
            cSettings: [.unsafeFlags(["-O3", "-Wall", "-Werror"])]
        ),
        .target(
            name: "CRanks",
            path: "Sources/Compute/CRanks",
            cSettings: [.unsafeFlags(["-O3", "-Wall", "-Werror"])]
        ),
        .target(
            name: "CMPI",
            path: "Sources/Compute/CMPI",
            cSettings: [.unsafeFlags(["-O3", "-Wall", "-Werror"])]
        ),
        // Base
        room("Base", "OrderedJSON", [], external: [collections]),
        // Tests, one target each
        tests("ArchitectureTests", []),
        tests("OrderedJSONTests", ["OrderedJSON"]),
        tests("TensorsTests", ["Tensors", "CPUKernels"]),
        tests("ParallelTests", ["Parallel"]),
        tests("CheckpointsTests", ["Checkpoints", "Tensors", "OrderedJSON"]),
        tests("EngineCacheTests", ["EngineCache", "Models", "Checkpoints", "Tensors"]),
        tests("HubTests", ["Hub"], external: [crypto, nioCore, nioPosix, nioHTTP1]),
        tests("ModelsTests", ["Models", "Checkpoints", "Tensors", "Parallel", "CPUKernels"]),
        tests(
            "EngineTests",
            ["Engine", "GuidedDecoding", "RequestParameters", "Models", "Checkpoints", "Tensors"]
        ),
        tests("GuidedDecodingTests", ["GuidedDecoding", "OrderedJSON"]),
        tests("TokenizationTests", ["Tokenization", "OrderedJSON"]),
        tests("ChatTemplatesTests", ["ChatTemplates", "OrderedJSON"]),
        tests(
            "GenerationTests",
            [
                "Generation", "Engine", "GuidedDecoding", "RequestParameters", "Models", "Checkpoints", "Tokenization",
                "ChatTemplates", "OrderedJSON",
            ]
        ),
        tests("OpenAIProtocolTests", ["OpenAIProtocol", "RequestParameters", "OrderedJSON"]),
        tests(
            "BenchCommandTests",
            ["trtllm-bench", "GuidedDecoding", "OrderedJSON", "Tensors"],
            external: [argumentParser]
        ),
        tests(
            "ServeCommandTests",
            ["trtllm-serve", "CommandSupport", "Engine", "Models", "Checkpoints", "Parallel"],
            external: [argumentParser]
        ),
        tests(
            "ServerTests",
            ["Server", "OpenAIProtocol", "Generation", "Engine", "RequestParameters", "OrderedJSON"],
            external: [logging]
        ),
    ],
)
