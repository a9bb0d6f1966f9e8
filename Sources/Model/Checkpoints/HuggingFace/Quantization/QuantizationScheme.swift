internal import OrderedJSON

/// How the weights of a checkpoint were quantized, by `quantization_config`.
enum QuantizationScheme: Sendable, Hashable {
    /// AWQ: 4 bits with scales and zero points per group of columns.
    case awq(groupSize: Int)
    /// GPTQ: 4 or 8 bits.
    case gptq(bits: Int, groupSize: Int, zerosLackOne: Bool)
    /// 8-bit floats with a scale for each block of rows and columns; `nil` for one per row or matrix, as the scales' shape
    /// says.
    case e4m3(block: Block?)
    /// Integers of compressed tensors: whole bytes, or words of so many bits.
    case compressed(bits: Int, isPacked: Bool)
    /// 4-bit floats in groups of 32.
    case mxfp4

    /// Rows and columns that share a scale.
    struct Block: Sendable, Hashable {
        var rows: Int
        var columns: Int
    }

    /// The scheme of a model's configuration; `nil` if its weights aren't quantized.
    ///
    /// - Throws: `CheckpointError` naming the key for what isn't supported.
    init?(_ config: JSONFile) throws(CheckpointError) {
        guard let keys = try config.object("quantization_config") else { return nil }
        guard let method = try keys.string("quant_method") else { throw keys.missing("quant_method") }
        switch method {
        case "awq":
            try Self.require(keys, "version", "gemm")
            try Self.require(keys, "bits", in: [4])
            self = .awq(groupSize: try Self.groupSize(keys))
        case "gptq":
            let bits = try Self.require(keys, "bits", in: [4, 8])
            let isNew = try keys.string("checkpoint_format") == "gptq_v2"
            self = .gptq(bits: bits, groupSize: try Self.groupSize(keys), zerosLackOne: !isNew)
        case "fp8":
            try Self.require(keys, "fmt", "e4m3")
            self = .e4m3(block: try Self.block(keys, "weight_block_size"))
        case "compressed-tensors": self = try Self.compressed(keys)
        case "mxfp4": self = .mxfp4
        default:
            let limit = "one of awq, gptq, fp8, compressed-tensors, mxfp4"
            throw keys.outOfRange("quant_method", "'\(method.prefix(64))'", limit)
        }
    }

    private static func compressed(_ keys: JSONFile) throws(CheckpointError) -> QuantizationScheme {
        guard let groups = try keys.object("config_groups") else { throw keys.missing("config_groups") }
        guard groups.members.count == 1, let name = groups.members.keys.first,
            let weights = try groups.object(name)?.object("weights")
        else {
            throw keys.outOfRange("config_groups", "of \(groups.members.count) groups", "one group that has weights")
        }
        let isFloat = try weights.string("type") == "float"
        let bits = try require(weights, "num_bits", in: isFloat ? [8] : [4, 8])
        switch try keys.string("format") ?? "" {
        case "pack-quantized" where !isFloat: return .compressed(bits: bits, isPacked: true)
        case "int-quantized" where bits == 8, "naive-quantized" where bits == 8, "float-quantized" where isFloat:
            return isFloat
                ? .e4m3(block: try block(weights, "block_structure")) : .compressed(bits: 8, isPacked: false)
        case let format:
            let limit = "one of pack-quantized, int-quantized, naive-quantized, float-quantized"
            throw keys.outOfRange("format", "'\(format.prefix(64))' of \(bits) bits", limit)
        }
    }

    /// Columns of a group; all of them if it is -1.
    private static func groupSize(_ keys: JSONFile) throws(CheckpointError) -> Int {
        let size = try keys.integer("group_size", in: -1...1 << 20) ?? 128
        return size > 0 ? size : .max
    }

    private static func block(_ keys: JSONFile, _ key: String) throws(CheckpointError) -> Block? {
        guard let sizes = try keys.numbers(key) else { return nil }
        let whole = sizes.compactMap { Int(exactly: $0) }
        guard whole.count == 2, sizes.count == 2, whole.allSatisfy({ (1...1 << 20).contains($0) }) else {
            throw keys.outOfRange(key, "a list of \(sizes.count)", "two positive integers")
        }
        return Block(rows: whole[0], columns: whole[1])
    }

    private static func require(_ keys: JSONFile, _ key: String, _ value: String) throws(CheckpointError) {
        guard let stated = try keys.string(key), stated.lowercased() != value else { return }
        throw keys.outOfRange(key, "'\(stated.prefix(64))'", value)
    }

    @discardableResult
    private static func require(_ keys: JSONFile, _ key: String, in values: [Int]) throws(CheckpointError) -> Int {
        guard let value = try keys.integer(key, in: 1...64) else { throw keys.missing(key) }
        guard values.contains(value) else {
            throw keys.outOfRange(key, "\(value)", values.map(String.init).joined(separator: " or "))
        }
        return value
    }
}
