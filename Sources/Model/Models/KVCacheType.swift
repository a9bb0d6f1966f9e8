internal import CPUKernels

/// How the KV cache stores keys and values.
public enum KVCacheType: String, Sendable, Hashable, CaseIterable {
    /// Half precision.
    case float16
    /// 8-bit integers with a scale for every 32 dimensions of a head: half the memory, and long contexts are read in
    /// half the time.
    case int8

    /// What a model gets when nobody asks for a type.
    public static let automatic = KVCacheType.float16

    /// The kernels' name for it.
    var kernelType: CacheType { self == .float16 ? CACHE_HALF : CACHE_INT8 }
}
