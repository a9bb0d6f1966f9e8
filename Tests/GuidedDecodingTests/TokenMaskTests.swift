import GuidedDecoding
import Testing

@Suite struct TokenMaskTests {
    @Test func allowsAndForbidsSingleTokens() {
        var mask = TokenMask(count: 130)
        mask[0] = true
        mask[129] = true
        #expect(mask[0] && mask[129] && !mask[64])
        #expect(mask.allowedCount == 2)
        mask[129] = false
        #expect(mask.allowedCount == 1)
    }

    @Test func ignoresTokensOutsideOfTheVocabulary() {
        var mask = TokenMask(count: 10)
        mask[-1] = true
        mask[10] = true
        #expect(mask.isEmpty && !mask[-1] && !mask[10])
    }

    @Test(arguments: [0, 1, 63, 64, 65, 1000]) func allowingAllAllowsNoMoreThanThereAre(count: Int) {
        #expect(TokenMask(count: count, allowingAll: true).allowedCount == count)
    }

    @Test func unionAndIntersection() {
        var odd = TokenMask(count: 100)
        for token in stride(from: Int32(1), to: 100, by: 2) { odd[token] = true }
        var both = odd
        both.formIntersection(TokenMask(count: 100, allowingAll: true))
        #expect(both == odd)
        both.formUnion(TokenMask(count: 100, allowingAll: true))
        #expect(both.allowedCount == 100)
        both.formIntersection(TokenMask(count: 100))
        #expect(both.isEmpty)
    }
}
