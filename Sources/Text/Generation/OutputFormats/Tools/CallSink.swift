/// Where readers put the calls that they find; numbers them and gives them ids.
package struct CallSink: Sendable {
    /// What was found, calls and other text.
    package var deltas = DeltaBuilder()
    /// Calls that have begun.
    package private(set) var begun = 0
    /// Calls whose arguments are complete.
    package private(set) var completed = 0

    private let tools: ToolSet
    private let ids: CallIDs

    /// A sink for calls of some functions.
    package init(tools: ToolSet, ids: CallIDs) {
        self.tools = tools
        self.ids = ids
    }

    /// Whether a call has begun and isn't complete.
    package var isOpen: Bool { begun > completed }

    /// The functions' names.
    package var names: [String] { tools.names }

    /// Whether there is a function of this name.
    package func knows(_ name: String) -> Bool { tools.contains(name) }

    /// Begins a call.
    ///
    /// - Parameter id: The id that the model gave it.
    /// - Returns: whether there is such a function; if not, nothing has begun.
    package mutating func begin(name: String, id: String? = nil) -> Bool {
        guard knows(name) else { return false }
        deltas.appendCall(index: begun, id: id ?? ids.id(index: begun, name: name), name: name)
        begun += 1
        return true
    }

    /// Appends to the text of the call's arguments.
    package mutating func append(_ text: some Sequence<UInt8>) {
        deltas.append(text, to: .arguments(index: begun - 1))
    }

    /// The arguments are complete.
    package mutating func end() { completed = begun }

    /// The types that an argument of a function may have; `nil` where nothing is said of it.
    package func types(of argument: String, in function: String) -> ToolSet.Types? {
        tools.types(of: argument, in: function)
    }
}

/// How calls are named for clients, who send the names back with the results.
package struct CallIDs: Sendable {
    private let make: @Sendable (_ index: Int, _ name: String) -> String

    /// Ids made from a call's index and its function's name.
    package init(_ make: @escaping @Sendable (_ index: Int, _ name: String) -> String) { self.make = make }

    /// The id of a call.
    package func id(index: Int, name: String) -> String { make(index, name) }

    /// `call_` and 24 letters and digits.
    package static let random = CallIDs { _, _ in "call_" + letters(24) }
    /// Nine letters and digits, the only ids that Mistral's templates take.
    package static let nineLetters = CallIDs { _, _ in letters(9) }
    /// `functions.NAME:INDEX`, which Kimi's template shows to the model.
    package static let numbered = CallIDs { index, name in "functions.\(name):\(index)" }

    private static func letters(_ count: Int) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
        return String((0..<count).map { _ in alphabet[Int.random(in: alphabet.indices)] })
    }
}
