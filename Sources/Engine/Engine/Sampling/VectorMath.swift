internal import Glibc

/// Passes over a row of logits, in a fixed order of additions on every machine.
package enum VectorMath {
    private static let width = 8
    private typealias Vector = SIMD8<Float>

    /// The greatest value, or negative infinity when there is none; NaN is passed over.
    package static func maximum(_ values: UnsafeBufferPointer<Float>) -> Float {
        var best = Vector(repeating: -.infinity)
        forEachVector(values, padding: -.infinity) { vector, _ in best.replace(with: vector, where: vector .> best) }
        return best.max()
    }

    /// The position of the greatest value, the first of equals; 0 when there is no number above negative infinity.
    package static func indexOfMaximum(_ values: UnsafeBufferPointer<Float>) -> Int {
        let best = maximum(values)
        return values.firstIndex(of: best) ?? 0
    }

    /// The logarithm of the sum of exponentials, with the greatest value `maximum` taken out: `log Σ exp(v - maximum)`.
    package static func logSumOfExponentials(_ values: UnsafeBufferPointer<Float>, maximum: Float) -> Double {
        var total = 0.0
        var partial = Vector(repeating: 0)
        forEachVector(values, padding: -.infinity) { vector, position in
            partial += exponential(vector - maximum)
            // Floats add up few terms, doubles the rest, so that a large vocabulary loses no precision.
            if position & 511 == 0 {
                total += sum(partial)
                partial = Vector(repeating: 0)
            }
        }
        return log(total + sum(partial))
    }

    /// The sum of a few numbers that aren't negative, and the greatest of them.
    @inline(__always)
    static func sumAndMaximum(_ values: UnsafeBufferPointer<Float>) -> (sum: Double, maximum: Float) {
        var partial = Vector(repeating: 0)
        var best = Vector(repeating: 0)
        forEachVector(values, padding: 0) { vector, _ in
            partial += vector
            best.replace(with: vector, where: vector .> best)
        }
        return (sum(partial), best.max())
    }

    /// The sum of eight numbers in double precision, in the order of the lanes.
    @inline(__always)
    static func sum(_ vector: SIMD8<Float>) -> Double {
        var sum = 0.0
        for lane in 0..<width { sum += Double(vector[lane]) }
        return sum
    }

    /// Writes `exp((v - maximum) / temperature)` of each value.
    static func writeWeights(
        _ values: UnsafeBufferPointer<Float>,
        maximum: Float,
        temperature: Float,
        to weights: UnsafeMutableBufferPointer<Float>,
    ) {
        forEachVector(values, padding: -.infinity) { vector, position in
            let result = exponential((vector - maximum) / temperature)
            if position + width <= weights.count {
                UnsafeMutableRawPointer(weights.baseAddress.unsafelyUnwrapped + position)
                    .storeBytes(of: result, as: Vector.self)
            } else {
                for lane in 0..<weights.count - position { weights[position + lane] = result[lane] }
            }
        }
    }

    /// `exp` of numbers up to 0, within 2 units in the last place; below -87 and for NaN it is 0.
    ///
    /// Range reduction to half a power of two and a polynomial of degree 6, as in the Cephes library.
    package static func exponential(_ argument: SIMD8<Float>) -> SIMD8<Float> {
        let isTiny = .!(argument .>= Vector(repeating: -87))
        let value = argument.replacing(with: 0, where: isTiny)
        // Adding 1.5 * 2^23 rounds to an integer, which is then in the low bits.
        let magic = Vector(repeating: 12_582_912)
        let shifted = value * 1.442_695_04 + magic
        let exponent = shifted - magic
        let rest = value - exponent * 0.693_359_375 - exponent * -2.121_944_40e-4
        var sum = Vector(repeating: 1.987_569_150_0e-4)
        sum = sum * rest + 1.398_199_950_7e-3
        sum = sum * rest + 8.333_451_907_3e-3
        sum = sum * rest + 4.166_579_589_4e-2
        sum = sum * rest + 1.666_666_545_9e-1
        sum = sum * rest + 5.000_000_120_1e-1
        sum = sum * rest * rest + rest + 1
        let integer = unsafeBitCast(shifted, to: SIMD8<Int32>.self) &- 0x4B40_0000
        let power = unsafeBitCast((integer &+ 127) &<< 23, to: Vector.self)
        return (sum * power).replacing(with: 0, where: isTiny)
    }

    /// Calls `body` with eight values at a time and the position of the first; the last ones are padded.
    @inline(__always)
    private static func forEachVector(
        _ values: UnsafeBufferPointer<Float>,
        padding: Float,
        _ body: (SIMD8<Float>, Int) -> Void,
    ) {
        guard let base = values.baseAddress else { return }
        let raw = UnsafeRawPointer(base)
        var position = 0
        while position + width <= values.count {
            body(raw.loadUnaligned(fromByteOffset: position * 4, as: Vector.self), position)
            position += width
        }
        guard position < values.count else { return }
        var last = Vector(repeating: padding)
        for lane in 0..<values.count - position { last[lane] = values[position + lane] }
        body(last, position)
    }
}
