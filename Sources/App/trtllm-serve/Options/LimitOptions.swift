internal import ArgumentParser
internal import CommandSupport
internal import Engine
internal import Generation
package import Logging
internal import OpenAIProtocol
internal import Server

/// Bounds on what requests and clients may cost; `nil` where nothing was given: the defaults are those of the part that
/// keeps the bound.
package struct LimitOptions: ParsableArguments, Sendable {
    /// No options; ArgumentParser fills them in.
    package init() {}

    @Option(name: .customLong("max_connections"), help: "Most connections at once; more wait (default: 1024).")
    var maxConnections: Int?
    @Option(name: .customLong("max_body_bytes"), help: "Largest request body (default: 16777216).")
    var maxBodyBytes: Int?
    @Option(
        name: .customLong("max_pending_body_bytes"),
        help: "Most bytes of all request bodies being worked on (default: 167772160)."
    )
    var maxPendingBodyBytes: Int?
    @Option(
        name: .customLong("max_choices"),
        help: "Most choices of one request, its prompts times n (default: 1024)."
    )
    var maxChoices: Int?
    @Option(name: .customLong("max_stop_strings"), help: "Most stop strings of a request (default: 64).")
    var maxStopStrings: Int?
    @Option(
        name: .customLong("max_stop_bytes"),
        help: "Most bytes of all stop strings of a request (default: 16384)."
    )
    var maxStopBytes: Int?
    @Option(name: .customLong("max_logit_bias"), help: "Most entries of logit_bias (default: 4096).")
    var maxLogitBias: Int?
    @Option(
        name: .customLong("max_logprobs"),
        help: "Most alternatives per token that logprobs may ask for by number; -1 asks for all (default: 20)."
    )
    var maxLogProbabilities: Int?
    @Option(
        name: .customLong("max_logits_bytes"),
        help: "Most bytes of logits and scores that one answer may hold (default: 268435456)."
    )
    var maxLogitsBytes: Int?
    @Option(
        name: .customLong("max_stored_responses"),
        help: "Most responses of /v1/responses that are kept; 0: none is (default: 1024)."
    )
    var maxStoredResponses: Int?
    @Option(
        name: .customLong("max_stored_response_bytes"),
        help: "Most bytes of all responses that are kept (default: 67108864)."
    )
    var maxStoredResponseBytes: Int?
    @Option(
        name: .customLong("stored_response_seconds"),
        help: "How long a response is kept (default: 3600)."
    )
    var storedResponseSeconds: Int?
    @Flag(
        name: .customLong("allow_request_chat_template"),
        help: "Let requests bring a chat template of their own."
    )
    var allowsRequestChatTemplate = false
    @Option(
        name: .customLong("chat_template_timeout_ms"),
        help: "How long rendering a chat template may take (default: 1000)."
    )
    var chatTemplateMilliseconds: Int?
    @Option(
        name: .customLong("max_iteration_ms"),
        help: "How long an iteration may take while requests stream (default: 50)."
    )
    var iterationMilliseconds: Int?
    @Option(
        name: .customLong("max_prefill_iteration_ms"),
        help: "How long an iteration may take when only prompts are computed (default: 250)."
    )
    var prefillIterationMilliseconds: Int?
    @Option(
        name: .customLong("cors_origins"),
        help: "Origins, separated by commas, whose pages may use the API; '*' is all (default: none)."
    )
    var corsOrigins: String?
    @Option(
        name: .customLong("allowed_hosts"),
        help: "Names, separated by commas, that Host may hold beside the address listened on; '*' is all."
    )
    var allowedHosts: String?

    /// Checks ranges, so that a bad value is a usage error.
    package mutating func validate() throws {
        for (name, value, range) in integers { try OptionRange.check(name, value, in: range) }
        for origin in Self.list(corsOrigins) where origin != "*" && !origin.lowercased().contains(Self.originForm) {
            throw ValidationError(
                "--cors_origins holds '\(origin)', but an origin is '*' or like 'https://example.com:8443'"
            )
        }
        for host in Self.list(allowedHosts) where host != "*" && !host.contains(Self.hostForm) {
            throw ValidationError(
                "--allowed_hosts holds '\(host)', but a host is '*', a name or an address, without a scheme"
            )
        }
        if let largest = maxBodyBytes, let all = maxPendingBodyBytes, all < largest {
            throw ValidationError(
                "--max_pending_body_bytes is \(all), but must be at least --max_body_bytes (\(largest))"
            )
        }
    }

    /// A scheme, a host, and perhaps a port: what browsers send as `Origin`.
    private static var originForm: Regex<Substring> { /^[a-z][a-z0-9+.\-]*:\/\/[^\/\s?#@]+$/ }
    /// What `Host` may hold.
    private static var hostForm: Regex<Substring> { /^[^\/\s?#@]+$/ }

    private var integers: [(name: String, value: Int?, range: ClosedRange<Int>)] {
        [
            ("--max_connections", maxConnections, OptionRange.count),
            ("--max_body_bytes", maxBodyBytes, OptionRange.bytes),
            ("--max_pending_body_bytes", maxPendingBodyBytes, OptionRange.bytes),
            ("--max_choices", maxChoices, OptionRange.count),
            ("--max_stop_strings", maxStopStrings, OptionRange.count),
            ("--max_stop_bytes", maxStopBytes, OptionRange.textBytes),
            ("--max_logit_bias", maxLogitBias, OptionRange.count),
            ("--max_logprobs", maxLogProbabilities, OptionRange.unusedCount),
            ("--max_logits_bytes", maxLogitsBytes, OptionRange.bytes),
            ("--max_stored_responses", maxStoredResponses, OptionRange.unusedCount),
            ("--max_stored_response_bytes", maxStoredResponseBytes, OptionRange.bytes),
            ("--stored_response_seconds", storedResponseSeconds, OptionRange.count),
            ("--chat_template_timeout_ms", chatTemplateMilliseconds, OptionRange.milliseconds),
            ("--max_iteration_ms", iterationMilliseconds, OptionRange.milliseconds),
            ("--max_prefill_iteration_ms", prefillIterationMilliseconds, OptionRange.milliseconds),
        ]
    }

    /// The limits that were given, for the log.
    package var metadata: Logger.Metadata {
        var metadata: Logger.Metadata = [:]
        for case (let name, let value?, _) in integers { metadata[String(name.dropFirst(2))] = "\(value)" }
        if allowsRequestChatTemplate { metadata["allow_request_chat_template"] = "true" }
        if let corsOrigins { metadata["cors_origins"] = "\(corsOrigins)" }
        if let allowedHosts { metadata["allowed_hosts"] = "\(allowedHosts)" }
        return metadata
    }

    /// The HTTP side's share.
    func apply(to serving: inout ServingConfiguration) {
        serving.maxConnections = maxConnections ?? serving.maxConnections
        serving.maxBodyBytes = maxBodyBytes ?? serving.maxBodyBytes
        serving.maxPendingBodyBytes = maxPendingBodyBytes ?? max(serving.maxPendingBodyBytes, serving.maxBodyBytes)
        serving.maxStoredResponses = maxStoredResponses ?? serving.maxStoredResponses
        serving.maxStoredResponseBytes = maxStoredResponseBytes ?? serving.maxStoredResponseBytes
        serving.storedResponseSeconds = storedResponseSeconds.map { Double($0) } ?? serving.storedResponseSeconds
        serving.corsOrigins = Self.list(corsOrigins)
        serving.allowedHosts = Self.list(allowedHosts)
        serving.limits.totalChoices = maxChoices ?? serving.limits.totalChoices
        serving.limits.stopStrings = maxStopStrings ?? serving.limits.stopStrings
        serving.limits.stopBytes = maxStopBytes ?? serving.limits.stopBytes
        serving.limits.logitBiases = maxLogitBias ?? serving.limits.logitBiases
        serving.limits.logProbabilities = maxLogProbabilities ?? serving.limits.logProbabilities
        serving.limits.logitBytes = maxLogitsBytes ?? serving.limits.logitBytes
        serving.limits.allowsChatTemplate = allowsRequestChatTemplate
    }

    /// The engine's share.
    func apply(to engine: inout EngineConfiguration) {
        engine.iterationSecondsBesideDecoding =
            iterationMilliseconds.map { Double($0) / 1000 } ?? engine.iterationSecondsBesideDecoding
        engine.iterationSeconds = prefillIterationMilliseconds.map { Double($0) / 1000 } ?? engine.iterationSeconds
    }

    /// The text stage's share.
    var textLimits: TextLimits {
        var limits = TextLimits()
        limits.templateDuration = chatTemplateMilliseconds.map { .milliseconds($0) } ?? limits.templateDuration
        return limits
    }

    private static func list(_ text: String?) -> [String] {
        (text ?? "").split(separator: ",").map { item in
            String(item.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }
    }
}
