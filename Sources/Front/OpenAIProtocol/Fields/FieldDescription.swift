package import OrderedJSON

/// What a field of a request may hold.
package indirect enum FieldKind: Sendable, Hashable {
    /// Anything.
    case any
    /// Text.
    case string
    /// `true` or `false`.
    case boolean
    /// An integer in a range.
    case integer(ClosedRange<Int>)
    /// A number in a range.
    case number(NumberRange)
    /// One of some texts.
    case choice([String])
    /// A list of things of one kind.
    case list(FieldKind)
    /// An object with fields of its own and no others.
    case object([FieldDescription])
    /// An object whose values are of one kind, under any name.
    case map(FieldKind)
    /// One of several kinds.
    case either([FieldKind])

    /// A token's id.
    package static let token = FieldKind.integer(0...Int(Int32.max))
}

/// A field of a request, as its decoder reads it.
package struct FieldDescription: Sendable, Hashable {
    /// Its name.
    package var name: String
    /// What it may hold.
    package var kind: FieldKind
    /// Whether a request must have it.
    package var isRequired: Bool
    /// What a request without it has, where that is a value.
    package var defaultValue: JSONValue?

    /// A field.
    package init(name: String, kind: FieldKind, isRequired: Bool = false, defaultValue: JSONValue? = nil) {
        self.name = name
        self.kind = kind
        self.isRequired = isRequired
        self.defaultValue = defaultValue
    }
}

extension [FieldDescription] {
    /// The fields of one kind of request that was read several times: those of all, required where they always are.
    package static func union(_ readings: [[FieldDescription]]) -> [FieldDescription] {
        var all: [FieldDescription] = []
        for field in readings.joined() {
            if let index = all.firstIndex(where: { $0.name == field.name }) {
                all[index] = all[index].merged(field)
            } else {
                all.append(field)
            }
        }
        for (index, field) in all.enumerated() {
            all[index].isRequired = readings.allSatisfy { $0.contains { $0.name == field.name && $0.isRequired } }
        }
        return all
    }
}

extension FieldDescription {
    /// What two readings of one field say together.
    func merged(_ other: FieldDescription) -> FieldDescription {
        var merged = self
        switch (kind, other.kind) {
        case (.any, _): merged.kind = other.kind
        // A reading of a request without the object has seen none of its fields.
        case (.object(let own), .object(let others)):
            merged.kind = .object(.union([own, others].filter { !$0.isEmpty }))
        default: break
        }
        merged.isRequired = isRequired || other.isRequired
        merged.defaultValue = defaultValue ?? other.defaultValue
        return merged
    }
}
