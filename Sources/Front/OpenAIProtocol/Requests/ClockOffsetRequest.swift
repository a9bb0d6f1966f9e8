package import OrderedJSON

/// `POST /steady_clock_offset`, checked.
public struct ClockOffsetRequest: DescribedRequest, Hashable {
    /// Seconds that are added to the times of requests.
    public var offset: Double

    /// The request that a reader's object holds.
    package init(_ reader: inout FieldReader, limits: RequestLimits) throws(ValidationError) {
        let value = try reader.required("offset", .number(.any))
        // A `Double`, since times are: the reader's own numbers are of single precision.
        _ = try FieldReader.number(value, "offset", in: .any)
        offset = value.doubleValue ?? Double(value.stringValue ?? "") ?? 0
    }

    /// A moment.
    package static let examples: [JSONObject] = [["offset": 0.25]]
}
