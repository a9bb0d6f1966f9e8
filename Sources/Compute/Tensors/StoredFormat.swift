internal import CPUKernels

/// How the numbers of a stored matrix lie in its parts.
public enum StoredFormat: Sendable, Hashable {
    /// Row by row, in the blocks of a GGUF type.
    case blocks(DataType)
    /// Floats, column by column: `[columns, rows]`, as in GPT-2.
    case transposed(DataType)
    /// 8-bit floats (E4M3) row by row, times scales.
    case e4m3
    /// Integers in 32-bit words, times scales.
    case integers(IntegerFormat)
    /// 4-bit floats (E2M1) row by row, two in a byte, times powers of two for 32 columns: MXFP4 of safetensors.
    case e2m1
    /// Packed already, as in an engine file.
    case packed(PackedLayout)

    /// The format's name, for messages.
    public var name: String {
        switch self {
        case .blocks(let type): type.name
        case .transposed(let type): "transposed \(type.name)"
        case .e4m3: "F8_E4M3"
        case .integers(let integers): "\(integers.bits)-bit \(integers.order.rawValue)"
        case .e2m1: "MXFP4"
        case .packed(let layout): "packed \(layout.rawValue)"
        }
    }

    /// Whether the numbers are floats that nobody has quantized.
    public var isFloat: Bool {
        switch self {
        case .blocks(let type), .transposed(let type): [.f32, .f16, .bf16].contains(type)
        case .e4m3, .integers, .e2m1, .packed: false
        }
    }

    /// Whether the numbers can be rounded to fewer bits, or to others, when they are packed: floats of 8 bits and more.
    public var canBeRounded: Bool { isFloat || self == .e4m3 }

    /// Whether a packed matrix holds the very numbers that were stored; in other formats some scales are rounded.
    public var packsExactly: Bool {
        if case .packed(let layout) = self { layout.canBeUnpacked } else { packs_exactly(layoutType) != 0 }
    }

    /// Columns that can't be separated.
    package var columnGrain: Int {
        switch self {
        case .blocks(let type): max(32, type.blockSize)
        case .packed(let layout): layout.columnGrain
        case .transposed, .e4m3, .integers, .e2m1: 32
        }
    }

    /// Bytes of a stored row; `nil` where the numbers of a row don't follow each other, or if it isn't whole blocks.
    func bytesPerRow(columns: Int) -> Int? {
        switch self {
        case .blocks(let type): type.byteCount(elements: columns)
        case .transposed: nil
        case .e4m3: columns
        case .integers(let integers): integers.order == .rows ? columns * integers.bits / 8 : nil
        case .e2m1: columns / 2
        case .packed: nil
        }
    }

    /// Where a row's first number is, or the word that holds it.
    func offset(ofRow row: Int, columns: Int) -> Int {
        if let bytes = bytesPerRow(columns: columns) { return row * bytes }
        switch self {
        case .transposed(let type): return row * type.bytesPerBlock
        case .integers(let integers): return integers.order == .awq ? row / 8 * 4 : row * 4
        default: return 0
        }
    }

    /// Bytes from a column to the next, or from a word to the next.
    func columnStride(rows: Int) -> Int {
        switch self {
        case .blocks(let type): type.bytesPerBlock
        case .transposed(let type): rows * type.bytesPerBlock
        case .e4m3, .e2m1, .packed: 1
        case .integers(let integers):
            switch integers.order {
            case .rows: 4
            case .columns: rows * 4
            case .awq: rows / 2
            }
        }
    }

    /// The format's number in C.
    var layoutType: UInt32 {
        switch self {
        case .blocks(let type), .transposed(let type): type.rawValue
        case .e4m3: TYPE_E4M3.rawValue
        case .integers: TYPE_INTEGERS.rawValue
        case .e2m1: TYPE_E2M1.rawValue
        // Nothing is packed from it.
        case .packed: .max
        }
    }
}

/// How integers lie in 32-bit words.
public struct IntegerFormat: Sendable, Hashable {
    /// What a word holds, and which word comes next.
    public enum Order: String, Sendable, Hashable {
        /// Consecutive columns of a row; row by row, as in compressed tensors.
        case rows = "integers"
        /// Consecutive columns of a row; the words of all rows follow each other, as in GPTQ.
        case columns = "GPTQ"
        /// Eight rows of a column, in the order 0 2 4 6 1 3 5 7; column by column.
        case awq = "AWQ"
    }

    /// 4 or 8.
    public let bits: Int
    /// Where they are.
    public let order: Order
    /// Two's complement; otherwise they are counted from 0.
    public let isSigned: Bool
    /// What has to be added to a stored zero point.
    let zeroAddend: Int

    init(bits: Int, order: Order, isSigned: Bool = false, zeroAddend: Int = 0) {
        self.bits = bits
        self.order = order
        self.isSigned = isSigned
        self.zeroAddend = zeroAddend
    }

    /// Columns or rows of a word.
    var perWord: Int { 32 / bits }
}
