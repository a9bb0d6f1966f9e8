import Server
import Testing

@Suite(.timeLimit(.minutes(1))) struct ByteBudgetTests {
    @Test func whoComesWhenAllIsLentWaitsInOrderOfArrival() async throws {
        let budget = ByteBudget(bytes: 100)
        var first: ByteBudget.Loan? = try await budget.borrow(60)
        let order = Order()
        try await withThrowingTaskGroup(of: Void.self) { group in
            // 40 would fit at once, but not before the 80 that came earlier.
            for (place, bytes) in [80, 40, 100].enumerated() {
                group.addTask {
                    let loan = try await budget.borrow(bytes)
                    await order.append(bytes)
                    withExtendedLifetime(loan) {}
                }
                while budget.waitingCount < place + 1 { await Task.yield() }
            }
            #expect(await order.values.isEmpty)
            withExtendedLifetime(first) {}
            first = nil
            try await group.waitForAll()
        }
        #expect(await order.values == [80, 40, 100])
        _ = try await budget.borrow(100)
    }

    @Test func whoLeavesTheQueueMakesRoomForThoseBehind() async throws {
        let budget = ByteBudget(bytes: 100)
        let first = try await budget.borrow(60)
        let large = Task { try await budget.borrow(80) }
        while budget.waitingCount < 1 { await Task.yield() }
        let small = Task { try await budget.borrow(40) }
        while budget.waitingCount < 2 { await Task.yield() }
        large.cancel()
        await #expect(throws: CancellationError.self) { try await large.value }
        _ = try await small.value
        #expect(budget.waitingCount == 0)
        withExtendedLifetime(first) {}
    }

    @Test func moreThanThereIsAtAllIsAllOfIt() async throws {
        let budget = ByteBudget(bytes: 100)
        _ = try await budget.borrow(.max)
        _ = try await budget.borrow(100)
    }

    private actor Order {
        private(set) var values: [Int] = []

        func append(_ value: Int) { values.append(value) }
    }
}
