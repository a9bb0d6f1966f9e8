/// Why a tensor can't be used.
public enum TensorError: Error, Sendable, Hashable, CustomStringConvertible {
    /// A dimension isn't positive, or isn't a whole number of blocks.
    case badShape(rows: Int, columns: Int, dataType: DataType, reason: String)
    /// The bytes don't match the shape.
    case wrongByteCount(rows: Int, columns: Int, dataType: DataType, needed: Int, given: Int)
    /// The stored numbers can't be read any more.
    case unreadable(rows: Int, columns: Int, dataType: DataType)
    /// Memory couldn't be had.
    case outOfMemory(bytes: Int)
    /// Threads couldn't be started.
    case threadsUnavailable(count: Int)
    /// The forced kernel set isn't one of ours, or this CPU lacks its instructions.
    case kernelsUnavailable(name: String, available: [String])

    /// What is wrong, for a person.
    public var description: String {
        switch self {
        case .badShape(let rows, let columns, let type, let reason):
            "a \(type.name) matrix of \(rows) x \(columns) can't be used: \(reason)"
        case .wrongByteCount(let rows, let columns, let type, let needed, let given):
            "a \(type.name) matrix of \(rows) x \(columns) needs \(needed) bytes, but has \(given)"
        case .unreadable(let rows, let columns, let type):
            "a \(type.name) matrix of \(rows) x \(columns) can't be read: its file has become shorter"
        case .outOfMemory(let bytes): "\(bytes) bytes of memory can't be had"
        case .threadsUnavailable(let count): "a pool of \(count) threads can't be started"
        case .kernelsUnavailable(let name, let available):
            "TRTLLM_SERVE_KERNELS is \(name), but this machine has only: \(available.joined(separator: ", "))"
        }
    }
}
