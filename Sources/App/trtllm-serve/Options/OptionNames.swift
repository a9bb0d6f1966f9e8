internal import ArgumentParser
internal import Checkpoints
package import Logging
internal import Models

/// Which of the reference's execution paths is asked for; here they differ in when statistics are collected.
package enum BackendName: String, Sendable, CaseIterable, ExpressibleByArgument {
    case pytorch
    case tensorrt
    case trt
}

/// The reference's names of log levels.
package enum LogLevelName: String, Sendable, CaseIterable, ExpressibleByArgument {
    case internalError = "internal_error"
    case error
    case warning
    case info
    case verbose
    case debug
    case trace

    /// The level of our logger.
    package var level: Logger.Level {
        switch self {
        case .internalError: .critical
        case .error: .error
        case .warning: .warning
        case .info: .info
        case .verbose, .debug: .debug
        case .trace: .trace
        }
    }
}

/// The algorithms that `quant_config` has for the KV cache.
enum CacheQuantizationName: String, CaseIterable {
    case int8 = "INT8"
    case none = "NO_QUANT"

    /// The cache's type.
    var type: KVCacheTypeName {
        switch self {
        case .int8: .int8
        case .none: .bfloat16
        }
    }
}

/// The names of `--kv_cache_dtype`.
package enum KVCacheTypeName: String, Sendable, Hashable, CaseIterable, ExpressibleByArgument {
    case auto
    case bfloat16
    case int8
    case float32

    /// How the model then stores keys and values.
    var cacheType: KVCacheType {
        switch self {
        case .auto: .automatic
        case .bfloat16: .bfloat16
        case .int8: .int8
        case .float32: .float32
        }
    }
}

/// What `--pooling` may be.
package enum PoolingName: String, Sendable, CaseIterable, ExpressibleByArgument {
    case mean
    case cls
    case last

    /// The same for a model.
    var pooling: Pooling {
        switch self {
        case .mean: .mean
        case .cls: .cls
        case .last: .last
        }
    }
}
