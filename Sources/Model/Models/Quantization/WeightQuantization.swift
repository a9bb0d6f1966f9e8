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
    ///
    /// - Parameters:
    ///   - tensor: The tensor's name.
    ///   - columns: Columns of a matrix of it.
    ///   - importance: What its columns are worth, where that was measured.
    func rounding(of tensor: String, columns: Int, importance: ColumnImportance? = nil) -> MatrixRounding? {
        guard !isExcluded(tensor) else { return nil }
        switch algorithm {
        case .w8a16: return .eightBits(groupSize: groupSize)
        case .w8a8PerChannel: return .eightBits(groupSize: nil)
        case .fp8: return .float8
        case .unquantized: return nil
        case .w4a16, .w4a16AWQ: break
        }
        return switch Self.fewBits(of: tensor, columns: columns) {
        case 4: .fourBits(groupSize: groupSize, importance: importance)
        case 5: .fiveBits(groupSize: groupSize, importance: importance)
        default: .eightBits(groupSize: groupSize, importance: importance)
        }
    }

    /// Bits of a tensor's weights where four are asked for: more where an error costs much or the bit costs little.
    ///
    /// Values have the fewest weights and the largest share of the error for each (`docs/quantization.md`); narrow matrices
    /// are those of small models, which have less to lose.
    package static func fewBits(of tensor: String, columns: Int) -> Int {
        if tensor.hasSuffix(".attn_v.weight") { return 8 }
        return columns < 1024 || tensor.contains(".ffn_down") ? 5 : 4
    }

    /// Whether a pattern fits one of the tensor's names.
    func isExcluded(_ tensor: String) -> Bool {
        let names = ModuleNames.all(ofTensor: tensor)
        return exclusions.contains { pattern in names.contains { fnmatch(pattern, $0, 0) == 0 } }
    }
}

extension WeightQuantization: CustomStringConvertible {
    /// In words, others for another quantization: "W4A16, groups of 32, without lm_head".
    public var description: String {
        guard algorithm != .unquantized else { return algorithm.rawValue }
        let others = exclusions.isEmpty ? "" : ", without " + exclusions.joined(separator: ", ")
        return "\(algorithm.rawValue), groups of \(groupSize)\(others)"
    }
}
