internal import CPUKernels

/// How the KV cache stores keys and values.
public enum KVCacheType: String, Sendable, Hashable, CaseIterable {
    /// Bfloat16, as graphics processors keep them.
    case bfloat16
    /// 8-bit integers with a scale for every 32 dimensions of a head: half the memory, and long contexts are read in
    /// half the time.
    case int8
    /// Single precision, for exact comparisons: twice the memory, by portable kernels.
    case float32

    /// What a model gets when nobody asks for a type.
    public static let automatic = KVCacheType.bfloat16

    /// The kernels' name for it.
    var kernelType: CacheType {
        switch self {
        case .bfloat16: CACHE_BF16
        case .int8: CACHE_INT8
        case .float32: CACHE_F32
        }
    }
}
