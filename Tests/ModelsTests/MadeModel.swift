import Foundation
import Tensors

/// A small Llama model as wide as real ones, its weights of any type, made up for a test and written to a GGUF file.
struct MadeModel {
    static let hidden = 768
    static let feedForward = 512
    static let layers = 2
    static let heads = 4
    static let kvHeads = 2
    static let headWidth = 64
    static let vocabulary = 96
    static let epsilon = 1e-5
    static let base = 10_000.0

    private(set) var tensors: [(name: String, rows: Int, columns: Int, type: DataType, bytes: [UInt8])] = []
    private var random: SplitMix

    /// Made-up weights: matrices of type `matrices`, and of `halfOfThem` where one is given.
    init(matrices: DataType, halfOfThem other: DataType? = nil, seed: UInt64) {
        random = SplitMix(state: seed)
        let second = other ?? matrices
        add("token_embd.weight", Self.vocabulary, Self.hidden, second, size: 0.05)
        add("output_norm.weight", 1, Self.hidden, .f32, size: 0)
        for layer in 0..<Self.layers {
            let name = { (part: String) in "blk.\(layer).\(part).weight" }
            add(name("attn_norm"), 1, Self.hidden, .f32, size: 0)
            // Large enough that attention isn't uniform.
            add(name("attn_q"), Self.heads * Self.headWidth, Self.hidden, matrices, size: 0.05)
            add(name("attn_k"), Self.kvHeads * Self.headWidth, Self.hidden, matrices, size: 0.05)
            add(name("attn_v"), Self.kvHeads * Self.headWidth, Self.hidden, second, size: 0.03)
            add(name("attn_output"), Self.hidden, Self.heads * Self.headWidth, matrices, size: 0.05)
            add(name("ffn_norm"), 1, Self.hidden, .f32, size: 0)
            add(name("ffn_gate"), Self.feedForward, Self.hidden, matrices, size: 0.04)
            add(name("ffn_up"), Self.feedForward, Self.hidden, matrices, size: 0.04)
            add(name("ffn_down"), Self.hidden, Self.feedForward, second, size: 0.03)
        }
    }

    /// The expanded rows of a tensor.
    func rows(_ name: String) throws -> [[Float]] {
        let source = try source(name)
        return (0..<source.rows).map { row in
            var numbers = [Float](repeating: 0, count: source.columns)
            source.dequantizeRow(row, into: &numbers)
            return numbers
        }
    }

    /// Adds an adapter's products to the weights, which are in single precision.
    mutating func merge(_ adapter: MadeAdapter) {
        let names = [
            "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
            "self_attn.o_proj": "attn_output", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up",
            "mlp.down_proj": "ffn_down",
        ]
        for module in adapter.modules {
            let parts = module.name.split(separator: ".")
            guard let own = names[parts[3...].joined(separator: ".")],
                let index = tensors.firstIndex(where: { $0.name == "blk.\(parts[2]).\(own).weight" })
            else { continue }
            tensors[index].bytes.withUnsafeMutableBytes { bytes in
                let numbers = bytes.bindMemory(to: Float.self)
                for row in 0..<module.outputs {
                    let (head, dimension) = row.quotientAndRemainder(dividingBy: Self.headWidth)
                    let (half, pair) = dimension.quotientAndRemainder(dividingBy: Self.headWidth / 2)
                    let isRotated = own == "attn_q" || own == "attn_k"
                    let place = isRotated ? head * Self.headWidth + 2 * pair + half : row
                    for column in 0..<module.inputs {
                        var sum: Float = 0
                        for inner in 0..<adapter.rank {
                            sum += module.up[row * adapter.rank + inner] * module.down[inner * module.inputs + column]
                        }
                        numbers[place * module.inputs + column] += sum * adapter.scale
                    }
                }
            }
        }
    }

    private func source(_ name: String) throws -> StoredMatrix {
        guard let tensor = tensors.first(where: { $0.name == name }) else { throw CocoaError(.fileNoSuchFile) }
        return try Self.source(tensor.type, tensor.rows, tensor.columns, tensor.bytes)
    }

    private static func source(_ type: DataType, _ rows: Int, _ columns: Int, _ bytes: [UInt8]) throws -> StoredMatrix {
        let memory = try AlignedMemory(byteCount: bytes.count)
        memory.bytes.copyBytes(from: bytes)
        let buffer = UnsafeRawBufferPointer(rebasing: memory.bytes[..<bytes.count])
        return try StoredMatrix(dataType: type, rows: rows, columns: columns, bytes: buffer, owner: memory)
    }

    /// Adds a tensor of random numbers of about a size; a norm, whose size is 0, is near 1.
    private mutating func add(_ name: String, _ rows: Int, _ columns: Int, _ type: DataType, size: Float) {
        let count = rows * columns
        var bytes: [UInt8] = []
        switch type {
        case .q4_k, .q6_k:
            bytes = (0..<(type.byteCount(elements: count) ?? 0)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            for start in stride(from: 0, to: bytes.count, by: type.bytesPerBlock) {
                setScales(type, size, &bytes, at: start)
            }
        default:
            for _ in 0..<count {
                let number = size == 0 ? 1 + 0.3 * (random.unit() - 0.5) : (random.unit() * 2 - 1) * size * 1.7
                if type == .bf16 {
                    withUnsafeBytes(of: UInt16(number.bitPattern >> 16)) { bytes += $0 }
                } else {
                    withUnsafeBytes(of: number) { bytes += $0 }
                }
            }
        }
        tensors.append((name, rows, columns, type, bytes))
    }

    /// Random integers times these are numbers of about a size, as often positive as negative.
    private func setScales(_ type: DataType, _ size: Float, _ bytes: inout [UInt8], at start: Int) {
        func put(_ number: Float, _ offset: Int) {
            let bits = Float16(number).bitPattern
            (bytes[start + offset], bytes[start + offset + 1]) = (UInt8(bits & 255), UInt8(bits >> 8))
        }
        if type == .q4_k {
            put(size / 150, 0)
            put(size / 150 * 7.5, 2)
        } else {
            put(size / 1300, 208)
        }
    }
}

extension MadeModel: NamedTensors {
    func contains(_ name: String) -> Bool { tensors.contains { $0.name == name } }

    /// Writes a GGUF file and returns its path; `keys` are added to those of the architecture.
    func write(_ keys: [(String, GGUFField)], to folder: URL) throws -> String {
        let fields: [(String, GGUFField)] = [
            ("general.architecture", .text("llama")), ("llama.context_length", .number(4096)),
            ("llama.embedding_length", .number(Self.hidden)), ("llama.block_count", .number(Self.layers)),
            ("llama.feed_forward_length", .number(Self.feedForward)),
            ("llama.attention.head_count", .number(Self.heads)),
            ("llama.attention.head_count_kv", .number(Self.kvHeads)),
            ("llama.attention.key_length", .number(Self.headWidth)),
            ("llama.attention.value_length", .number(Self.headWidth)),
            ("llama.attention.layer_norm_rms_epsilon", .real(Float(Self.epsilon))),
            ("llama.rope.freq_base", .real(Float(Self.base))), ("llama.vocab_size", .number(Self.vocabulary)),
        ]
        let file = MadeFile(
            fields: fields + keys,
            tensors: tensors.map { tensor in
                let shape = tensor.rows == 1 ? [tensor.columns] : [tensor.rows, tensor.columns]
                return .init(name: tensor.name, shape: shape, type: tensor.type, bytes: tensor.bytes)
            }
        )
        return try file.write(to: folder)
    }
}
