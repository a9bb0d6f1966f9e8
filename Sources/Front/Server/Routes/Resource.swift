import NIOHTTP1

/// What a path names.
enum Resource: Equatable {
    case health
    case version
    case models
    case model(String)
    case metrics
    case prometheusMetrics
    case completions
    case chatCompletions
    case tokenize
    case detokenize

    /// The resource of a request's path; its query is ignored.
    init?(path: String) {
        let path = path.prefix { $0 != "?" && $0 != "#" }
        switch path {
        case "/health": self = .health
        case "/version": self = .version
        case "/v1/models": self = .models
        case "/metrics": self = .metrics
        case "/prometheus/metrics": self = .prometheusMetrics
        case "/v1/completions": self = .completions
        case "/v1/chat/completions": self = .chatCompletions
        case "/tokenize": self = .tokenize
        case "/detokenize": self = .detokenize
        default:
            let prefix = "/v1/models/"
            guard path.hasPrefix(prefix), path.count > prefix.count else { return nil }
            self = .model(Self.percentDecoded(path.dropFirst(prefix.count)))
        }
    }

    /// The methods it has.
    var methods: [HTTPMethod] {
        switch self {
        case .health, .version, .models, .model, .metrics, .prometheusMetrics: [.GET, .HEAD]
        case .completions, .chatCompletions, .tokenize, .detokenize: [.POST]
        }
    }

    private static func percentDecoded(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
