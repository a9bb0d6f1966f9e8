/// A number of bytes as people read it: in the largest unit of which there is one, with at most one decimal.
package struct ByteSize: Sendable, Hashable, CustomStringConvertible {
    /// The number.
    package var bytes: Int

    /// A size of so many bytes.
    package init(_ bytes: Int) { self.bytes = bytes }

    package var description: String {
        let units = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
        guard bytes.magnitude >= 1024 else { return "\(bytes) B" }
        var value = Double(bytes) / 1024
        var unit = 0
        // 1023.95 and more would be shown as 1024 of the smaller unit.
        while value.magnitude >= 1023.95, unit < units.count - 1 {
            value /= 1024
            unit += 1
        }
        let tenths = Int((value * 10).rounded())
        return (tenths % 10 == 0 ? "\(tenths / 10)" : "\(Double(tenths) / 10)") + " \(units[unit])"
    }
}
