internal import CPUKernels

/// Rows of activations in bfloat16, `[rows, stride]`, as low-rank factors are multiplied with them; those that have to be
/// nearly exact with what rounding took from them.
public struct RoundedRows: BitwiseCopyable, @unchecked Sendable {  // workers write disjoint rows between barriers
    /// The first row.
    public let start: UnsafeMutablePointer<UInt16>
    /// Numbers from one row to the next.
    public let stride: Int
    /// Numbers from a row to what rounding took from it, in bfloat16; 0: that is lost.
    public let rest: Int

    /// Rows in memory that lives as long.
    public init(start: UnsafeMutablePointer<UInt16>, stride: Int, rest: Int = 0) {
        self.start = start
        self.stride = stride
        self.rest = rest
    }

    /// The rows from one on.
    public func dropFirst(_ count: Int) -> RoundedRows {
        RoundedRows(start: start + count * stride, stride: stride, rest: rest)
    }

    /// Rounds `count` numbers to the first row.
    public func round(_ x: UnsafePointer<Float>, count: Int, level: KernelLevel = .chosen) {
        if rest > 0 {
            round_row_twice(x, Int32(count), start, start + rest)
        } else {
            level.matmul.pointee.round(x, Int32(count), start)
        }
    }
}
