/// Reads the calls behind a format's opener, byte by byte.
///
/// A call begins in the sink as soon as its function is known, and its arguments go there as they come. Before that
/// nothing is given out: what turns out to be no call is text of the answer again.
package protocol CallReader: Sendable {
    /// Takes the next byte.
    mutating func take(_ byte: UInt8, _ calls: inout CallSink) -> CallStep

    /// The output ended: completes what needs no more bytes.
    ///
    /// - Returns: whether what was read is whole.
    mutating func finish(_ calls: inout CallSink) -> Bool
}

/// What came of a byte in a section of calls.
package enum CallStep: Sendable, Equatable {
    /// The section goes on.
    case more
    /// The section goes on, and all that belongs to its last call was read.
    case whole
    /// The section ends with this byte.
    case end
    /// The section ended before this byte, which isn't part of it.
    case endBefore
    /// The byte makes no sense here; it isn't part of the section either.
    case fault
}

/// What bounds the memory that a call takes before its function is known.
package enum CallLimits {
    /// Longest name of a function or an argument, and what else stands in a call's head, in bytes.
    package static let head = 1024
    /// Most bytes that are held back: arguments in front of the name, a value whose type is known at its end.
    package static let held = 1 << 20
}
