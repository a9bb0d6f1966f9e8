import Models
import Testing

/// How ranks are counted, and how what they share is cut.
@Suite struct RankLayoutTests {
    @Test func ranksCountStageByStage() throws {
        let layout = try RankLayout(tensorParallel: 4, pipelineParallel: 2, expertTensorParallel: 2, expertParallel: 2)
        #expect(layout.size == 8)
        let places = (0..<8).map { layout.place(of: $0) }
        #expect(places.map(\.stage) == [0, 0, 0, 0, 1, 1, 1, 1])
        #expect(places.map(\.tensor) == [0, 1, 2, 3, 0, 1, 2, 3])
        #expect(places.map(\.expert) == [0, 1, 0, 1, 0, 1, 0, 1])
        #expect(places.map(\.expertTensor) == [0, 0, 1, 1, 0, 0, 1, 1])
    }

    @Test func whatIsNotSaidOfExpertsFollowsFromTheRest() throws {
        let sharing = try RankLayout(tensorParallel: 4)
        #expect(sharing.expertTensorParallel == 4 && sharing.expertParallel == 1)
        let dealing = try RankLayout(tensorParallel: 4, expertParallel: 4)
        #expect(dealing.expertTensorParallel == 1 && dealing.expertParallel == 4)
        let both = try RankLayout(tensorParallel: 4, expertTensorParallel: 2)
        #expect(both.expertTensorParallel == 2 && both.expertParallel == 2)
    }

    @Test func numbersThatDoNotFitAreNamed() {
        let product = #expect(throws: ModelError.self) {
            try RankLayout(tensorParallel: 4, expertTensorParallel: 2, expertParallel: 4)
        }
        #expect(
            product.map { "\($0)" }
                == "moe_tensor_parallel_size (2) times moe_expert_parallel_size (4) must be tp_size (4)"
        )
        let none = #expect(throws: ModelError.self) { try RankLayout(pipelineParallel: 0) }
        #expect(none.map { "\($0)" } == "pp_size is 0: it must be 1 to 4096")
        #expect(throws: ModelError.self) { try RankLayout(tensorParallel: 2, expertParallel: 8) }
        let few = #expect(throws: ModelError.self) { try RankLayout(pipelineParallel: 2, stageLayers: [4]) }
        #expect(
            few.map { "\($0)" }
                == "pp_partition is [4]: it must be 2 numbers of layers from 1 to 1048576, one for each of pp_size stages"
        )
        #expect(throws: ModelError.self) { try RankLayout(pipelineParallel: 2, stageLayers: [4, 0]) }
        #expect(throws: ModelError.self) { try RankLayout(pipelineParallel: 2, stageLayers: [.max, .max]) }
    }

    @Test func partsAreEvenInWholeUnits() {
        #expect(Sharing.even(35 * 256, grain: 256, parts: 2) == [0..<18 * 256, 18 * 256..<35 * 256])
        #expect(Sharing.even(10, grain: 4, parts: 3) == [0..<4, 4..<8, 8..<10])
        #expect(Sharing.even(9, grain: 1, parts: 3) == [0..<3, 3..<6, 6..<9])
        #expect(Sharing.even(512, grain: 256, parts: 3) == nil)
    }

    @Test func theDearestStageIsAsCheapAsItCanBe() {
        #expect(Sharing.byCost([1, 1, 1, 1], parts: 2, firstCost: 0) == [0..<2, 2..<4])
        #expect(Sharing.byCost([1, 1, 1, 1, 1, 1], parts: 2, firstCost: 2) == [0..<2, 2..<6])
        #expect(Sharing.byCost([4, 2, 2, 2, 2], parts: 3, firstCost: 0) == [0..<1, 1..<3, 3..<5])
        #expect(Sharing.byCost([1, 1], parts: 2, firstCost: 100) == [0..<1, 1..<2])
        #expect(Sharing.byCost([1], parts: 2, firstCost: 0) == nil)
    }
}
