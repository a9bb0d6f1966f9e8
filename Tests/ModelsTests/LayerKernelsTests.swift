import CPUKernels
import Foundation
import Testing

/// Every kernel of every instruction set of this machine against its portable twin, outputs filled with NaN before.
@Suite struct LayerKernelsTests {
    static let levels = 1...max(1, layer_kernels_highest_level())
    static let sizes = [1, 2, 7, 8, 9, 15, 16, 17, 31, 33, 64, 65, 127, 576]

    let generic = layer_kernels_for_level(0).pointee

    /// The kernels of a level, the portable ones where the machine has no other.
    func kernels(_ level: Int32) -> LayerKernels {
        layer_kernels_for_level(min(level, layer_kernels_highest_level())).pointee
    }

    /// Seeded numbers in -1 ..< 1, times a factor.
    func numbers(_ count: Int, seed: UInt64, times factor: Float = 1) -> [Float] {
        var random = SplitMix(state: seed)
        return (0..<count).map { _ in (random.unit() * 2 - 1) * factor }
    }

    /// The largest difference relative to the larger of 1e-3 and the expected number; infinite where one is NaN.
    func worst(_ found: [Float], _ expected: [Float]) -> Float {
        zip(found, expected).reduce(0) { worst, pair in
            let error = abs(pair.0 - pair.1) / max(1e-3, abs(pair.1))
            return error.isNaN ? .infinity : max(worst, error)
        }
    }

    @Test(arguments: levels, sizes)
    func normMatchesItsTwin(level: Int32, n: Int) {
        let x = numbers(n, seed: 1, times: 5)
        let weight = numbers(n, seed: 2)
        var found = [Float](repeating: .nan, count: n)
        var expected = found
        kernels(level).rms_norm(x, weight, 1e-5, Int32(n), &found)
        generic.rms_norm(x, weight, 1e-5, Int32(n), &expected)
        #expect(worst(found, expected) <= 1e-6)
    }

    @Test(arguments: levels, sizes)
    func layerNormMatchesItsTwin(level: Int32, n: Int) {
        let x = numbers(n, seed: 1, times: 5)
        let weight = numbers(n, seed: 2)
        let bias = numbers(n, seed: 3)
        for hasBias in [true, false] {
            var found = [Float](repeating: .nan, count: n)
            var expected = found
            bias.withUnsafeBufferPointer { bias in
                let bias = hasBias ? bias.baseAddress : nil
                kernels(level).layer_norm(x, weight, bias, 1e-5, Int32(n), &found)
                generic.layer_norm(x, weight, bias, 1e-5, Int32(n), &expected)
            }
            // What is near 0 is a difference of larger numbers.
            #expect(zip(found, expected).allSatisfy { abs($0 - $1) <= 2e-6 * max(1, abs($1)) })
        }
    }

    @Test func layerNormIsTheFormula() {
        var out = [Float](repeating: .nan, count: 4)
        generic.layer_norm([1, 2, 3, 6], [1, 2, 1, 1], [0, 0, 0.5, 0], 0.5, 4, &out)
        #expect(worst(out, [-1, -1, 0.5, 1.5]) <= 1e-6)
    }

    /// `activation(x)` as it is defined.
    private static let activations: [(CPUKernels.Activation, @Sendable (Double) -> Double)] = [
        (ACTIVATION_SILU, { $0 / (1 + exp(-$0)) }),
        (ACTIVATION_GELU_TANH, { 0.5 * $0 * (1 + tanh(0.797_884_560_8 * ($0 + 0.044715 * $0 * $0 * $0))) }),
        (ACTIVATION_GELU_ERF, { 0.5 * $0 * (1 + erf($0 / 2.0.squareRoot())) }),
        (ACTIVATION_RELU, { max(0, $0) }),
        (ACTIVATION_RELU_SQUARED, { $0 > 0 ? $0 * $0 : 0 }),
    ]

