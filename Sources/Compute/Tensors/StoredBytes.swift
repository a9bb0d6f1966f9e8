/// Bytes that lie somewhere else, a file for example, and are copied to memory when they are wanted.
public protocol StoredBytes: AnyObject, Sendable {
    /// Fills a buffer with the bytes from `offset` on.
    ///
    /// - Returns: whether all of them were there.
    func read(from offset: Int, into buffer: UnsafeMutableRawBufferPointer) -> Bool
}
