/// How far a download is.
public struct DownloadProgress: Sendable, Hashable {
    /// Bytes that are there.
    public var bytes: Int
    /// Bytes of all files.
    public var totalBytes: Int

    /// Bytes that are there, of all.
    public init(bytes: Int, totalBytes: Int) {
        self.bytes = bytes
        self.totalBytes = totalBytes
    }

    /// The share that is there, 0 to 1.
    public var share: Double { totalBytes > 0 ? Double(bytes) / Double(totalBytes) : 1 }
}
