package import OrderedJSON

/// A request that is decoded from a JSON object by a `FieldReader`, and so can tell which fields it has.
package protocol DescribedRequest: Sendable {
    /// The request that a reader's object holds; fields that it leaves are refused.
    ///
    /// - Throws: `ValidationError` naming the first field that is wrong or not supported.
    init(_ reader: inout FieldReader, limits: RequestLimits) throws(ValidationError)

    /// Requests that are good and between them have the decoder read every field there is.
    static var examples: [JSONObject] { get }

    /// Whether a request without a body is one without fields.
    static var mayBeAbsent: Bool { get }

    /// Where an unknown field belongs, for those that clients send in vain.
    static func hint(_ field: String) -> String?
}

extension DescribedRequest {
    /// A request has a body.
    package static var mayBeAbsent: Bool { false }

    /// No hints.
    package static func hint(_ field: String) -> String? { nil }

    /// The request in a body.
    ///
    /// - Throws: `ValidationError` naming the first field that is wrong, unknown or not supported yet.
    package init(_ body: JSONObject, limits: RequestLimits = RequestLimits()) throws(ValidationError) {
        var reader = FieldReader(body)
        try self.init(&reader, limits: limits)
        try reader.rejectUnread { Self.hint($0) }
    }

    /// The fields that the decoder reads, in that order.
    ///
    /// - Throws: `ValidationError` when an example isn't a good request.
    package static func fields(limits: RequestLimits = RequestLimits()) throws(ValidationError) -> [FieldDescription] {
        var readings: [[FieldDescription]] = []
        for example in examples {
            let record = FieldRecord()
            var reader = FieldReader(example, path: "", record: record)
            _ = try Self(&reader, limits: limits)
            try reader.rejectUnread { Self.hint($0) }
            readings.append(record.fields)
        }
        return .union(readings)
    }
}
