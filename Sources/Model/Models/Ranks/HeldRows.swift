/// Rows of the residual that the last stage has made and not sent yet, `[rows, hidden]`.
///
/// Rows are sent as soon as they are made, so that the first stage has them when it wants them. But what fits no buffer
/// between the two would keep the last stage from receiving what the first may just be sending: such rows are sent when
/// they are asked for.
final class HeldRows: @unchecked Sendable {  // written by one pass, read behind it
    let base: UnsafeMutablePointer<Float>

    init(count: Int, width: Int) { base = .allocate(capacity: max(1, count * width)) }

    deinit { base.deallocate() }

    /// Bytes that every transport takes without waiting for the receiver, all batches in flight together.
    private static let bufferedBytes = 192 << 10

    /// Whether rows of so many bytes have to be held, where as many batches are in flight as there are stages.
    static func areNeeded(bytes: Int, stages: Int) -> Bool { stages > 1 && bytes > bufferedBytes / (stages - 1) }
}
