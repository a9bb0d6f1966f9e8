extension Value {
    /// How deep containers are nested in this one; 0 for what isn't a container.
    ///
    /// Namespaces and loops count as 0: the interpreter takes them apart one by one when it ends.
    var depth: Int {
        switch self {
        case .list(let elements), .tuple(let elements): elements.depth
        case .dictionary(let members): members.depth
        case .view(let view): view.members.depth + 1
        case .lazy(let sequence): sequence.depth
        case .method(let method): method.depth
        case .cycler(let cycler): cycler.items.depth + 1
        case .joiner(let joiner): joiner.separator.depth + 1
        default: 0
        }
    }

    /// Estimated bytes that the place of a value takes in a container, with what isn't counted by itself.
    var weight: Int {
        switch self {
        case .string(let text): 32 + text.uncounted
        case .undefined, .method: 192
        case .range, .view: 96
        default: 32
        }
    }

    /// Python's truth.
    var isTrue: Bool {
        switch self {
        case .undefined, .none: false
        case .bool(let flag): flag
        case .integer(let value): value != 0
        case .float(let value): value != 0
        case .string(let text): !text.isEmpty
        case .list(let elements), .tuple(let elements): !elements.values.isEmpty
        case .dictionary(let members): members.count > 0
        case .range(let range): range.count > 0
        case .view(let view): view.members.count > 0
        default: true
        }
    }

    var isUndefined: Bool {
        if case .undefined = self { true } else { false }
    }

    var isNone: Bool {
        if case .none = self { true } else { false }
    }

    /// What Python calls the type.
    var typeName: String {
        switch self {
        case .undefined: "Undefined"
        case .none: "NoneType"
        case .bool: "bool"
        case .integer: "int"
        case .float: "float"
        case .string(let text): text.isMarkup ? "Markup" : "str"
        case .list: "list"
        case .tuple(let elements): elements.isGroup ? "_GroupTuple" : "tuple"
        case .dictionary: "dict"
        case .range: "range"
        case .view(let view): "dict_\(view.kind.rawValue)"
        case .lazy(let sequence): sequence.name
        case .namespace: "TemplateNamespace"
        case .loop: "LoopContext"
        case .macro: "Macro"
        case .function(let function): function.typeName
        case .method: "builtin_function_or_method"
        case .cycler: "Cycler"
        case .joiner: "Joiner"
        }
    }

    /// What messages about missing attributes call the value.
    var objectName: String {
        switch self {
        case .none: "None"
        case .namespace: "transformers.utils.chat_template_utils.TemplateNamespace object"
        case .loop: "jinja2.runtime.LoopContext object"
        case .macro: "jinja2.runtime.Macro object"
        case .cycler: "jinja2.utils.Cycler object"
        case .joiner: "jinja2.utils.Joiner object"
        default: "\(typeName) object"
        }
    }

    /// An integer or what Python takes for one.
    var asInteger: Int? {
        switch self {
        case .bool(let flag): flag ? 1 : 0
        case .integer(let value): value
        default: nil
        }
    }

    /// A number of any kind.
    var asDouble: Double? {
        if case .float(let value) = self { return value }
        return asInteger.map(Double.init)
    }
}
