internal import CommandSupport

/// What a key of the options file may be, and what becomes of it here.
enum OptionRule: Sendable {
    /// Used: a value of this kind.
    case used(OptionKind)
    /// Known, but not built: only values that ask for nothing beyond what happens anyway; `null` always does.
    case only([OptionValue])
    /// Known, but without meaning on a CPU or in this design: any value, noted in the log.
    case noEffect(OptionKind)
    /// A nested mapping with keys of its own.
    case section([String: OptionRule], required: [String] = [])
}

/// A type of value with its range.
enum OptionKind: Sendable {
    case flag
    case integer(ClosedRange<Int>, multipleOf: Int = 1)
    /// A share, above 0 and at most 1.
    case fraction
    case text
    case texts
    case choice([String])
    case oneOf([Int])
    case integers(ClosedRange<Int>)
    case anything

    /// Whether a value is of this kind.
    func accepts(_ value: OptionValue) -> Bool {
        switch (self, value) {
        case (.anything, _), (.flag, .bool), (.text, .string): true
        case (.integer(let range, let factor), .integer(let number)): range.contains(number) && number % factor == 0
        case (.fraction, .number(let number)): number > 0 && number <= 1
        case (.fraction, .integer(let number)): number == 1
        case (.choice(let names), .string(let name)): names.contains(name)
        case (.oneOf(let numbers), .integer(let number)): numbers.contains(number)
        case (.texts, .list(let elements)):
            elements.allSatisfy { if case .string = $0 { true } else { false } }
        case (.integers(let range), .list(let elements)):
            elements.allSatisfy { if case .integer(let number) = $0 { range.contains(number) } else { false } }
        default: false
        }
    }

    /// For the end of "must be".
    var description: String {
        switch self {
        case .flag: "true or false"
        case .integer(let range, let factor):
            (factor == 1 ? "an integer " : "a multiple of \(factor) ") + OptionRange.words(range)
        case .fraction: "a number above 0 and at most 1"
        case .text: "a string"
        case .texts: "a list of strings"
        case .choice(let names): "one of \(names.joined(separator: ", "))"
        case .oneOf(let numbers): "one of \(numbers.map(String.init).joined(separator: ", "))"
        case .integers(let range): "a list of integers \(OptionRange.words(range))"
        case .anything: "anything"
        }
    }
}
