import OrderedJSON

/// What a decoder reads of one object: filled while it reads an example.
///
/// Of one thread only, like the reader that fills it.
final class FieldRecord {
    private var noted: [FieldDescription] = []
    private var inner: [String: FieldRecord] = [:]

    /// The fields in the order they were first read, with those of objects inside.
    var fields: [FieldDescription] {
        noted.map { field in
            guard let record = inner[field.name] else { return field }
            var field = field
            field.kind = .object(record.fields)
            return field
        }
    }

    /// Takes a field; what was said of it before stays where it says more.
    func note(_ field: FieldDescription) {
        if let index = noted.firstIndex(where: { $0.name == field.name }) {
            noted[index] = noted[index].merged(field)
        } else {
            noted.append(field)
        }
    }

    /// The record of the object in a field.
    func inside(_ name: String) -> FieldRecord {
        let record = inner[name] ?? FieldRecord()
        inner[name] = record
        return record
    }
}
