package import OrderedJSON

/// Writes JSON as most instances are written: a space behind commas and colons, and no escapes that aren't needed.
package enum InstanceWriter {
    /// The text of a value.
    package static func text(of value: JSONValue) -> [UInt8] {
        var bytes: [UInt8] = []
        append(value, to: &bytes)
        return bytes
    }

    private static func append(_ value: JSONValue, to bytes: inout [UInt8]) {
        switch value {
        case .array(let elements):
            bytes.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { JSONWriter.append(literal: ", ", to: &bytes) }
                append(element, to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let members):
            bytes.append(UInt8(ascii: "{"))
            for (index, member) in members.enumerated() {
                if index > 0 { JSONWriter.append(literal: ", ", to: &bytes) }
                JSONWriter.append(string: member.key, to: &bytes)
                JSONWriter.append(literal: ": ", to: &bytes)
                append(member.value, to: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        default: JSONWriter.append(value, to: &bytes)
        }
    }
}
