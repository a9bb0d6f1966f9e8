import Generation
import OrderedJSON
import Testing

private let short = TextWork(textBytes: 10)
private let long = TextWork(textBytes: 1 << 20)

/// A queue and the order in which its jobs are taken.
private struct Bench {
    var queue: TextQueue
    private var nextID: UInt64 = 1

    init(longLimit: Int = 1, _ change: (inout TextLimits) -> Void = { _ in }) {
        var limits = TextLimits()
        change(&limits)
        queue = TextQueue(limits: limits, longLimit: longLimit)
    }

    /// Adds work under the next number, from 1.
    mutating func add(_ works: TextWork...) throws {
        for work in works {
            try queue.append(TextQueue.Job(id: nextID, work: work, run: {}, refuse: { _ in }))
            nextID += 1
        }
    }

    mutating func take() -> UInt64? { queue.take()?.id }
}

@Suite struct TextQueueTests {
    @Test func shortWorkPassesLongWorkAndEachKindKeepsItsOrder() throws {
        var bench = Bench()
        try bench.add(long, long, short, short, long)
        #expect(bench.take() == 1)
        #expect([bench.take(), bench.take(), bench.take()] == [3, 4, nil])
        bench.queue.finish(long)
        #expect(bench.take() == 2)
        bench.queue.finish(long)
        #expect([bench.take(), bench.take()] == [5, nil])
    }

    @Test func oneLongWorkRunsHoweverMuchShortWorkThereIs() throws {
        var bench = Bench(longLimit: 2)
        try bench.add(short, short, long, long)
        #expect([bench.take(), bench.take(), bench.take(), bench.take()] == [3, 1, 2, 4])
    }

    @Test func longWorkIsBoundedByMemoryButForTheFirst() throws {
        let huge = TextWork(textBytes: .max)
        var bench = Bench(longLimit: 8) { $0.memoryBytes = 2 * long.memoryBytes }
        try bench.add(long, long, long)
        #expect([bench.take(), bench.take(), bench.take()] == [1, 2, nil])
        bench.queue.finish(long)
        #expect(bench.queue.hasRunnable)
        #expect(bench.take() == 3)
        bench.queue.finish(long)
        bench.queue.finish(long)
        var alone = Bench(longLimit: 8) { $0.waitingBytes = .max }
        try alone.add(huge)
        #expect(alone.take() == 1)
        try alone.add(long)
        #expect(alone.take() == nil)
        alone.queue.finish(huge)
        #expect(alone.take() == 2)
    }

    @Test func countAndBytesThatWaitAreBounded() throws {
        var bench = Bench {
            $0.waitingJobs = 3
            $0.waitingBytes = (1 << 20) + 15
        }
        try bench.add(long)
        try bench.add(short)
        #expect { try bench.add(short) } throws: { isOverload($0, "\((1 << 20) + 10) bytes of text wait") }
        #expect(bench.take() == 1)
        try bench.add(short, short)
        #expect { try bench.add(short) } throws: { isOverload($0, "3 texts wait") }
        #expect(bench.queue.remove(3)?.id == 3)
        #expect(bench.queue.remove(3) == nil)
        try bench.add(short)
        #expect(bench.queue.waitingBytes == 30)
    }

    @Test func everythingInAPromptDecidesWhetherItIsShort() {
        let filler = String(repeating: "x", count: 20_000)
        func isShort(_ change: (inout ChatPrompt) -> Void) -> Bool {
            var chat = ChatPrompt(messages: [["role": "user", "content": "hello"]])
            change(&chat)
            return GenerationPrompt.chat(chat).work(templateBytes: 1).isShort
        }
        #expect(isShort { _ in })
        #expect(!isShort { $0.messages = [["role": "user", "content": .string(filler)]] })
        #expect(!isShort { $0.messages[0] = .object([filler: 1]) })
        #expect(!isShort { $0.messages = Array(repeating: 1, count: 20_000) })
        #expect(!isShort { $0.tools = [.object([filler: []])] })
        #expect(!isShort { $0.documents = [.string(filler)] })
        #expect(!isShort { $0.templateVariables = [filler: true] })
        #expect(!isShort { $0.template = "x" })
        #expect(GenerationPrompt.text("hello").work(templateBytes: 1).isShort)
        #expect(!GenerationPrompt.text(filler).work(templateBytes: 1).isShort)
        #expect(!GenerationPrompt.tokens(Array(repeating: 1, count: 20_000)).work(templateBytes: 1).isShort)
    }
}

private func isOverload(_ error: any Error, _ text: String) -> Bool {
    guard case GenerationError.overloaded(let message) = error else { return false }
    return message.contains(text)
}
