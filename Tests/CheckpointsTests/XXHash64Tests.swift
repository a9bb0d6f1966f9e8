import Checkpoints
import Testing

@Suite struct XXHash64Tests {
    /// Values of the reference implementation (xxhash 0.8): the buffer is the one of its self-test.
    @Test func sumsAreThoseOfTheReference() {
        #expect(XXHash64.sum([UInt8]()) == 0xEF46_DB37_51D8_E999)
        #expect(XXHash64.sum(Array("a".utf8)) == 0xD24E_C4F1_A98C_6E5B)
        #expect(XXHash64.sum(Array("abc".utf8)) == 0x44BC_2CF5_AD77_0999)
        #expect(XXHash64.sum(Array("Nobody inspects the spammish repetition".utf8)) == 0xFBCE_A83C_8A37_8BF1)
    }

    @Test func everyBitOfEveryLengthCounts() {
        var random = SplitMix(state: 1)
        for length in 1...70 {
            var bytes = (0..<length).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            let sum = XXHash64.sum(bytes)
            for place in 0..<length {
                for bit in 0..<8 {
                    bytes[place] ^= 1 << UInt8(bit)
                    #expect(XXHash64.sum(bytes) != sum)
                    bytes[place] ^= 1 << UInt8(bit)
                }
            }
            #expect(XXHash64.sum(bytes, seed: 1) != sum)
        }
    }
}
