import HummingbirdCore
import NIOCore

/// The body of a streamed answer: bytes are collected in one reused buffer and sent in one write.
struct EventWriter {
    private var writer: any ResponseBodyWriter

    init(_ writer: some ResponseBodyWriter) { self.writer = writer }

    /// Sends what is in the buffer and empties it; waits while the client doesn't read.
    mutating func send(_ bytes: inout [UInt8]) async throws {
        guard !bytes.isEmpty else { return }
        try await writer.write(ByteBuffer(bytes: bytes))
        bytes.removeAll(keepingCapacity: true)
    }

    /// Ends the answer.
    consuming func finish() async throws { try await writer.finish(nil) }
}
