internal import Tensors

/// The names and sizes of an engine directory's format; drawn in `docs/engines.md`.
package enum EngineFormat {
    /// Counts up with every change of the file's format or of how numbers are packed: older engines are then refused, or
    /// built anew in the cache.
    package static let version: UInt32 = 1
    /// The name of the file with the weights.
    package static let weightsFile = "rank0.engine"
    /// The name of the file with the metadata of a GGUF checkpoint.
    static let metadataFile = "metadata.gguf"
    /// No text, so that nobody's conversion of line ends goes unseen.
    static let magic: [UInt8] = [0x89, 0x54, 0x4C, 0x45, 0x0D, 0x0A, 0x1A, 0x0A]
    /// Read as another number on machines that store the highest byte first.
    static let byteOrder: UInt32 = 0x0102_0304
    /// Magic, version, byte order, sizes of header and table of sums, and the sum of all these.
    static let preambleBytes = 40
    /// What the sum is stored after.
    static let summedPreambleBytes = 32
    /// What the weights' and the tensors' places are multiples of.
    static let weightsAlignment = 4096
    static let tensorAlignment = 64
    /// Most bytes of a header.
    static let headerLimit = 256 << 20
    /// Most tensors.
    static let tensorLimit = 1 << 20
    /// Most sums of the weights, which are then 4 TiB.
    static let sumLimit = 1 << 24
    /// Bytes that one sum of the weights is about.
    static let grain = StoredPart.grain

    /// Sums of so many bytes.
    static func pieces(_ bytes: Int) -> Int { bytes / grain + (bytes % grain == 0 ? 0 : 1) }

    /// Whether a directory with such names in it is an engine's.
    static func isEngine(_ names: [String]) -> Bool { names.contains(weightsFile) }
}
