public import Tensors

/// A tensor's entry in a file's table: everything but the numbers.
public struct GGUFTensor: Sendable, Hashable {
    /// The name, unique in the file.
    public let name: String
    /// Dimensions, outermost first (`[rows, columns]`; the file stores them the other way round).
    public let shape: [Int]
    /// GGUF's id of the type.
    public let typeID: UInt32
    /// Where its data starts, in bytes from the start of the file.
    public let offset: Int
    /// Size of its data in bytes; `nil` if the type isn't known.
    public let byteCount: Int?

    /// How the numbers are stored; `nil` if the type isn't known.
    public var dataType: DataType? { DataType(rawValue: typeID) }

    /// The type's name, as in "Q4_K" or "IQ2_XXS".
    public var typeName: String { dataType?.name ?? Self.foreignTypes[typeID] ?? "type \(typeID)" }

    /// Types of the format that this program doesn't read.
    private static let foreignTypes: [UInt32: String] = [
        4: "Q4_2", 5: "Q4_3", 9: "Q8_1", 15: "Q8_K", 16: "IQ2_XXS", 17: "IQ2_XS", 18: "IQ3_XXS", 19: "IQ1_S",
        21: "IQ3_S", 22: "IQ2_S", 24: "I8", 25: "I16", 26: "I32", 27: "I64", 28: "F64", 29: "IQ1_M",
        31: "Q4_0_4_4", 32: "Q4_0_4_8", 33: "Q4_0_8_8", 34: "TQ1_0", 35: "TQ2_0", 36: "IQ4_NL_4_4",
        37: "IQ4_NL_4_8", 38: "IQ4_NL_8_8", 40: "NVFP4", 41: "Q1_0",
    ]
}
