internal import CPUKernels

/// How a packed matrix lies in memory, by the names of `matmul_kernels.h`; the same on every instruction set.
///
/// Engine files have these names: whoever changes what one stands for gives it a new one.
public enum PackedLayout: String, Sendable, Hashable, CaseIterable {
    case u4x32 = "u4_32"
    case u4kx32 = "u4k_32"
    case u4sx32 = "u4s_32"
    case c4x32 = "c4_32"
    case e2m1 = "e2m1"
    case u2x16 = "u2_16"
    case u3sx16 = "u3s_16"
    case u5x32 = "u5_32"
    case u5kx32 = "u5k_32"
    case u5sx32 = "u5s_32"
    case u6kx16 = "u6k_16"
    case s8x32 = "s8_32"
    case bf16 = "bf16"
    case f16 = "f16"
    case f32 = "f32"
    case e4m3 = "e4m3"

    /// The form's number in C.
    var form: PackedForm {
        switch self {
        case .u4x32: PACKED_U4_32
        case .u4kx32: PACKED_U4K_32
        case .u4sx32: PACKED_U4S_32
        case .c4x32: PACKED_C4_32
        case .e2m1: PACKED_E2M1
        case .u2x16: PACKED_U2_16
        case .u3sx16: PACKED_U3S_16
        case .u5x32: PACKED_U5_32
        case .u5kx32: PACKED_U5K_32
        case .u5sx32: PACKED_U5S_32
        case .u6kx16: PACKED_U6K_16
        case .s8x32: PACKED_S8_32
        case .bf16: PACKED_BF16
        case .f16: PACKED_F16
        case .f32: PACKED_F32
        case .e4m3: PACKED_E4M3
        }
    }

    /// The layout of a form; `nil` for none.
    init?(form: PackedForm) {
        guard let layout = Self.allCases.first(where: { $0.form == form }) else { return nil }
        self = layout
    }

    /// Whether rows can be expanded again: the forms of 2 and 3 bits round what they are packed from.
    var canBeUnpacked: Bool { self != .u2x16 && self != .u3sx16 }

    /// Columns whose scales have a number in common, or a group of columns.
    var columnGrain: Int {
        switch self {
        case .u4kx32, .u5kx32, .u6kx16: 256
        default: Int(MATMUL_GROUP)
        }
    }

    /// Bytes of a tile of 16 output features.
    ///
    /// - Returns: `nil` if the columns aren't whole groups, or the product overflows.
    func tileBytes(columns: Int) -> Int? {
        guard columns > 0, columns % Int(MATMUL_GROUP) == 0 else { return nil }
        let (bytes, overflow) = packed_group_bytes(form).multipliedReportingOverflow(by: columns / Int(MATMUL_GROUP))
        return overflow ? nil : bytes
    }

    /// Tiles that hold so many output features.
    static func tileCount(rows: Int) -> Int { rows / Int(MATMUL_TILE) + (rows % Int(MATMUL_TILE) == 0 ? 0 : 1) }

    /// Bytes of a packed matrix.
    ///
    /// - Returns: `nil` if the shape can't be packed, or the product overflows.
    public func byteCount(rows: Int, columns: Int) -> Int? {
        guard rows > 0, let tileBytes = tileBytes(columns: columns) else { return nil }
        let (bytes, overflow) = tileBytes.multipliedReportingOverflow(by: Self.tileCount(rows: rows))
        return overflow ? nil : bytes
    }
}
