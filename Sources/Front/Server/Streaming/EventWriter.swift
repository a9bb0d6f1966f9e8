import NIOCore

/// The body of a streamed answer: bytes are collected in one reused buffer and sent in one write.
package struct EventWriter: Sendable {
    private let client: Client

    init(_ client: Client) { self.client = client }

    /// Sends what is in the buffer and empties it; waits while the client doesn't read.
    mutating func send(_ bytes: inout [UInt8]) async throws {
        guard !bytes.isEmpty else { return }
        try await client.send(.body(ByteBuffer(bytes: bytes)))
        bytes.removeAll(keepingCapacity: true)
    }

    /// Ends the answer.
    consuming func finish() async throws { try await client.send(.end) }
}
