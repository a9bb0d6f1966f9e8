import Foundation
import OrderedJSON
import Synchronization

/// A raw HTTP/1.1 client connection whose bytes the test sees; blocking calls are on threads of their own.
final class Connection: Sendable {
    struct Answer: Sendable {
        var status: Int
        var fields: [String: String]
        var body: String

        /// The body as JSON.
        var json: JSONValue { (try? JSONParser.parse(body)) ?? .null }
    }

    struct Failure: Error {
        var reason: String
    }

    private let socket: Int32
    private let buffer = Mutex<[UInt8]>([])
    private let isOpen = Mutex(true)

    /// Connects; the kernel then holds only so many bytes that aren't read, if that is given.
    init(port: Int, receiveBuffer: Int32? = nil) async throws {
        let descriptor = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        // A test that waits for bytes that never come fails instead of hanging.
        var limit = timeval(tv_sec: 30, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        if var receiveBuffer {
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, socklen_t(MemoryLayout<Int32>.size))
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else {
            Glibc.close(descriptor)
            throw Failure(reason: "connect: \(errno)")
        }
        socket = descriptor
    }

    deinit { close() }

    func close() {
        isOpen.withLock { isOpen in
            if isOpen { Glibc.close(socket) }
            isOpen = false
        }
    }

    /// Closes the sending side only.
    func closeOutput() { shutdown(socket, Int32(SHUT_WR)) }

    func send(_ text: String) async { await send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) async {
        let socket = socket
        await onThread {
            var sent = 0
            while sent < bytes.count {
                let count = bytes[sent...].withUnsafeBytes {
                    Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                guard count > 0 else { return }
                sent += count
            }
        }
    }

    func post(_ path: String, _ body: String) async {
        await send("POST \(path) HTTP/1.1\r\nHost: x\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
    }

    /// One whole answer.
    func answer() async throws -> Answer {
        var answer = try await head()
        if answer.fields["transfer-encoding"] == "chunked" {
            while let chunk = try await chunk() { answer.body += chunk }
        } else if let length = answer.fields["content-length"].flatMap({ Int($0) }) {
            answer.body = try await read(count: length)
        }
        return answer
    }

    /// An answer's head, without its body.
    func head() async throws -> Answer {
        let head = try await read(through: "\r\n\r\n")
        let lines = head.components(separatedBy: "\r\n")
        guard let status = lines[0].split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
            throw Failure(reason: "no status in \(lines[0])")
        }
        var fields: [String: String] = [:]
        for line in lines.dropFirst() where !line.isEmpty {
            let parts = line.split(separator: ":", maxSplits: 1)
            fields[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
        }
        return Answer(status: status, fields: fields, body: "")
    }

    /// Everything that comes until the server closes the connection.
    func rest() async -> String {
        while await receive() {}
        return buffer.withLock { buffer in
            defer { buffer = [] }
            return String(decoding: buffer, as: UTF8.self)
        }
    }

    /// The next chunk of a chunked body; `nil` at its end.
    func chunk() async throws -> String? {
        let size = try await read(through: "\r\n").trimmingCharacters(in: .whitespacesAndNewlines)
        guard let count = Int(size, radix: 16) else { throw Failure(reason: "no chunk size in \(size)") }
        let chunk = try await read(count: count)
        _ = try await read(through: "\r\n")
        return count == 0 ? nil : chunk
    }

    /// Everything up to and including a text.
    func read(through end: String) async throws -> String {
        let end = Array(end.utf8)
        while true {
            let found: [UInt8]? = buffer.withLock { buffer in
                guard let range = buffer.firstRange(of: end) else { return nil }
                defer { buffer.removeSubrange(..<range.upperBound) }
                return Array(buffer[..<range.upperBound])
            }
            if let found { return String(decoding: found, as: UTF8.self) }
            guard await receive() else { throw Failure(reason: "the connection ended") }
        }
    }

    /// So many bytes.
    func read(count: Int) async throws -> String {
        while buffer.withLock({ $0.count }) < count {
            guard await receive() else { throw Failure(reason: "the connection ended") }
        }
        return buffer.withLock { buffer in
            defer { buffer.removeSubrange(..<count) }
            return String(decoding: buffer[..<count], as: UTF8.self)
        }
    }

    /// Whether the server closes the connection without sending anything more.
    func isClosedByServer() async -> Bool {
        while await receive() {}
        return buffer.withLock { $0.isEmpty }
    }

    /// Appends what comes next; `false` at the end.
    private func receive() async -> Bool {
        let socket = socket
        let bytes = await onThread {
            var bytes = [UInt8](repeating: 0, count: 1 << 16)
            let count = recv(socket, &bytes, bytes.count, 0)
            return Array(bytes.prefix(max(0, count)))
        }
        buffer.withLock { $0 += bytes }
        return !bytes.isEmpty
    }

    private func onThread<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: work()) }
        }
    }
}
