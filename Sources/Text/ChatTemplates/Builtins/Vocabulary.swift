/// The names that mean something to every template, for tests that try them all.
package enum Vocabulary {
    /// What may stand behind `|`.
    package static let filters = Filter.allCases.map(\.rawValue)
    /// What may stand behind `is`.
    package static let tests = Predicate.allCases.map(\.rawValue)
    /// What texts can do.
    package static let textMethods = StringMethod.allCases.map(\.rawValue)
    /// What dictionaries can do.
    package static let dictionaryMethods = DictionaryMethod.allCases.map(\.rawValue)
    /// What can be called without more.
    package static let functions = Function.allCases.map(\.rawValue)
}
