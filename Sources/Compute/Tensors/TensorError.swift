/// Why a tensor can't be used.
public enum TensorError: Error, Sendable, Hashable, CustomStringConvertible {
    /// A dimension isn't positive, or isn't a whole number of blocks.
    case badShape(rows: Int, columns: Int, format: StoredFormat, reason: String)
    /// The bytes don't match the shape.
    case wrongByteCount(rows: Int, columns: Int, format: StoredFormat, part: String, needed: Int, given: Int)
    /// A number or scale is infinite, not a number, or too large for the packed form.
    case unusableNumbers(rows: Int, columns: Int, format: StoredFormat)
    /// The stored numbers can't be read any more.
    case unreadable(rows: Int, columns: Int, format: StoredFormat)
    /// Memory couldn't be had.
    case outOfMemory(bytes: Int)
    /// Threads couldn't be started.
    case threadsUnavailable(count: Int)
    /// The forced kernel set isn't one of ours, or this CPU lacks its instructions.
    case kernelsUnavailable(name: String, available: [String])

    /// What is wrong, for a person.
    public var description: String {
        switch self {
        case .badShape(let rows, let columns, let format, let reason):
            "a \(format.name) matrix of \(rows) x \(columns) can't be used: \(reason)"
        case .wrongByteCount(let rows, let columns, let format, let part, let needed, let given):
            "a \(format.name) matrix of \(rows) x \(columns) needs \(needed) bytes of \(part), but has \(given)"
        case .unusableNumbers(let rows, let columns, let format):
            "a \(format.name) matrix of \(rows) x \(columns) has numbers or scales that are infinite or above 65504"
        case .unreadable(let rows, let columns, let format):
            "a \(format.name) matrix of \(rows) x \(columns) can't be read: its file has become shorter, or is damaged"
        case .outOfMemory(let bytes): "\(bytes) bytes of memory can't be had"
        case .threadsUnavailable(let count): "a pool of \(count) threads can't be started"
        case .kernelsUnavailable(let name, let available):
            "TRTLLM_SERVE_KERNELS is \(name), but this machine has only: \(available.joined(separator: ", "))"
        }
    }
}
