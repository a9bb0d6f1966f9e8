import HTTPTypes
import HummingbirdCore
import NIOCore
import OpenAIProtocol

extension Request {
    /// The body, unless it is larger than the limit.
    ///
    /// A body that says it is larger is refused before it is read, and a client that asked whether to send it is told.
    func body(limit: Int, writer: borrowing ResponseWriter) async throws -> Result<[UInt8], ErrorBody> {
        let announced = headers[.contentLength].flatMap { Int($0) }
        if let announced, announced > limit { return .failure(Self.tooLarge(limit)) }
        if headers[.expect]?.lowercased() == "100-continue" {
            try await writer.writeInformationalHead(HTTPResponse(status: .continue))
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(announced ?? 0)
        for try await buffer in body {
            guard bytes.count + buffer.readableBytes <= limit else { return .failure(Self.tooLarge(limit)) }
            bytes.append(contentsOf: buffer.readableBytesView)
        }
        return .success(bytes)
    }

    private static func tooLarge(_ limit: Int) -> ErrorBody {
        let message = "the request body is larger than \(limit) bytes, which is the limit"
        return ErrorBody(status: 413, message: message, type: "RequestTooLargeError")
    }
}
