/// A byte range of a checkpoint: the numbers of a tensor, or a part of them.
public struct StoredPart: @unchecked Sendable {  // the bytes are never written and `owner` keeps them alive
    /// The bytes.
    public let bytes: UnsafeRawBufferPointer
    /// Keeps the bytes alive: a mapped file, or an array's box.
    public let owner: (any AnyObject & Sendable)?
    /// Where the same bytes can be copied from, when touching them might end the process: a mapped file may be made shorter.
    private let file: (any StoredBytes)?
    private let offset: Int

    /// Bytes in memory that `owner` keeps alive.
    ///
    /// - Parameters:
    ///   - file: What is read instead of the memory, from `offset` on, where there is one.
    public init(
        bytes: UnsafeRawBufferPointer,
        owner: (any AnyObject & Sendable)?,
        file: (any StoredBytes)? = nil,
        offset: Int = 0,
    ) {
        self.bytes = bytes
        self.owner = owner
        self.file = file
        self.offset = offset
    }

    /// Number of bytes.
    public var count: Int { bytes.count }

    /// Some of the bytes; `nil` if the range isn't inside.
    public func slice(_ range: Range<Int>) -> StoredPart? {
        guard range.lowerBound >= 0, range.upperBound <= count else { return nil }
        let slice = UnsafeRawBufferPointer(rebasing: bytes[range])
        return StoredPart(bytes: slice, owner: owner, file: file, offset: offset + range.lowerBound)
    }

    /// Copies some of the bytes to the start of a buffer.
    ///
    /// - Returns: whether they could be read.
    func read(_ range: Range<Int>, into buffer: UnsafeMutableRawBufferPointer) -> Bool {
        guard range.count <= buffer.count, range.lowerBound >= 0, range.upperBound <= count else { return false }
        let target = UnsafeMutableRawBufferPointer(rebasing: buffer[..<range.count])
        if let file { return file.read(from: offset + range.lowerBound, into: target) }
        target.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[range]))
        return true
    }

    /// A copy in memory that nobody else can change or take away; `nil` when the bytes can't be read.
    ///
    /// - Throws: `TensorError.outOfMemory`.
    func copiedToMemory() throws(TensorError) -> StoredPart? {
        let memory = try AlignedMemory(byteCount: count)
        guard read(0..<count, into: memory.bytes) else { return nil }
        return StoredPart(bytes: UnsafeRawBufferPointer(rebasing: memory.bytes[..<count]), owner: memory)
    }
}
