import OpenAIProtocol

/// A finished completion with context logits, written row by row: its body is never in memory as a whole.
struct CompletionBody: AnswerBody {
    /// Bytes that are collected before they are sent.
    private static let pieceBytes = 64 << 10

    let response: CompletionResponse
    /// What it holds of the memory that answers share.
    let loan: ByteBudget.Loan?

    func write(to writer: EventWriter) async throws {
        var writer = writer
        var bytes: [UInt8] = []
        try await response.append(to: &bytes) { bytes in
            guard bytes.count >= Self.pieceBytes else { return }
            try await writer.send(&bytes)
            // Writing numbers as text is work: others get their turn in between.
            await Task.yield()
        }
        try await writer.send(&bytes)
        try await writer.finish()
    }

    func end(with error: ErrorBody, to writer: EventWriter) async throws {
        // A body of known kind has no place for an error: it ends early, which the client sees.
        throw error
    }
}
