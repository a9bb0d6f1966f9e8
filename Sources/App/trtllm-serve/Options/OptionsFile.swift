package import CommandSupport
internal import OpenAIProtocol

/// The YAML file of `--extra_llm_api_options`, checked against `OptionCatalog`.
///
/// A key nobody knows and a value of another type are errors at every level; so is a known key that asks for something
/// that isn't built. An empty file is one without options. `null` is as good as absent.
package struct OptionsFile: Sendable {
    /// What was accepted but does nothing here, for the log.
    package private(set) var notes: [String] = []
    private var values: [String: OptionValue] = [:]
    private var sections: Set<String> = []
    private let file: String

    /// No options.
    package init() { file = "" }

    /// Reads a file.
    ///
    /// - Throws: `StartupError` naming the file, and the key with its value and what would be allowed.
    package init(path: String) throws(StartupError) {
        let bytes = try InputFile.read(path, limit: OptionsText.byteLimit)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .malformedOptions(file: path, reason: "it isn't UTF-8")
        }
        try self.init(yaml: text, file: path)
    }

    /// Reads the text of a file.
    ///
    /// - Throws: `StartupError`, as `init(path:)`.
    package init(yaml: String, file: String) throws(StartupError) {
        self.file = file
        let value: OptionValue
        do {
            value = try OptionsText.value(of: yaml)
        } catch {
            throw .malformedOptions(file: file, reason: error.reason)
        }
        switch value {
        case .null: break
        case .mapping(let members): try check(members, OptionCatalog.root, prefix: "")
        case let other: throw .malformedOptions(file: file, reason: "it is \("\(other)".excerpt)")
        }
    }

    /// Whether a section was given: it replaces what the command line says about the same things.
    package func hasSection(_ key: String) -> Bool { sections.contains(key) }

    /// The flag of the first of these keys that is given; nested keys are written `section.key`.
    package func flag(_ keys: String...) -> Bool? {
        if case .bool(let flag) = first(keys) { flag } else { nil }
    }

    /// The integer of the first of these keys that is given.
    package func integer(_ keys: String...) -> Int? {
        if case .integer(let number) = first(keys) { number } else { nil }
    }

    /// The number of the first of these keys that is given.
    package func number(_ keys: String...) -> Double? {
        switch first(keys) {
        case .integer(let number): Double(number)
        case .number(let number): number
        default: nil
        }
    }

    /// The string of the first of these keys that is given.
    package func text(_ keys: String...) -> String? {
        if case .string(let text) = first(keys) { text } else { nil }
    }

    /// The list of strings of a key, if it is given.
    package func texts(_ key: String) -> [String]? {
        guard case .list(let elements) = values[key] else { return nil }
        return elements.compactMap { element -> String? in if case .string(let text) = element { text } else { nil } }
    }

    /// The list of integers of a key, if it is given.
    package func integers(_ key: String) -> [Int]? {
        guard case .list(let elements) = values[key] else { return nil }
        return elements.compactMap { element -> Int? in if case .integer(let number) = element { number } else { nil } }
    }

    private func first(_ keys: [String]) -> OptionValue? { keys.lazy.compactMap { values[$0] }.first }

    private mutating func check(
        _ members: [OptionMember],
        _ rules: [String: OptionRule],
        prefix: String,
    ) throws(StartupError) {
        for member in members {
            let name = prefix + member.key.excerpt
            guard let rule = rules[member.key] else {
                throw .unknownKey(file: file, key: name, known: prefix.isEmpty ? [] : rules.keys.sorted())
            }
            if member.value != .null { try check(member.value, rule, name: name) }
        }
    }

    private mutating func check(_ value: OptionValue, _ rule: OptionRule, name: String) throws(StartupError) {
        switch rule {
        case .used(let kind):
            try check(value, is: kind, name: name)
            values[name] = value
        case .noEffect(let kind):
            try check(value, is: kind, name: name)
            notes.append("\(name) has no effect here")
        case .only(let allowed):
            if !allowed.contains(value) { throw .notSupported("\(name): \("\(value)".excerpt)") }
        case .section(let rules, let required):
            guard case .mapping(let members) = value else {
                throw .wrongType(file: file, key: name, value: value.description.excerpt, expected: "a mapping")
            }
            for key in required where !members.contains(where: { $0.key == key }) {
                throw .wrongType(file: file, key: "\(name).\(key)", value: "absent", expected: "given")
            }
            sections.insert(name)
            try check(members, rules, prefix: name + ".")
        }
    }

    private func check(_ value: OptionValue, is kind: OptionKind, name: String) throws(StartupError) {
        if !kind.accepts(value) {
            throw .wrongType(file: file, key: name, value: value.description.excerpt, expected: kind.description)
        }
    }
}
