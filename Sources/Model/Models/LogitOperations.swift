internal import CPUKernels
internal import Glibc
internal import Tensors

/// The layer kernels of the chosen instruction set.
var layerKernels: LayerKernels { layer_kernels_for_level(Int32(KernelLevel.chosen.rawValue)).pointee }

/// Scans over one row of logits `[vocabulary]`, each in one pass and in a fixed order of operations.
///
/// NaN never wins: it is passed over by every operation.
public enum LogitOperations {
    /// A token and its logit.
    public struct Candidate: Sendable, Hashable {
        /// The token's id, its index in the row.
        public var token: Int32
        /// Its logit.
        public var logit: Float

        /// A token and its logit.
        public init(token: Int32, logit: Float) {
            self.token = token
            self.logit = logit
        }
    }

    /// The largest logit; -infinity for an empty row or one of NaNs.
    public static func maximum(_ logits: UnsafeBufferPointer<Float>) -> Float {
        guard let base = logits.baseAddress, !logits.isEmpty else { return -.infinity }
        return layerKernels.maximum(base, Int32(logits.count))
    }

    /// The token of the largest logit, the lowest id among equals; 0 when there is none.
    public static func argmax(_ logits: UnsafeBufferPointer<Float>) -> Int32 {
        guard let base = logits.baseAddress, !logits.isEmpty else { return 0 }
        let count = Int32(logits.count)
        return max(0, layerKernels.first_index(base, count, layerKernels.maximum(base, count)))
    }

    /// The natural logarithm of the sum of `exp(logit)`.
    public static func logSumExp(_ logits: UnsafeBufferPointer<Float>) -> Double {
        let highest = maximum(logits)
        guard highest.isFinite else { return Double(highest) }
        return Double(highest) + log(sumOfExponentials(logits, shift: highest, factor: 1))
    }

    /// The sum of `exp((logit - shift) * factor)`.
    ///
    /// - Parameters:
    ///   - logits: The row.
    ///   - shift: No less than any logit, normally the largest.
    ///   - factor: One over the temperature, not negative.
    public static func sumOfExponentials(
        _ logits: UnsafeBufferPointer<Float>,
        shift: Float,
        factor: Float,
    ) -> Double {
        guard let base = logits.baseAddress, !logits.isEmpty else { return 0 }
        return layerKernels.sum_of_exponentials(base, Int32(logits.count), shift, factor)
    }

    /// The `count` largest logits, largest first, the lower id first among equals.
    ///
    /// Costs two passes and a sort of little more than `count` candidates: at least `count` logits are no less than the
    /// `count`-th largest of the maxima of groups, so only those need to be looked at.
    public static func largest(_ logits: UnsafeBufferPointer<Float>, count: Int) -> [Candidate] {
        guard let base = logits.baseAddress, count > 0, !logits.isEmpty else { return [] }
        let width = 64
        let groups = (logits.count + width - 1) / width
        var threshold = -Float.infinity
        if count < groups {
            var maxima = [Float](unsafeUninitializedCapacity: groups) { buffer, filled in
                layerKernels.group_maxima(base, Int32(logits.count), Int32(width), buffer.baseAddress)
                filled = groups
            }
            threshold = selectLargest(&maxima, rank: count - 1)
        }
        var candidates = candidates(logits, atLeast: threshold)
        candidates.sort { $0.logit > $1.logit || ($0.logit == $1.logit && $0.token < $1.token) }
        if candidates.count > count { candidates.removeLast(candidates.count - count) }
        return candidates
    }

    /// The tokens whose logits are at least `threshold`, in the order of their ids.
    public static func candidates(_ logits: UnsafeBufferPointer<Float>, atLeast threshold: Float) -> [Candidate] {
        guard let base = logits.baseAddress, !logits.isEmpty else { return [] }
        var capacity = 1024
        while true {
            var found = 0
            let indices = [Int32](unsafeUninitializedCapacity: capacity) { buffer, filled in
                found = Int(
                    layerKernels.collect_at_least(
                        base,
                        Int32(logits.count),
                        threshold,
                        buffer.baseAddress,
                        Int32(capacity)
                    )
                )
                filled = min(found, capacity)
            }
            if found <= capacity { return indices.map { Candidate(token: $0, logit: logits[Int($0)]) } }
            capacity = found
        }
    }

    /// The number of a rank, 0 for the largest, by Hoare's selection; reorders the array.
    private static func selectLargest(_ numbers: inout [Float], rank: Int) -> Float {
        var low = 0
        var high = numbers.count - 1
        while low < high {
            let pivot = numbers[(low + high) / 2]
            var i = low
            var j = high
            while i <= j {
                while numbers[i] > pivot { i += 1 }
                while numbers[j] < pivot { j -= 1 }
                if i <= j {
                    numbers.swapAt(i, j)
                    i += 1
                    j -= 1
                }
            }
            if rank <= j {
                high = j
            } else if rank >= i {
                low = i
            } else {
                return numbers[rank]
            }
        }
        return numbers[rank]
    }
}
