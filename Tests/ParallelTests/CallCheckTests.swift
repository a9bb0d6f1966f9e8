import Parallel
import Testing

/// Mistakes in what ranks are asked to exchange are errors, and no memory is touched.
@Suite struct CallCheckTests {
    private static func error(_ body: (any Communicator) throws(CommunicatorError) -> Void) throws -> CommunicatorError?
    {
        let ranks = try InProcessRanks.communicators(2)
        do throws(CommunicatorError) {
            try body(ranks[0])
            return nil
        } catch {
            return error
        }
    }

    @Test func countsMustFitRanksAndBuffers() throws {
        let short = try Self.error { ranks throws(CommunicatorError) in _ = try ranks.gather([1], counts: [1]) }
        #expect(short == .failed("there are 1 counts for 2 ranks"))
        let unlike = try Self.error { ranks throws(CommunicatorError) in _ = try ranks.gather([1, 2], counts: [1, 2]) }
        #expect(unlike == .failed("the counts [1, 2] don't fit rank 0's 2 of 3 elements"))
    }

    @Test func ranksMustExistAndBeOthers() throws {
        let none = try Self.error { ranks throws(CommunicatorError) in try ranks.send([1], to: 2) }
        #expect(none == .failed("there is no rank 2 among 2"))
        let own = try Self.error { ranks throws(CommunicatorError) in _ = try ranks.receive(1, from: 0) }
        #expect(own == .failed("rank 0 would exchange messages with itself"))
        let root = try Self.error { ranks throws(CommunicatorError) in _ = try ranks.broadcast([1], from: -1) }
        #expect(root == .failed("there is no rank -1 among 2"))
    }
}
