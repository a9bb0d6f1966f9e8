/// The events of a stream that aren't chunks.
public enum ServerSentEvent {
    /// `data: [DONE]`, the last event of every stream.
    public static func appendDone(to bytes: inout [UInt8]) { bytes.put("data: [DONE]\n\n") }

    /// An error inside a stream whose status was sent long ago.
    public static func append(_ error: ErrorBody, to bytes: inout [UInt8]) {
        bytes.put("data: ")
        error.append(to: &bytes)
        bytes.put("\n\n")
    }

    /// A comment that keeps proxies and clients from giving up on a silent stream; clients skip it.
    public static let comment = Array(": waiting\n\n".utf8)
}
