internal import Glibc
internal import Tensors

/// What becomes of a checkpoint's floats when it is loaded.
public struct WeightQuantization: Sendable, Hashable {
    /// Algorithms by the reference's names.
    public enum Algorithm: String, Sendable, Hashable, CaseIterable {
        /// 8 bits, a scale for each group of columns.
        case w8a16 = "W8A16"
        /// 4 bits, a scale and a minimum for each group of columns, those with the least error.
        case w4a16 = "W4A16"
        /// The same, with errors weighed by the activations that the model is measured to have: what AWQ (arXiv 2306.00978)
        /// protects by scaling columns.
        case w4a16AWQ = "W4A16_AWQ"
        /// 8 bits, a scale for each row. Activations are quantized in groups of 32, finer than the tokens of SmoothQuant
        /// (arXiv 2211.10438), so that nothing needs to be smoothed.
        case w8a8PerChannel = "W8A8_SQ_PER_CHANNEL"
        /// 8-bit floats (E4M3), a scale for each row.
        case fp8 = "FP8"
        /// Weights stay as they are stored.
        case unquantized = "NO_QUANT"

        /// Whether activations have to be measured first.
        public var needsCalibration: Bool { self == .w4a16AWQ }
    }

    /// Columns that may share a scale.
    public static let groupSizes = [32, 64, 128]
    /// What isn't quantized unless it is asked for: the output matrix, which is small and matters most.
    public static let defaultExclusions = ["lm_head"]

    /// The algorithm.
    public let algorithm: Algorithm
    /// Columns that share a scale, of algorithms with groups.
    public let groupSize: Int
    /// Modules that stay as they are stored: names of modules or tensors, with `*` and `?` for any characters.
    public let exclusions: [String]

    /// A quantization.
    ///
    /// - Parameter groupSize: One of `groupSizes`. Smaller groups take no more memory here, so the smallest are the default.
    public init(
        _ algorithm: Algorithm,
        groupSize: Int = 32,
        exclusions: [String] = WeightQuantization.defaultExclusions
    ) {
        self.algorithm = algorithm
        self.groupSize = groupSize
        self.exclusions = exclusions
    }

    /// How a tensor is rounded; `nil` if it stays as it is stored.
    func rounding(of tensor: String, importance: ColumnImportance? = nil) -> MatrixRounding? {
        guard !isExcluded(tensor) else { return nil }
        return switch algorithm {
        case .w8a16: .eightBits(groupSize: groupSize)
        case .w4a16, .w4a16AWQ: .fourBits(groupSize: groupSize, importance: importance)
        case .w8a8PerChannel: .eightBits(groupSize: nil)
        case .fp8: .float8
        case .unquantized: nil
        }
    }

    /// Whether a pattern fits one of the tensor's names.
    func isExcluded(_ tensor: String) -> Bool {
        let names = ModuleNames.all(ofTensor: tensor)
        return exclusions.contains { pattern in names.contains { fnmatch(pattern, $0, 0) == 0 } }
    }
}
