internal import Tensors

/// What is multiplied in a layer.
enum CalibratedInput: CaseIterable {
    case queryKeyValue
    case output
    case feedForward
    case down

    /// The tensors that it is multiplied with.
    var tensors: [String] {
        switch self {
        case .queryKeyValue: ["attn_q", "attn_k", "attn_v"]
        case .output: ["attn_output"]
        case .feedForward: ["ffn_gate", "ffn_up"]
        case .down: ["ffn_down"]
        }
    }

    /// Numbers of a row.
    func width(_ layer: LayerShape, hidden: Int) -> Int {
        switch self {
        case .queryKeyValue, .feedForward: hidden
        case .output: layer.attention.queryWidth
        case .down: layer.feedForward.width
        }
    }
}

/// Sums of the squares of a linear operation's inputs, by worker and column.
///
/// In fixed point, so that totals depend neither on the order of rows nor on who computes them.
struct InputSums: BitwiseCopyable {
    let sums: UnsafeMutablePointer<Int64>
    let width: Int

    /// Units of a square's fixed point.
    private static let unit: Float = 1_048_576

    /// The sum of a column's squares, in units.
    func total(_ column: Int, workers: Int) -> Int64 {
        (0..<workers).reduce(0) { total, worker in total &+ sums[worker * width + column] }
    }

    /// Adds a row's squares, relative to their mean, to a worker's own sums.
    ///
    /// So all rows count the same: the first of a text has activations a thousand times as large as others in many models.
    func add(_ row: UnsafePointer<Float>, worker: Int) {
        let own = sums + worker * width
        var total: Float = 0
        for column in 0..<width { total += row[column] * row[column] }
        let scale = Self.unit * Float(width) / total
        guard total.isFinite, scale.isFinite else { return }
        // No square is more than the total.
        for column in 0..<width { own[column] &+= Int64(row[column] * row[column] * scale) }
    }
}

/// Sums up what a model's matrices are multiplied with while it reads some text.
final class CalibrationSums {
    private let workers: Int
    private let arrays = RawArrays()
    private var inputs: [[CalibratedInput: InputSums]] = []

    /// Sums for all layers; experts aren't measured.
    init(shape: DecoderShape, workers: Int) {
        self.workers = workers
        inputs = shape.layers.map { layer in
            let measured = layer.feedForward.experts == nil ? CalibratedInput.allCases : [.queryKeyValue, .output]
            return Dictionary(
                uniqueKeysWithValues: measured.map { input in
                    let width = input.width(layer, hidden: shape.hiddenSize)
                    let sums = arrays.reserve(workers * width, of: Int64(0)).baseAddress.unsafelyUnwrapped
                    return (input, InputSums(sums: sums, width: width))
                }
            )
        }
    }

    /// The sums of a layer.
    func inputs(ofLayer index: Int) -> [CalibratedInput: InputSums] { inputs[index] }

    /// The importance of columns by tensors' names.
    func importance() -> [String: ColumnImportance] {
        var importance: [String: ColumnImportance] = [:]
        for (layer, inputs) in inputs.enumerated() {
            for (input, sums) in inputs {
                let squares = (0..<sums.width).map { column in Float(sums.total(column, workers: workers)) }
                for tensor in input.tensors {
                    importance["blk.\(layer).\(tensor).weight"] = ColumnImportance(meanSquares: squares)
                }
            }
        }
        return importance
    }
}
