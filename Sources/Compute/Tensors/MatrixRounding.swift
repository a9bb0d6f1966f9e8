internal import CPUKernels

/// How a matrix's numbers are rounded to those of a packed form.
public struct MatrixRounding: Sendable {
    let form: PackedForm
    /// Columns that share a scale; 0: whole rows.
    let sharedColumns: Int
    /// How much an error weighs, by column.
    let importance: ColumnImportance?

    private init(form: PackedForm, sharedColumns: Int, importance: ColumnImportance? = nil) {
        self.form = form
        self.sharedColumns = sharedColumns
        self.importance = importance
    }

    /// To 4 bits, a scale and a minimum for 32, 64 or 128 columns.
    public static func fourBits(groupSize: Int, importance: ColumnImportance? = nil) -> MatrixRounding {
        MatrixRounding(form: PACKED_U4_32, sharedColumns: groupSize, importance: importance)
    }

    /// To 5 bits, likewise.
    public static func fiveBits(groupSize: Int, importance: ColumnImportance? = nil) -> MatrixRounding {
        MatrixRounding(form: PACKED_U5_32, sharedColumns: groupSize, importance: importance)
    }

    /// To 8 bits, a scale for 32, 64 or 128 columns, or for whole rows.
    public static func eightBits(groupSize: Int?, importance: ColumnImportance? = nil) -> MatrixRounding {
        MatrixRounding(form: PACKED_S8_32, sharedColumns: groupSize ?? 0, importance: importance)
    }

    /// To 8-bit floats (E4M3), a scale for whole rows.
    public static let float8 = MatrixRounding(form: PACKED_E4M3, sharedColumns: 0)

    /// To 8 bits, of integers whose columns have scales in any order.
    static let nearestBytes = MatrixRounding(form: PACKED_S8_32, sharedColumns: Int(MATMUL_GROUP))

    /// To half precision.
    static let halves = MatrixRounding(form: PACKED_F16, sharedColumns: Int(MATMUL_GROUP))

    /// The rounding in C, `nil` for none.
    static func withLayout<Result>(
        of rounding: MatrixRounding?,
        _ body: (UnsafePointer<WeightRounding>?) -> Result,
    ) -> Result {
        guard let rounding else { return body(nil) }
        func call(_ importance: UnsafePointer<Float>?) -> Result {
            var layout = WeightRounding(columns: Int32(rounding.sharedColumns), importance: importance)
            return body(&layout)
        }
        guard let importance = rounding.importance else { return call(nil) }
        return importance.meanSquares.withUnsafeBufferPointer { call($0.baseAddress) }
    }
}

/// How much each input column of a matrix matters: the mean square of the activations that it is multiplied with.
///
/// An error of a weight changes outputs as much as these are large. They are measured on some text.
public struct ColumnImportance: Sendable {
    /// By column; finite and positive.
    public let meanSquares: [Float]

    /// The importance of columns by their activations' mean squares.
    ///
    /// Columns that are never used still count a little, so that rounding stays sensible there; numbers that aren't finite
    /// count as such.
    public init(meanSquares: [Float]) {
        let usable = meanSquares.map { $0.isFinite && $0 > 0 ? $0 : 0 }
        let mean = usable.reduce(0) { $0 + Double($1) } / Double(max(1, usable.count))
        // As multiples of their mean: sums of them stay in the range of single precision.
        self.meanSquares = usable.map { mean > 0 ? max(1e-4, Float(Double($0) / mean)) : 1 }
    }
}
