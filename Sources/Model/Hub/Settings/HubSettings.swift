/// Where models come from and go to: the variables that Python's `huggingface_hub` reads, with its defaults.
public struct HubSettings: Sendable {
    /// The hub (`HF_ENDPOINT`).
    public let endpoint: HubEndpoint
    /// The cache's folder (`HF_HUB_CACHE`, else `hub` in `HF_HOME`).
    public let cache: String
    /// Who asks (`HF_TOKEN`, else the file of `HF_TOKEN_PATH` or `token` in `HF_HOME`).
    public let token: HubToken?
    /// Whether nothing may be asked (`HF_HUB_OFFLINE`).
    public let isOffline: Bool
    /// A file with the certificates to trust instead of the system's (`SSL_CERT_FILE`, `REQUESTS_CA_BUNDLE`).
    let certificates: String?
    let proxy: HubProxy?

    /// Reads them from an environment.
    ///
    /// - Throws: `HubError.invalidSetting` naming the variable.
    public init(environment: [String: String]) throws(HubError) {
        let variables = HubVariables(environment)
        let home =
            variables.path("HF_HOME")
            ?? (variables.path("XDG_CACHE_HOME") ?? variables.home + "/.cache") + "/huggingface"
        cache = variables.path("HF_HUB_CACHE") ?? variables.path("HUGGINGFACE_HUB_CACHE") ?? home + "/hub"
        endpoint = try HubEndpoint(variables.text("HF_ENDPOINT") ?? "https://huggingface.co", variable: "HF_ENDPOINT")
        token = try HubToken.find(variables, file: variables.path("HF_TOKEN_PATH") ?? home + "/token")
        proxy = try HubProxy.find(variables, for: endpoint.origin)
        isOffline = variables.flag("HF_HUB_OFFLINE") || variables.flag("TRANSFORMERS_OFFLINE")
        certificates = variables.path("SSL_CERT_FILE") ?? variables.path("REQUESTS_CA_BUNDLE")
    }
}

/// An environment, read as `huggingface_hub` does: an empty value is as good as none.
struct HubVariables {
    private let values: [String: String]

    init(_ values: [String: String]) { self.values = values }

    /// The user's folder.
    var home: String { text("HOME") ?? "/" }

    func text(_ name: String) -> String? { values[name].flatMap { $0.isEmpty ? nil : $0 } }

    func flag(_ name: String) -> Bool {
        ["1", "ON", "YES", "TRUE"].contains(text(name)?.uppercased() ?? "")
    }

    /// A path, with `~` and `$NAME` or `${NAME}` filled in.
    func path(_ name: String) -> String? {
        guard let text = text(name) else { return nil }
        let expanded = expand(text == "~" || text.hasPrefix("~/") ? home + text.dropFirst() : text)
        return expanded.count > 1 && expanded.hasSuffix("/") ? String(expanded.dropLast()) : expanded
    }

    /// The text with variables filled in; those that aren't there are left as they stand.
    private func expand(_ text: String) -> String {
        var result = ""
        var rest = text[...]
        while let dollar = rest.firstIndex(of: "$") {
            result += rest[..<dollar]
            let after = rest[rest.index(after: dollar)...]
            let isBraced = after.hasPrefix("{")
            let name = after.dropFirst(isBraced ? 1 : 0).prefix { $0 == "_" || $0.isLetter || $0.isNumber }
            let isClosed = !isBraced || after[name.endIndex...].hasPrefix("}")
            let end = isBraced && isClosed ? after.index(after: name.endIndex) : name.endIndex
            if isClosed, let value = values[String(name)] {
                result += value
            } else {
                result += rest[dollar..<end]
            }
            rest = rest[end...]
        }
        return result + rest
    }
}
