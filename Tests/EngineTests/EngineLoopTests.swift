import Engine
import Glibc
import Models
import RequestParameters
import Synchronization
import Testing

/// The engine on its thread: requests from many tasks, cancellation, faults, draining.
@Suite struct EngineLoopTests {
    private static func engine(
        _ model: ScriptedModel,
        blocks: Int = 64,
        _ change: (inout EngineConfiguration) -> Void = { _ in },
    ) throws -> EngineLoop {
        var configuration = EngineConfiguration(maxSequenceLength: 128, blockCount: blocks, tokensPerBlock: 4)
        change(&configuration)
        return try EngineLoop(model: model, configuration: configuration)
    }

    private static func request(_ prompt: [Int32], maxTokens: Int = 5, seed: UInt64 = 0) -> EngineRequest {
        var request = EngineRequest(promptTokens: prompt, maxTokens: maxTokens)
        request.sampling.seed = seed
        return request
    }

    /// Waits until the engine says so; a test that never gets there is stopped by its time limit.
    private static func until(_ engine: EngineLoop, _ condition: (EngineActivity) -> Bool) async throws {
        while !condition(engine.activity) { try await Task.sleep(for: .milliseconds(1)) }
    }

    @Test(.timeLimit(.minutes(1))) func thirtyTwoTasksEachGetWhatTheyGetAlone() async throws {
        let model = ScriptedModel()
        let engine = try Self.engine(model)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<32 {
                group.addTask {
                    for round in 0..<3 {
                        let prompt = (0...task).map { Int32(($0 * 7 + round) % 50) }
                        let request = Self.request(prompt, maxTokens: 3 + task % 5, seed: UInt64(task))
                        let collected = try await collect(engine.submit(request))
                        #expect(collected.outputs[0] == referenceOutput(request, choice: 0, model))
                        #expect(collected.startedWith != nil)
                    }
                }
            }
            try await group.waitForAll()
        }
        try await Self.until(engine) { $0.isParked }
        let activity = engine.activity
        #expect(activity.kvCache.usedNumBlocks == 0)
        #expect(activity.totals.submittedRequests == 96 && activity.totals.completedRequests == 96)
        #expect(activity.totals.generatedTokens == 3 * (0..<32).reduce(0) { $0 + 3 + $1 % 5 })
        #expect(activity.totals.lengthChoices == 96 && !activity.hasWork)
        await engine.shutdown()
        #expect(model.mistakes == [])
    }

    @Test(.timeLimit(.minutes(1))) func anIdleEngineIsParkedAndWakesOnSubmit() async throws {
        let model = ScriptedModel()
        let engine = try Self.engine(model)
        #expect(engine.activity.isParked && !engine.activity.hasWork)
        for round in 1...3 {
            _ = try await collect(engine.submit(Self.request([1, 2], maxTokens: 4)))
            try await Self.until(engine) { $0.isParked }
            // No tick without work: 4 iterations a round, none in between.
            #expect(engine.activity.iterations == 4 * round)
        }
        await engine.shutdown()
    }

    @Test(.timeLimit(.minutes(1))) func droppingTheStreamCancelsTheRequest() async throws {
        let gate = Gate()
        let engine = try Self.engine(
            ScriptedModel { if $0.slices.contains(where: { $0.position > 0 }) { gate.pass() } }
        )
        do {
            let stream = try engine.submit(Self.request([1, 2, 3], maxTokens: 120))
            var iterator = stream.makeAsyncIterator()
            _ = try await iterator.next()
        }
        gate.open()
        try await Self.until(engine) { $0.totals.cancelledRequests == 1 && $0.isParked }
        #expect(engine.activity.kvCache.usedNumBlocks == 0)
        await engine.shutdown()
    }

    @Test(.timeLimit(.minutes(1))) func cancellingTheConsumingTaskEndsItAndTheRequest() async throws {
        let gate = Gate()
        let engine = try Self.engine(ScriptedModel { _ in gate.pass() })
        let started = Self.request([1, 2, 3], maxTokens: 120)
        let task = Task { try await collect(engine.submit(started)) }
        try await Self.until(engine) { $0.runningRequests == 1 }
        // The engine is inside a forward pass: the consumer mustn't wait for it.
        task.cancel()
        let collected = try await task.value
        #expect(collected.outputs.isEmpty)
        gate.open()
        try await Self.until(engine) { $0.totals.cancelledRequests == 1 && $0.isParked }
        #expect(engine.activity.iterations == 1)
        await engine.shutdown()
    }

    @Test(.timeLimit(.minutes(1))) func cancellingByIdFinishesTheChoicesAsCancelled() async throws {
        let gate = Gate()
        let engine = try Self.engine(ScriptedModel { _ in gate.pass() }) { $0.maxBatchSize = 2 }
        let running = try engine.submit(Self.request([1], maxTokens: 100))
        try await Self.until(engine) { $0.runningRequests == 1 }
        var two = Self.request([2], maxTokens: 100)
        two.choiceCount = 2
        let queued = try engine.submit(two)
        engine.cancel(queued.id)
        engine.cancel(running.id)
        engine.cancel(999)
        gate.open()
        let reasons = try await collect(queued).outputs.mapValues(\.reason)
        #expect(reasons == [0: .cancelled, 1: .cancelled])
        #expect(try await collect(running).outputs[0]?.reason == .cancelled)
        try await Self.until(engine) { $0.isParked }
        #expect(engine.activity.totals.cancelledRequests == 2)
        await engine.shutdown()
    }

    @Test(.timeLimit(.minutes(1))) func aFullQueueRefusesAtOnce() async throws {
        let gate = Gate()
        let engine = try Self.engine(ScriptedModel { _ in gate.pass() }) {
            ($0.maxBatchSize, $0.maxQueuedRequests) = (1, 2)
        }
        var streams = [try engine.submit(Self.request([1]))]
        try await Self.until(engine) { $0.runningRequests == 1 && $0.queuedRequests == 0 }
        for _ in 0..<2 { streams.append(try engine.submit(Self.request([2]))) }
        #expect(throws: EngineError.queueFull(waiting: 2, requested: 1, limit: 2)) {
            try engine.submit(Self.request([3]))
        }
        #expect(engine.activity.queuedRequests == 2 && engine.activity.totals.refusedRequests == 1)
        gate.open()
        for stream in streams { #expect(try await collect(stream).outputs[0]?.tokens.count == 5) }
        _ = try await collect(engine.submit(Self.request([3])))
        await engine.shutdown()
    }

    @Test(.timeLimit(.minutes(1))) func theQueueCountsChoicesAndSaysHowMany() async throws {
        let gate = Gate()
        let engine = try Self.engine(ScriptedModel { _ in gate.pass() }) {
            ($0.maxBatchSize, $0.maxQueuedRequests) = (4, 10)
        }
        func request(_ choices: Int) -> EngineRequest {
            var request = Self.request([1], maxTokens: 2)
            request.choiceCount = choices
            return request
        }
        var streams = [try engine.submit(request(4))]
        try await Self.until(engine) { $0.runningRequests == 1 }
        // Three of its choices have no place yet.
        for _ in 0..<3 { streams.append(try engine.submit(request(2))) }
        let error = EngineError.queueFull(waiting: 9, requested: 2, limit: 10)
        #expect(throws: error) { try engine.submit(request(2)) }
        for number in ["9", "2", "10"] { #expect(error.description.contains(" \(number) ")) }
        streams.append(try engine.submit(request(1)))
        #expect(engine.activity.queuedRequests == 4 && engine.activity.totals.refusedRequests == 1)
        gate.open()
        for stream in streams {
            let outputs = try await collect(stream).outputs.values
            #expect(outputs.allSatisfy { $0.reason == .length })
        }
        await engine.shutdown()
    }

    @Test(.timeLimit(.minutes(1))) func anIterationThatShouldTakeLongIsNotTakenForAStall() async throws {
        var activity = EngineActivity()
        (activity.runningRequests, activity.lastTick, activity.expectedSeconds) = (1, 1000, 20)
        #expect(!activity.isStalled(now: 1199, after: 30))
        #expect(activity.isStalled(now: 1201, after: 30))
    }

    @Test(.timeLimit(.minutes(1))) func aFaultEndsEveryRequestWithAnErrorAndTheEngineGoesOn() async throws {
        let gate = Gate()
        let model = ScriptedModel { _ in gate.pass() }
        let engine = try Self.engine(model, blocks: 2000) { $0.prefillTokens = 8 }
        let first = try engine.submit(Self.request([1, 2], maxTokens: 100))
        try await Self.until(engine) { $0.runningRequests == 1 }
        model.failsToReserve.store(true, ordering: .relaxed)
        // More rows than were reserved at the start.
        let more = try (0..<40).map { try engine.submit(Self.request([Int32($0)], maxTokens: 100)) }
        gate.open()
        for stream in [first] + more {
            await #expect(throws: EngineError.failed("no memory left")) { try await collect(stream) }
        }
        try await Self.until(engine) { $0.isParked }
        #expect(engine.activity.kvCache.usedNumBlocks == 0 && engine.activity.totals.failedRequests == 41)
        model.failsToReserve.store(false, ordering: .relaxed)
        let request = Self.request([4, 5])
        #expect(try await collect(engine.submit(request)).outputs[0] == referenceOutput(request, choice: 0, model))
        await engine.shutdown()
    }

    @Test(.timeLimit(.minutes(1))) func drainingFinishesWhatWasTakenAndRefusesTheRest() async throws {
        let gate = Gate()
        let engine = try Self.engine(ScriptedModel { _ in gate.pass() }) { $0.maxBatchSize = 1 }
        let streams = try (0..<3).map { try engine.submit(Self.request([Int32($0)])) }
        async let drained = engine.drain(timeout: .seconds(50))
        try await Self.until(engine) { $0.isDraining }
        #expect(throws: EngineError.shuttingDown) { try engine.submit(Self.request([1])) }
        gate.open()
        for stream in streams { #expect(try await collect(stream).outputs[0]?.reason == .length) }
        #expect(await drained)
        #expect(await engine.drain(timeout: .seconds(50)))
        await engine.shutdown()
        #expect(await engine.drain(timeout: .seconds(50)))
    }

    @Test(.timeLimit(.minutes(1))) func drainingCancelsWhatIsNotDoneInTime() async throws {
        let gate = Gate()
        let engine = try Self.engine(ScriptedModel { _ in gate.pass() })
        let stream = try engine.submit(Self.request([1], maxTokens: 100))
        try await Self.until(engine) { $0.runningRequests == 1 }
        async let drained = engine.drain(timeout: .zero)
        try await Self.until(engine) { $0.isDraining }
        try await Task.sleep(for: .milliseconds(20))
        gate.open()
        #expect(await !drained)
        #expect(try await collect(stream).outputs[0]?.reason != nil)
        await engine.shutdown()
    }

    @Test(.timeLimit(.minutes(1))) func shutdownEndsEveryStreamAndTheThread() async throws {
        let gate = Gate()
        let engine = try Self.engine(ScriptedModel { _ in gate.pass() }) { $0.maxBatchSize = 1 }
        let streams = try (0..<2).map { try engine.submit(Self.request([Int32($0)], maxTokens: 100)) }
        try await Self.until(engine) { $0.runningRequests == 1 }
        async let ended: Void = engine.shutdown()
        try await Self.until(engine) { $0.isDraining }
        gate.open()
        await ended
        for stream in streams {
            await #expect(throws: EngineError.shuttingDown) { try await collect(stream) }
        }
        #expect(throws: EngineError.shuttingDown) { try engine.submit(Self.request([1])) }
        #expect(engine.activity.isStopped && !engine.activity.hasWork)
        await engine.shutdown()
    }

    @Test(.timeLimit(.minutes(1))) func droppingTheEngineEndsItsStreams() async throws {
        var engine: EngineLoop? = try Self.engine(ScriptedModel())
        let stream = try #require(try engine?.submit(Self.request([1], maxTokens: 120)))
        engine = nil
        await #expect(throws: EngineError.shuttingDown) { try await collect(stream) }
    }

    @Test(.timeLimit(.minutes(1))) func aWorkingEngineThatDoesNotTickIsStalled() async throws {
        let gate = Gate()
        let engine = try Self.engine(ScriptedModel { _ in gate.pass() })
        let idle = engine.activity
        #expect(!idle.isStalled(now: idle.lastTick + 1000, after: 30))
        let stream = try engine.submit(Self.request([1]))
        try await Self.until(engine) { $0.runningRequests == 1 }
        let busy = engine.activity
        #expect(busy.isStalled(now: busy.lastTick + 31, after: 30))
        #expect(!busy.isStalled(now: busy.lastTick + 29, after: 30))
        gate.open()
        _ = try await collect(stream)
        await engine.shutdown()
    }
}

/// Holds the engine's thread inside a forward pass until it is opened.
final class Gate: Sendable {
    private let isOpen = Atomic(false)

    func open() { isOpen.store(true, ordering: .releasing) }

    func pass() {
        var pause = 0
        while !isOpen.load(ordering: .acquiring) {
            pause += 1
            if pause % 1000 == 0 { Self.rest() }
        }
    }

    private static func rest() { sched_yield() }
}