    @Test(arguments: 0...2 as ClosedRange<Int32>, sizes)
    func activationsAreTheKnownFunctions(level: Int32, n: Int) {
        let table = layer_kernels_for_level(min(level, layer_kernels_highest_level()))
        let up = numbers(n, seed: 4)
        for range: Float in [1, 12, 200] {
            let x = numbers(n, seed: 3, times: range)
            for (activation, function) in Self.activations {
                var plain = [Float](repeating: .nan, count: n)
                var gated = plain
                activate_plain(table, activation, x, Int32(n), &plain)
                activate_gated(table, activation, x, up, Int32(n), &gated)
                for index in 0..<n {
                    let expected = function(Double(x[index]))
                    let limit = 1e-6 * max(1, abs(Double(x[index])), abs(expected))
                    #expect(abs(Double(plain[index]) - expected) <= limit)
                    #expect(gated[index] == plain[index] * up[index])
                }
            }
        }
    }

    @Test(arguments: 0...2 as ClosedRange<Int32>)
    func capsAndLimitsAreTheirFormulas(level: Int32) {
        let table = layer_kernels_for_level(min(level, layer_kernels_highest_level())).pointee
        let x = numbers(19, seed: 8, times: 60)
        let up = numbers(19, seed: 9, times: 20)
        var capped = [Float](repeating: .nan, count: 19)
        var within = capped
        table.softcap(x, 30, 19, &capped)
        table.gated_within(x, up, 7, 19, &within)
        for index in x.indices {
            #expect(abs(Double(capped[index]) - 30 * tanh(Double(x[index]) / 30)) <= 1e-5)
            let gate = min(7, Double(x[index]))
            let other = max(-7, min(7, Double(up[index])))
            #expect(abs(Double(within[index]) - gate / (1 + exp(-1.702 * gate)) * (other + 1)) <= 1e-4)
        }
    }

    @Test(arguments: levels, [1, 4, 7, 8, 9, 16, 32, 33, 64])
    func rotationsMatchTheirTwins(level: Int32, half: Int) {
        let cosines = numbers(half, seed: 5)
        let sines = numbers(half, seed: 6)
        var found = numbers(2 * half, seed: 7) + [42]
        var expected = found
        kernels(level).rotate_halves(&found, cosines, sines, Int32(half))
        generic.rotate_halves(&expected, cosines, sines, Int32(half))
        #expect(worst(found, expected) <= 1e-4)
        kernels(level).rotate_pairs(&found, cosines, sines, Int32(half))
        generic.rotate_pairs(&expected, cosines, sines, Int32(half))
        #expect(worst(found, expected) <= 1e-4)
        #expect(found[2 * half] == 42)
    }

