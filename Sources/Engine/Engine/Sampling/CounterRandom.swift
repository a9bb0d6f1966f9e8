/// Random numbers that depend on nothing but a key and a counter: Philox 4x32 with 10 rounds.
///
/// Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3" (2011). Keyed by a request's seed and
/// counted by choice and position, a token's number is the same whatever else runs and in whatever order.
package enum CounterRandom {
    /// Four random words for a counter and a key.
    package static func words(counter: SIMD4<UInt32>, key: SIMD2<UInt32>) -> SIMD4<UInt32> {
        var counter = counter
        var key = key
        for _ in 0..<10 {
            let first = counter.x.multipliedFullWidth(by: 0xD251_1F53)
            let second = counter.z.multipliedFullWidth(by: 0xCD9E_8D57)
            counter = SIMD4(
                second.high ^ counter.y ^ key.x,
                second.low,
                first.high ^ counter.w ^ key.y,
                first.low,
            )
            key = key &+ SIMD2(0x9E37_79B9, 0xBB67_AE85)
        }
        return counter
    }

    /// A number in [0, 1) with 53 random bits, for the token of a choice at a position of its output.
    package static func uniform(seed: UInt64, choice: Int, position: Int) -> Double {
        let counter = SIMD4(
            UInt32(truncatingIfNeeded: position),
            UInt32(truncatingIfNeeded: position >> 32),
            UInt32(truncatingIfNeeded: choice),
            0,
        )
        let key = SIMD2(UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
        let words = words(counter: counter, key: key)
        let bits = UInt64(words.x) << 32 | UInt64(words.y)
        return Double(bits >> 11) * 0x1p-53
    }
}
