internal import Tensors

/// LongRoPE's divisors of the rotary frequencies, which GGUF files have as tensors.
struct GGUFRopeFactors {
    static let shortName = "rope_factors_short.weight"
    static let longName = "rope_factors_long.weight"
    static let names = [shortName, longName]
    /// More than any head has pairs of dimensions.
    private static let mostDivisors = 1 << 15

    /// Up to the context of training.
    let short: [Double]
    /// Beyond it.
    let long: [Double]

    /// The divisors among a checkpoint's tensors; `nil` if it has none.
    ///
    /// - Throws: `CheckpointError` for numbers that can't be read or used.
    init?(_ tensors: [StoredTensor]) throws(CheckpointError) {
        guard let short = tensors.first(where: { $0.name == Self.shortName }),
            let long = tensors.first(where: { $0.name == Self.longName })
        else { return nil }
        self.short = try Self.divisors(short)
        self.long = try Self.divisors(long)
    }

    private static func divisors(_ tensor: StoredTensor) throws(CheckpointError) -> [Double] {
        guard tensor.dataType == .f32, tensor.shape.count == 1, tensor.shape[0] <= mostDivisors else {
            throw tensor.malformed("an F32 vector of at most \(mostDivisors) is needed")
        }
        let matrix = try tensor.matrix(rows: 1, columns: tensor.shape[0])
        let numbers = try TensorPart.numbers(matrix, tensor).map(Double.init)
        if let wrong = numbers.first(where: { !($0 > 0 && $0 <= 1e12) }) {
            let reason = "divisors are more than 0 and at most 1e12"
            let field = "tensor '\(tensor.name)'"
            throw .malformed(file: tensor.file.path, field: field, value: "\(wrong)", reason: reason)
        }
        return numbers
    }
}

extension ModelConfiguration {
    /// Reads and checks the configuration in a file's metadata and in its tensors of constants.
    ///
    /// - Parameters:
    ///   - tensorNames: The names of all the checkpoint's tensors.
    ///   - constants: Those tensors, others may be among them.
    /// - Throws: `CheckpointError` naming the key, its value and the limit.
    init(
        _ metadata: GGUFMetadata,
        tensorNames: Set<String>,
        constants: [StoredTensor],
    ) throws(CheckpointError) {
        try self.init(metadata: metadata, tensorNames: tensorNames)
        if let factors = try GGUFRopeFactors(constants) { try setLongRope(factors, try ConfigurationKeys(metadata)) }
    }

    /// Stretches rotary embeddings by LongRoPE.
    ///
    /// - Throws: `CheckpointError` if there isn't a divisor for each pair of dimensions.
    mutating func setLongRope(_ factors: GGUFRopeFactors, _ keys: ConfigurationKeys) throws(CheckpointError) {
        for (name, divisors) in [
            (GGUFRopeFactors.shortName, factors.short), (GGUFRopeFactors.longName, factors.long),
        ] where divisors.count != ropeDimensionCount / 2 {
            let limit = "\(2 * divisors.count), twice the length of \(name)"
            throw keys.outOfRange("rope.dimension_count", "\(ropeDimensionCount)", limit)
        }
        ropeScaling = try keys.longRope(short: factors.short, long: factors.long, contextLength: contextLength)
        windowedRopeScaling = ropeScaling
    }
}