    @Test(arguments: levels)
    func storedNumbersAreRoundedToEvenAndClamped(level: Int32) {
        let tie = Float(bitPattern: 0x3f80_8000)
        let special: [Float] = [
            0, -0.0, 1, tie, Float(bitPattern: 0x3f81_8000), tie.nextDown, tie.nextUp, -tie, 65504, 1e38, 3.4e38,
            -3.4e38,
            .infinity, .leastNonzeroMagnitude, -Float.leastNonzeroMagnitude, .leastNormalMagnitude,
        ]
        let value = numbers(16, seed: 9, times: 1e-4)
        let size = 2 * Int(ATTENTION_TILE) * 16
        var found = [UInt16](repeating: 0x7fff, count: size)
        var expected = found
        found.withUnsafeMutableBytes { tile in
            kernels(level).store_key_value(CACHE_BF16, special, value, head_shape(16), 5, tile.baseAddress)
        }
        expected.withUnsafeMutableBytes { tile in
            generic.store_key_value(CACHE_BF16, special, value, head_shape(16), 5, tile.baseAddress)
        }
        #expect(found == expected)
        let keys = (0..<16).map { found[cache_key_index(Int32($0), 5)] }
        #expect(
            keys == [
                0, 0x8000, 0x3f80, 0x3f80, 0x3f82, 0x3f80, 0x3f81, 0xbf80, 0x4780, 0x7e96, 0x7f7f, 0xff7f, 0x7f7f, 0,
                0x8000, 0x0080,
            ]
        )
        #expect(found.count { $0 != 0x7fff } == 32)
    }

    static let allLevels = 0...layer_kernels_highest_level()
    static let rowLengths = [1, 7, 8, 15, 16, 17, 63, 64, 65, 1000, 4099]

    @Test(arguments: allLevels, rowLengths)
    func scansOfARowFindWhatALoopFinds(level: Int32, n: Int) {
        let kernels = layer_kernels_for_level(level).pointee
        let x = numbers(n, seed: 11, times: 20)
        var maxima = [Float](repeating: .nan, count: (n + 63) / 64)
        kernels.group_maxima(x, Int32(n), &maxima)
        #expect(maxima == stride(from: 0, to: n, by: 64).map { x[$0..<min($0 + 64, n)].max() })
        for threshold: Float in [-30, 3, 19.5, 30] {
            let all = (0..<n).filter { x[$0] >= threshold }.map(Int32.init)
            for capacity in [0, 20, n] {
                var indices = [Int32](repeating: -1, count: n)
                let count = kernels.collect_at_least(x, Int32(n), maxima, threshold, &indices, Int32(capacity))
                #expect(Int(count) == all.count)
                #expect(Array(indices.prefix(min(all.count, capacity))) == Array(all.prefix(capacity)))
                #expect(indices.dropFirst(capacity).allSatisfy { $0 == -1 })
            }
        }
    }

    @Test(arguments: allLevels, rowLengths)
    func exponentialsAreThoseOfTheLibraryAndTheSameBitsOnEveryLevel(level: Int32, n: Int) {
        let kernels = layer_kernels_for_level(level).pointee
        let x = numbers(n, seed: 12, times: 20)
        let highest = x.max() ?? 0
        for temperature: Float in [1, 0.3, 3, 1e6, 1e-3] {
            var found = [Float](repeating: .nan, count: n)
            var expected = found
            kernels.exponentials(x, Int32(n), highest, temperature, &found)
            generic.exponentials(x, Int32(n), highest, temperature, &expected)
            #expect(found == expected)
            let sum = kernels.sum_of_exponentials(x, Int32(n), highest, temperature)
            #expect(sum == generic.sum_of_exponentials(x, Int32(n), highest, temperature))
            #expect(abs(sum / found.reduce(0) { $0 + Double($1) } - 1) < 1e-13)
            for (logit, weight) in zip(x, found) {
                let argument = (logit - highest) / temperature
                let exact = argument < -87 ? 0 : exp(Double(argument))
                #expect(abs(Double(weight) - exact) <= 2 * Double(Float(exact).ulp))
            }
        }
    }

    @Test(arguments: allLevels)
    func exponentialsOfWhatUnderflowsAndOfNoNumberAreZero(level: Int32) {
        let x: [Float] = [0, -0.0, -88, -.infinity, .nan, -1e30, -87.5, 0]
        var found = [Float](repeating: .nan, count: 8)
        layer_kernels_for_level(level).pointee.exponentials(x, 8, 0, 1, &found)
        #expect(found == [1, 1, 0, 0, 0, 0, 0, 1])
    }

    @Test(arguments: allLevels)
    func notANumberNeverWins(level: Int32) {
        let kernels = layer_kernels_for_level(level).pointee
        var x = [Float](repeating: .nan, count: 100)
        var maxima: [Float] = [.nan, .nan]
        kernels.group_maxima(x, 100, &maxima)
        #expect(maxima == [-.infinity, -.infinity])
        x[5] = -7
        x[97] = -3
        kernels.group_maxima(x, 100, &maxima)
        #expect(maxima == [-7, -3])
        #expect(kernels.collect_at_least(x, 100, maxima, -10, nil, 0) == 2)
        #expect(kernels.sum_of_exponentials(x, 100, -3, 1) > 1)
    }
}

/// The SplitMix64 generator: seeded numbers for tests.
struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    mutating func unit() -> Float { Float(next() >> 40) / Float(1 << 24) }
}
