/// Why the program can't start; the message says what to change.
package enum StartupError: Error, Sendable, Hashable, CustomStringConvertible {
    /// A file or stream can't be read.
    case unreadable(file: String, reason: String)
    /// A file or stream can't be written.
    case unwritable(file: String, reason: String)
    /// The options file isn't YAML.
    case malformedOptions(file: String, reason: String)
    /// A key of the options file that nobody knows.
    case unknownKey(file: String, key: String, known: [String])
    /// A key of the options file with a value of another type.
    case wrongType(file: String, key: String, value: String, expected: String)
    /// A setting out of its range.
    case outOfRange(setting: String, value: String, allowed: String)
    /// Something the reference does and this program doesn't, or not yet.
    case notSupported(String)
    /// A value that isn't what the command wants.
    case invalid(String)
    /// Not enough memory for the KV cache.
    case tooLittleMemory(String)

    package var description: String {
        switch self {
        case .unreadable(let file, let reason): "can't read \(file): \(reason)"
        case .unwritable(let file, let reason): "can't write \(file): \(reason)"
        case .malformedOptions(let file, let reason): "\(file) is not a YAML mapping of options: \(reason)"
        case .unknownKey(let file, let key, let known):
            "\(file): unknown key '\(key)'" + (known.isEmpty ? "" : "; known here: \(known.joined(separator: ", "))")
        case .wrongType(let file, let key, let value, let expected):
            "\(file): \(key) is \(value), but must be \(expected)"
        case .outOfRange(let setting, let value, let allowed): "\(setting) is \(value), but must be \(allowed)"
        case .notSupported(let what): "\(what) is not supported yet"
        case .invalid(let reason): reason
        case .tooLittleMemory(let reason): reason
        }
    }
}
