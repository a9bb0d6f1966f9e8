internal import ArgumentParser
package import CommandSupport

/// The keys that let requests in.
package struct KeyOptions: ParsableArguments, Sendable {
    /// No options; ArgumentParser fills them in.
    package init() {}

    @Option(
        name: .customLong("api_key"),
        help: """
            A key that requests must bring; may be repeated. Others on this machine can see it: --api_key_file or \
            TRTLLM_API_KEY hide it.
            """
    )
    var keys: [String] = []
    @Option(name: .customLong("api_key_file"), help: "A file of such keys, one on each line.")
    var file: String?

    /// The variable with one or more keys, separated by commas.
    package static let variable = "TRTLLM_API_KEY"
    private static let fileLimit = 1 << 20
    private static let longestKey = 512

    /// All keys: those of the options, of the file and of the environment.
    ///
    /// - Throws: `StartupError` when the file can't be read or a key can't be sent in a header field.
    package func all(environment: [String: String]) throws(StartupError) -> [String] {
        var all: [String] = []
        for key in keys { all.append(try Self.checked(key, from: "--api_key")) }
        if let file {
            let text = String(decoding: try InputFile.read(file, limit: Self.fileLimit), as: UTF8.self)
            let lines = text.split(whereSeparator: \.isNewline).filter { !$0.allSatisfy(\.isWhitespace) }
            guard !lines.isEmpty else { throw .invalid("--api_key_file: \(file) has no keys") }
            for line in lines { all.append(try Self.checked(String(line), from: "--api_key_file")) }
        }
        for key in (environment[Self.variable] ?? "").split(separator: ",") {
            all.append(try Self.checked(String(key), from: Self.variable))
        }
        return all
    }

    /// A key as it came, unless it can't be one; the message doesn't repeat it.
    private static func checked(_ key: String, from source: String) throws(StartupError) -> String {
        guard (1...longestKey).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            let allowed = "1 to \(longestKey) printable ASCII characters without spaces"
            throw .outOfRange(setting: source, value: "a key of \(key.utf8.count) bytes", allowed: allowed)
        }
        return key
    }
}
