internal import CRanks

/// How numbers that are summed travel between ranks.
public enum WireFormat: String, Sendable, Hashable, CaseIterable {
    /// As they are.
    case float32
    /// Rounded to half the bytes: each rank's part before it is added, and the sum, which is added in single precision.
    case bfloat16

    /// Bytes of one number.
    public var byteCount: Int { self == .float32 ? 4 : 2 }

    /// Writes `values` as they travel.
    func write(_ values: UnsafeBufferPointer<Float>, to wire: UnsafeMutableRawPointer) {
        guard let base = values.baseAddress else { return }
        switch self {
        case .float32: wire.copyMemory(from: base, byteCount: values.count * byteCount)
        case .bfloat16: rank_narrow(base, wire.assumingMemoryBound(to: UInt16.self), values.count)
        }
    }

    /// Reads what `write` has written.
    func read(_ wire: UnsafeRawPointer, into values: UnsafeMutableBufferPointer<Float>) {
        guard let base = values.baseAddress else { return }
        switch self {
        case .float32: UnsafeMutableRawPointer(base).copyMemory(from: wire, byteCount: values.count * byteCount)
        case .bfloat16: rank_widen(wire.assumingMemoryBound(to: UInt16.self), base, values.count)
        }
    }

    /// Adds as many numbers as `sum` holds of each part, in the parts' order.
    ///
    /// - Parameter parts: Where each rank's numbers lie as they travel; at least one rank's.
    func sum(_ parts: UnsafeBufferPointer<UnsafeRawPointer?>, into sum: UnsafeMutableBufferPointer<Float>) {
        guard let base = sum.baseAddress, let first = parts.baseAddress else { return }
        switch self {
        case .float32: rank_sum_float32(first, Int32(parts.count), base, sum.count)
        case .bfloat16: rank_sum_bfloat16(first, Int32(parts.count), base, sum.count)
        }
    }
}
