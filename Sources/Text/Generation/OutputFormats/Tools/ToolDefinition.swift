public import OrderedJSON

/// A function that a model may call.
public struct ToolDefinition: Sendable, Hashable {
    /// Its name, as the model is to write it.
    public var name: String
    /// What it does, for the model.
    public var description: String?
    /// The JSON Schema of its arguments, an object; empty where nothing is said of them.
    public var parameters: JSONObject
    /// Whether arguments have to obey the schema to the letter.
    public var isStrict: Bool

    /// A function.
    public init(name: String, description: String? = nil, parameters: JSONObject = [:], isStrict: Bool = false) {
        self.name = name
        self.description = description
        self.parameters = parameters
        self.isStrict = isStrict
    }
}

/// Which calls an answer may or must have.
public enum ToolChoice: Sendable, Hashable {
    /// None: what looks like a call is text.
    case none
    /// What the model decides.
    case auto
    /// At least one.
    case required
    /// One of the function with that name.
    case named(String)
}

/// The tools of a request.
public struct ToolUse: Sendable, Hashable {
    /// The functions there are.
    public var definitions: [ToolDefinition]
    /// Which calls the answer may or must have.
    public var choice: ToolChoice
    /// The names of those that may be called where the choice is open; `nil` is all.
    ///
    /// The model is told of all.
    public var allowed: [String]?
    /// Whether an answer may have more than one call; without, it ends with the first.
    public var allowsParallelCalls: Bool

    /// Tools and how they may be used.
    public init(_ definitions: [ToolDefinition], choice: ToolChoice = .auto, allowsParallelCalls: Bool = true) {
        self.definitions = definitions
        self.choice = choice
        self.allowsParallelCalls = allowsParallelCalls
    }

    /// The tools as templates expect them, in OpenAI's shape.
    public var templateTools: [JSONValue] {
        definitions.map { definition in
            var function: JSONObject = ["name": .string(definition.name)]
            if let description = definition.description { function["description"] = .string(description) }
            // Some templates look into the parameters of each function.
            let hasNone = definition.parameters.isEmpty
            function["parameters"] = hasNone ? ["type": "object", "properties": [:]] : .object(definition.parameters)
            return ["type": "function", "function": .object(function)]
        }
    }

    /// Whether an answer ends with its first call.
    package var endsWithFirstCall: Bool {
        if case .named = choice { true } else { !allowsParallelCalls }
    }

    /// The functions that may be called.
    package var callable: [ToolDefinition] {
        switch choice {
        case .none: []
        case .auto, .required: definitions.filter { allowed?.contains($0.name) ?? true }
        case .named(let name): definitions.filter { $0.name == name }
        }
    }
}
