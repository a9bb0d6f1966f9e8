import Tensors
import Testing

@Suite struct JointRateTests {
    @Test func bestWindowOfOneWorkerCounts() {
        let rate = JointRate(times: [[0, 1, 2, 2.5, 3, 3.5, 4, 6]])
        #expect(rate.highest(window: 2) == 2)
        #expect(rate.highest(window: 6) == 7.0 / 6)
    }

    /// Each is twice as fast while the other rests: that isn't what both can do together.
    @Test func workersAreTakenAtTheSameTime() {
        let rate = JointRate(times: [[0, 1, 2, 3, 4, 8], [0, 4, 5, 6, 7, 8]])
        #expect(rate.highest(window: 4) == 1.25)
    }

    @Test func pieceUnderWayCountsInProportion() {
        #expect(JointRate(times: [[0, 4], [1, 2, 3]]).highest(window: 2) == 1.25)
    }

    @Test func workersThatShareLessThanAWindowAreTakenForWhatTheyShare() {
        #expect(JointRate(times: [[0, 1, 2], [1, 1.5, 2, 2.5]]).highest(window: 10) == 3)
    }

    @Test func workersThatNeverMeetHaveNoJointRate() {
        #expect(JointRate(times: [[0, 1], [2, 3]]).highest(window: 1) == 0)
        #expect(JointRate(times: [[0], [0]]).highest(window: 1) == 0)
        #expect(JointRate(times: []).highest(window: 1) == 0)
    }
}
