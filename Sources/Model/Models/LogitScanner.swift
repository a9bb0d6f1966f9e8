internal import CPUKernels
internal import Glibc

/// Scans rows of logits `[vocabulary]`, one after the other, each time in few passes and a fixed order of operations.
///
/// The first pass finds the largest of each group of neighbours, which tells the others where they needn't look. A token's
/// weight is `exp((logit - maximum) / temperature)`. NaN never wins: it is passed over, and weighs nothing.
public struct LogitScanner: Sendable {
    /// The largest logit; -infinity for an empty row or one of NaNs.
    public private(set) var maximum = -Float.infinity
    /// The tokens that were looked for last, by ascending id.
    public private(set) var tokens: [Int32] = []
    /// Their weights.
    public private(set) var weights: [Float] = []
    /// The largest logit of each group.
    private var maxima: [Float] = []

    /// A scanner that has seen no row.
    public init() {}

    /// Takes up a row; the other operations want the same one.
    public mutating func scan(_ logits: UnsafeBufferPointer<Float>) {
        Self.writeMaxima(of: logits, to: &maxima)
        maximum = maxima.max() ?? -.infinity
    }

    /// The token of the largest logit, the lowest id among equals; 0 when there is none.
    public func indexOfMaximum(_ logits: UnsafeBufferPointer<Float>) -> Int32 {
        for group in maxima.indices where maxima[group] == maximum {
            let start = group * Int(LOGIT_GROUP)
            let end = min(start + Int(LOGIT_GROUP), logits.count)
            if let index = logits[start..<end].firstIndex(of: maximum) { return Int32(index) }
        }
        return 0
    }

    /// The sum of all weights; the largest logit must be finite.
    public func sumOfWeights(_ logits: UnsafeBufferPointer<Float>, temperature: Float) -> Double {
        guard let base = logits.baseAddress, !logits.isEmpty else { return 0 }
        return layerKernels.pointee.sum_of_exponentials(base, Int32(logits.count), maximum, temperature)
    }

    /// Finds the `count` largest logits.
    ///
    /// - Returns: their ids, largest first, lower ids first among equals.
    public mutating func largest(_ count: Int, _ logits: UnsafeBufferPointer<Float>) -> [Int32] {
        guard count > 0 else { return [] }
        collect(atLeast: rank(count), logits)
        let sorted = tokens.sorted { (logits[Int($1)], $0) < (logits[Int($0)], $1) }
        return Array(sorted.prefix(count))
    }

    /// Finds all tokens that weigh at least `floor`, or anything where that is 0; some that are lighter may be among them.
    public mutating func find(weighingAtLeast floor: Float, _ logits: UnsafeBufferPointer<Float>, temperature: Float) {
        let least = log(max(Double(floor), Self.leastWeight))
        weigh(atLeast: Double(maximum) + Double(temperature) * least, logits, temperature: temperature)
    }

    /// Finds the `count` heaviest tokens and all that weigh the same as the last of them; some that are lighter may be among
    /// them, and those of weight 0 may be missing.
    public mutating func find(heaviest count: Int, _ logits: UnsafeBufferPointer<Float>, temperature: Float) {
        let least = Double(maximum) + Double(temperature) * log(Self.leastWeight)
        weigh(atLeast: max(Double(rank(count)), least), logits, temperature: temperature)
    }

    /// What is less comes out as 0.
    private static let leastWeight = exp(-87.0)

    private mutating func weigh(atLeast threshold: Double, _ logits: UnsafeBufferPointer<Float>, temperature: Float) {
        // Weights are rounded, so that the same may come of a logit that is less: some rounding errors of the argument.
        let argument = (threshold - Double(maximum)) / Double(temperature)
        collect(atLeast: Float(threshold - Double(temperature) * (1 + abs(argument)) * 0x1p-19), logits)
        weights = tokens.map { logits[Int($0)] }
        let (count, highest) = (Int32(tokens.count), maximum)
        weights.withUnsafeMutableBufferPointer { weights in
            layerKernels.pointee.exponentials(weights.baseAddress, count, highest, temperature, weights.baseAddress)
        }
    }

    /// Finds the tokens whose logits are at least `threshold`.
    private mutating func collect(atLeast threshold: Float, _ logits: UnsafeBufferPointer<Float>) {
        var capacity = max(tokens.count, 1024)
        while true {
            var found = 0
            tokens = [Int32](unsafeUninitializedCapacity: capacity) { tokens, filled in
                let (base, count) = (logits.baseAddress, Int32(logits.count))
                found = Int(
                    layerKernels.pointee.collect_at_least(
                        base,
                        count,
                        maxima,
                        threshold,
                        tokens.baseAddress,
                        Int32(capacity)
                    )
                )
                filled = min(found, capacity)
            }
            guard found > capacity else { return }
            capacity = found
        }
    }

    /// A number that at least `count` logits reach: the one of that rank among the groups' maxima.
    private func rank(_ count: Int) -> Float {
        guard count <= maxima.count else { return -.infinity }
        var largest = maxima
        var second: [Float] = []
        maxima.withUnsafeBufferPointer { Self.writeMaxima(of: $0, to: &second) }
        if count <= second.count {
            // At least so many are no less than that rank among the maxima of the maxima.
            let threshold = Self.select(&second, rank: count - 1)
            largest.removeAll { $0 < threshold }
        }
        return Self.select(&largest, rank: count - 1)
    }

    private static func writeMaxima(of numbers: UnsafeBufferPointer<Float>, to maxima: inout [Float]) {
        let groups = (numbers.count + Int(LOGIT_GROUP) - 1) / Int(LOGIT_GROUP)
        if maxima.count != groups { maxima = [Float](repeating: 0, count: groups) }
        guard let base = numbers.baseAddress else { return }
        maxima.withUnsafeMutableBufferPointer {
            layerKernels.pointee.group_maxima(base, Int32(numbers.count), $0.baseAddress)
        }
    }
}

extension LogitScanner {
    /// The number of a rank, 0 for the largest, by Hoare's selection; reorders the array, which has no NaN.
    private static func select(_ numbers: inout [Float], rank: Int) -> Float {
        var (low, high) = (0, numbers.count - 1)
        while low < high {
            let pivot = numbers[(low + high) / 2]
            var (i, j) = (low, high)
            while i <= j {
                while numbers[i] > pivot { i += 1 }
                while numbers[j] < pivot { j -= 1 }
                guard i <= j else { break }
                numbers.swapAt(i, j)
                i += 1
                j -= 1
            }
            if rank <= j {
                high = j
            } else if rank >= i {
                low = i
            } else {
                break
            }
        }
        return numbers[rank]
    }
}
