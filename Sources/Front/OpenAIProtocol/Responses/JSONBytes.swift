import OrderedJSON

/// JSON written by hand into a buffer: the hot path builds no tree.
extension [UInt8] {
    mutating func put(_ literal: StaticString) { JSONWriter.append(literal: literal, to: &self) }

    mutating func put(string text: String) { JSONWriter.append(string: text, to: &self) }

    /// A decimal integer, without going through `String`.
    mutating func put(integer value: some BinaryInteger) {
        if value < 0 { append(UInt8(ascii: "-")) }
        var rest = UInt64(value.magnitude)
        let start = count
        repeat {
            append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        self[start...].reverse()
    }

    /// The shortest decimal that reads back as the same `Float`; log-probabilities that JSON can't hold become the floor.
    mutating func put(logProbability value: Float) {
        let value = value.isFinite ? Swift.max(value, -9999) : -9999
        append(contentsOf: value.description.utf8)
    }

    mutating func put<Item>(list elements: some Sequence<Item>, _ put: (inout [UInt8], Item) -> Void) {
        append(UInt8(ascii: "["))
        var isFirst = true
        for element in elements {
            if !isFirst { append(UInt8(ascii: ",")) }
            isFirst = false
            put(&self, element)
        }
        append(UInt8(ascii: "]"))
    }

    /// The member `token_ids` behind others, where there is one.
    mutating func put(tokenIDs ids: [Int32]?) {
        guard let ids else { return }
        put(",\"token_ids\":")
        put(integers: ids)
    }

    /// The member `prompt_token_ids` behind others, where there is one.
    mutating func put(promptTokenIDs ids: [Int32]?) {
        guard let ids else { return }
        put(",\"prompt_token_ids\":")
        put(integers: ids)
    }

    mutating func put(integers: some Sequence<some BinaryInteger>) {
        put(list: integers) { bytes, value in bytes.put(integer: value) }
    }

    /// `null`, or what the value writes.
    mutating func put<Value>(optional value: Value?, _ put: (inout [UInt8], Value) -> Void) {
        if let value { put(&self, value) } else { self.put("null") }
    }
}
