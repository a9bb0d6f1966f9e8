import Models
import Testing

/// Two layers of 7 matrices, 24,576 weights each, and an output matrix of 192 x 64.
@Suite struct ModelFootprintTests {
    @Test func singlePrecisionTakesFourBytesAWeight() throws {
        let expected = ModelFootprint(
            layerWeights: 49_152,
            headWeights: 12_288,
            packedLayerBytes: 196_608,
            packedHeadBytes: 49_152
        )
        let footprint = try TinyModel("llama").model.footprint
        #expect(footprint == expected)
        #expect(footprint.packedBytes == 245_760)
    }

    /// 512 weights of a tile's group take 512 bytes and 16 scales in half precision.
    @Test func eightBitsTakeAScalePerGroup() throws {
        let footprint = try TinyModel("llama-q8_0").model.footprint
        #expect(footprint.layerWeights == 49_152)
        #expect(footprint.packedLayerBytes == 49_152 / 512 * 544)
        #expect(footprint.packedHeadBytes == 12_288 / 512 * 544)
    }

    @Test func aHeadThatSharesTheEmbeddingCounts() throws {
        #expect(try TinyModel("qwen2").model.footprint.headWeights == 12_288)
    }
}
