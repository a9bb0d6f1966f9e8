/// A model's name on a hub, `org/name` or `name`, with what to take of it behind a colon: `org/name:Q4_K_M`.
///
/// The rules are those of `huggingface_hub` (`validate_repo_id`), so that a name makes the same folder in the cache.
public struct HubModelName: Sendable, Hashable {
    /// The repository: `org/name` or `name`.
    public let repository: String
    /// The quantization or the GGUF file's name behind the colon.
    public let selector: String?

    /// Most characters of a repository's name, and of what follows it.
    private static let longest = 96
    /// Ends of names of files: what has one is a mistyped path.
    private static let fileSuffixes = [".gguf", ".safetensors", ".json", ".bin", ".engine", ".git"]

    /// Reads a name.
    ///
    /// - Throws: `HubError.invalidName` saying what a name can't have.
    public init(_ text: String) throws(HubError) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        repository = String(parts[0])
        selector = parts.count == 2 ? String(parts[1]) : nil
        if let reason = Self.fault(repository: repository) ?? selector.flatMap(Self.fault(selector:)) {
            throw .invalidName(text, reason: reason)
        }
    }

    /// The name as it was given.
    public var text: String { selector.map { "\(repository):\($0)" } ?? repository }

    private static func fault(repository: String) -> String? {
        let parts = repository.split(separator: "/", omittingEmptySubsequences: false)
        if parts.count > 2 || parts.contains(where: \.isEmpty) { return "a name is 'org/name'" }
        guard repository.utf8.count <= longest else { return "a name has at most \(longest) characters" }
        guard repository.utf8.allSatisfy({ isWordByte($0) || $0 == UInt8(ascii: "/") }) else {
            return "a name has letters, digits, '-', '_' and '.' only"
        }
        for part in parts where "-.".contains(part.first ?? "-") || "-.".contains(part.last ?? "-") {
            return "the parts of a name neither begin nor end with '-' or '.'"
        }
        for pair in ["--", ".."] where repository.contains(pair) { return "a name doesn't have '\(pair)'" }
        return fileSuffixes.first { repository.lowercased().hasSuffix($0) }.map { "a name doesn't end with '\($0)'" }
    }

    private static func fault(selector: String) -> String? {
        guard (1...longest).contains(selector.utf8.count) else {
            return "behind the colon stand from 1 to \(longest) characters, the quantization"
        }
        guard selector.utf8.allSatisfy({ isWordByte($0) || $0 == UInt8(ascii: "/") }) else {
            return "a quantization has letters, digits, '-', '_' and '.' only"
        }
        return nil
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
            true
        default: false
        }
    }
}
