internal import AsyncHTTPClient
internal import Foundation
internal import NIOCore
internal import NIOHTTP1

/// The head of an answer, and its body, which hasn't been read yet.
struct HubAnswer {
    /// HTTP's status.
    let status: Int
    let headers: HTTPHeaders
    /// What came with the redirect that led here, if one did: the hub describes there a file that another host keeps.
    var redirectHeaders: HTTPHeaders?
    let body: HTTPClientResponse.Body
    /// Whether the hub itself answered, rather than a host that keeps files for it.
    let isHub: Bool

    /// A header of the hub's own answer, else of the last.
    func header(_ name: String) -> String? { redirectHeaders?.first(name: name) ?? headers.first(name: name) }

    /// How many seconds it asks to wait (`Retry-After`, or `t` of `RateLimit` when nothing remains).
    var retryAfter: Int? {
        if let seconds = headers.first(name: "Retry-After").flatMap({ Int($0) }), seconds >= 0 { return seconds }
        let fields = headers.first(name: "RateLimit")?.split(separator: ";") ?? []
        guard fields.contains("r=0"), let time = fields.first(where: { $0.hasPrefix("t=") }) else { return nil }
        return Int(time.dropFirst(2)).flatMap { $0 >= 0 ? $0 : nil }
    }

    /// Bytes of this body, when it says so.
    var contentLength: Int? { headers.first(name: "Content-Length").flatMap { Int($0) } }

    /// Where in the file this body begins, and how long the file is: `Content-Range: bytes 100-199/1000`.
    var contentRange: (start: Int, total: Int?)? {
        guard status == 206, let text = headers.first(name: "Content-Range"), text.hasPrefix("bytes ") else {
            return nil
        }
        let fields = text.dropFirst("bytes ".count).split(whereSeparator: { "-/".contains($0) })
        guard fields.count == 3, let start = Int(fields[0]), start >= 0 else { return nil }
        return (start, Int(fields[2]))
    }

    /// The address it sends to, if it does.
    func location(from url: URL) -> URL? {
        guard [301, 302, 303, 307, 308].contains(status), let text = headers.first(name: "Location") else { return nil }
        return URL(string: text, relativeTo: url)?.absoluteURL
    }

    /// All of the body.
    ///
    /// - Throws: `HubError.malformedAnswer` when it is longer than the limit.
    func bytes(limit: Int, what: String) async throws -> [UInt8] {
        do {
            return Array(buffer: try await body.collect(upTo: limit))
        } catch is NIOTooManyBytesError {
            throw HubError.malformedAnswer(what: what, reason: "it has more than \(limit) bytes")
        }
    }
}
