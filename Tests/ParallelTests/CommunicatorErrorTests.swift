import Parallel
import Testing

@Suite struct CommunicatorErrorTests {
    @Test func namesTheLostRank() {
        #expect("\(CommunicatorError.lost(rank: 3, reason: "it has ended"))" == "rank 3 is lost: it has ended")
    }
}
