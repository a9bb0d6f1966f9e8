/// Whether and how the answer is streamed.
public struct StreamFields: Sendable, Hashable {
    /// `stream`.
    public var isStreamed = false
    /// `stream_options.include_usage`: one last chunk with the usage.
    public var includeUsage = false
    /// `stream_options.continuous_usage_stats`: usage on every chunk; only with `includeUsage`.
    public var continuousUsage = false

    /// Not streamed.
    public init() {}
}

extension StreamFields {
    init(_ reader: inout FieldReader) throws(ValidationError) {
        isStreamed = try reader.bool("stream", default: false)
        guard var fields = try reader.fields("stream_options") else { return }
        guard isStreamed else {
            throw .invalid(field: "stream_options", message: "stream_options can only be set if stream is true")
        }
        includeUsage = try fields.bool("include_usage", default: true)
        continuousUsage = try fields.bool("continuous_usage_stats", default: false) && includeUsage
        // Padding against traffic analysis: allowed to be asked for, and this server doesn't pad.
        _ = try fields.bool("include_obfuscation")
        try fields.rejectUnread { _ in nil }
    }
}
