internal import Synchronization

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

    /// Bytes that a thread reads one after the other: all that a checksum of an engine file is about.
    public static let grain = 256 << 10

    /// Copies all bytes to a buffer of as many, the threads of a pool together.
    ///
    /// - Returns: whether they could be read.
    func read(into buffer: UnsafeMutableRawBufferPointer, pool: ThreadPool) -> Bool {
        guard count > Self.grain else { return read(0..<count, into: buffer) }
        let pieces = (count - 1) / Self.grain + 1
        let next = Atomic(0)
        let failed = Atomic(false)
        pool.run { _ in
            while !failed.load(ordering: .relaxed) {
                let piece = next.add(1, ordering: .relaxed).oldValue
                guard piece < pieces else { return }
                let range = piece * Self.grain..<min((piece + 1) * Self.grain, count)
                let target = UnsafeMutableRawBufferPointer(rebasing: buffer[range])
                if !read(range, into: target) { failed.store(true, ordering: .relaxed) }
            }
        }
        return !failed.load(ordering: .relaxed)
    }

    /// A copy in memory that nobody else can change or take away; `nil` when the bytes can't be read.
    ///
    /// - Throws: `TensorError.outOfMemory`.
    func copiedToMemory(pool: ThreadPool? = nil) throws(TensorError) -> StoredPart? {
        let memory = try AlignedMemory(byteCount: count)
        let target = UnsafeMutableRawBufferPointer(rebasing: memory.bytes[..<count])
        guard pool.map({ read(into: target, pool: $0) }) ?? read(0..<count, into: target) else { return nil }
        return StoredPart(bytes: UnsafeRawBufferPointer(rebasing: memory.bytes[..<count]), owner: memory)
    }
}
