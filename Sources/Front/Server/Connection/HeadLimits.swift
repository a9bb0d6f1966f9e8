import NIOHTTP1

/// What a request's head may have; more is a 431.
enum HeadLimits {
    /// The limits as the decoder takes them.
    static var configuration: NIOHTTPDecoderLimitConfiguration {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = 16 << 10
        limits.maxHeaderListSize = 64 << 10
        limits.maxHeaderFieldCount = 128
        return limits
    }

    /// The limits for people.
    static var message: String {
        let limits = configuration
        return "the request's head is too large: its line and each field may have \(limits.maxHeaderFieldSize) bytes, "
            + "all fields \(limits.maxHeaderListSize) together, and there may be \(limits.maxHeaderFieldCount) fields"
    }
}
