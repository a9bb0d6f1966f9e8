extension HubError: CustomStringConvertible {
    /// The message for people.
    public var description: String {
        switch self {
        case .invalidName(let name, let reason): "'\(name.shortened)' isn't the name of a model on a hub: \(reason)"
        case .invalidRevision(let text, let reason): "'\(text.shortened)' can't be a revision: \(reason)"
        case .invalidSetting(let variable, let reason): "\(variable) can't be used: \(reason)"
        case .notCached(let repository, let revision, let missing, let cache):
            "\(repository) at revision \(revision.shortened) isn't complete in \(cache), and HF_HUB_OFFLINE is set: "
                + (missing.isEmpty ? "nothing of it is there" : "\(Self.list(missing)) missing")
        case .missingRepository, .missingRevision, .missingFile, .gated, .invalidToken: accessMessage
        case .unreachable, .unavailable, .refused, .malformedAnswer: answerMessage
        case .hostileFileName, .noChecksum, .wrongSize, .wrongChecksum, .diskFull, .inaccessible: fileMessage
        case .pickledWeights, .noModel, .noSuchQuantization: contentMessage
        }
    }

    private var accessMessage: String {
        switch self {
        case .missingRepository(let name, let host, let nearest, let isLoggedIn):
            "\(host) has no model '\(name)'" + (isLoggedIn ? " that your token may see" : "")
                + (nearest.isEmpty ? "" : "; did you mean \(nearest.joined(separator: " or "))?")
                + (isLoggedIn ? "" : " (for a private one, set HF_TOKEN)")
        case .missingRevision(let repository, let revision): "\(repository) has no revision '\(revision.shortened)'"
        case .missingFile(let repository, let file): "\(repository) has no file '\(file.shortened)'"
        case .gated(let repository, let host, let isLoggedIn):
            "\(repository) is given only to those who have accepted its conditions: do so at \(host)/\(repository)"
                + (isLoggedIn ? " with the account of your token" : " and set HF_TOKEN to a token of your account")
        case .invalidToken(let source, let host): "\(host) doesn't know the token of \(source)"
        default: ""
        }
    }

    private var answerMessage: String {
        switch self {
        case .unreachable(let host, let reason): "\(host) can't be reached: \(reason)"
        case .unavailable(let host, let status, let seconds):
            "\(host) can't answer now (status \(status))" + (seconds.map { ", and asks to wait \($0) s" } ?? "")
        case .refused(let what, let status, let reason):
            "\(what): status \(status)" + (reason.isEmpty ? "" : ": \(reason.shortened)")
        case .malformedAnswer(let what, let reason): "\(what): the answer can't be used: \(reason)"
        default: ""
        }
    }

    private var fileMessage: String {
        switch self {
        case .hostileFileName(let repository, let file, let reason):
            "\(repository) is refused: the name of its file '\(file.shortened)' can't be used: \(reason)"
        case .noChecksum(let repository, let file):
            "\(repository): the hub gives no SHA-256 or Git hash to check '\(file.shortened)' with"
        case .wrongSize(let file, let expected, let found):
            "'\(file.shortened)' came with \(found) bytes instead of \(expected)"
        case .wrongChecksum(let file, let expected, let found):
            "'\(file.shortened)' came damaged: its hash is \(found) instead of \(expected)"
        case .diskFull(let path, let needs, let has):
            "\(path): \(needs) more bytes are needed, \(has) are free; HF_HUB_CACHE names another place"
        case .inaccessible(let path, let reason): "\(path): \(reason)"
        default: ""
        }
    }

    private var contentMessage: String {
        switch self {
        case .pickledWeights(let repository, let file):
            """
            \(repository) has its weights only as '\(file.shortened)', a format that can run code when it is read; \
            convert them to safetensors: python -c "from transformers import AutoModelForCausalLM as M; \
            M.from_pretrained('\(repository)').save_pretrained('DIRECTORY', safe_serialization=True)"
            """
        case .noModel(let repository, let files):
            "\(repository) has neither safetensors nor GGUF weights; it has \(Self.list(files))"
        case .noSuchQuantization(let repository, let selector, let matches, let choices):
            if let selector, matches.isEmpty {
                "\(repository) has no GGUF file of '\(selector)'; it has \(Self.list(choices))"
            } else {
                "\(repository) has several GGUF files" + (selector.map { " of '\($0)'" } ?? "")
                    + ": name one as \(repository):NAME, of \(Self.list(matches.isEmpty ? choices : matches))"
            }
        default: ""
        }
    }

    /// The first few names, so that a hostile repository can't make a message of megabytes.
    private static func list(_ names: [String]) -> String {
        let most = 12
        if names.isEmpty { return "no files" }
        return names.prefix(most).map(\.shortened).joined(separator: ", ") + (names.count > most ? ", ..." : "")
    }
}
