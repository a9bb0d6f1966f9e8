package import ArgumentParser
internal import Engine
internal import Models
internal import OrderedJSON

/// What deciding costs, without a model: streams that decode while others wait for blocks that aren't there.
package struct SchedulerCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "scheduler",
        abstract: "Microseconds of scheduling per iteration, with long queues and full prefix caches."
    )

    @Option(name: .customLong("blocks"), help: "Blocks of the KV cache.")
    var blockCount = 60_000

    @Option(name: .customLong("siblings"), help: "Known prompts that differ at the end of their first block.")
    var siblingCount = 10_000

    @Option(name: .customLong("streams"), help: "Sequences that decode.")
    var streamCount = 16

    @Option(name: .customLong("waiting"), help: "Requests that wait.")
    var waitingCount = 1024

    @Option(name: .customLong("iterations"), help: "Measured iterations.")
    var iterationCount = 1000

    @Option(name: .customLong("report_json"), help: "File for the figures as JSON.")
    var reportFile: String?

    /// The defaults.
    package init() {}

    package mutating func validate() throws {
        try OptionRange.check("blocks", blockCount, in: 1000...1_000_000)
        try OptionRange.check("siblings", siblingCount, in: 0...1_000_000)
        try OptionRange.check("streams", streamCount, in: OptionRange.concurrency)
        try OptionRange.check("waiting", waitingCount, in: 0...OptionRange.concurrency.upperBound)
        try OptionRange.check("iterations", iterationCount, in: OptionRange.count)
        guard siblingCount <= blockCount, streamCount <= blockCount / 100 else {
            throw ValidationError("--blocks is \(blockCount), too few for the siblings and 100 for each stream")
        }
    }

    package mutating func run() throws {
        var table = ReportTable(title: "\(blockCount) blocks, \(streamCount) streams, \(iterationCount) iterations")
        table.append(heads: ["median us", "p99 us"])
        var report: JSONObject = [:]
        let cases = [
            ("streams alone", 0, 0), ("waiting", waitingCount, 0), ("siblings", 0, siblingCount),
            ("waiting and siblings", waitingCount, siblingCount),
        ]
        for (name, waiting, siblings) in cases {
            var load = SchedulerLoad(blockCount: blockCount)
            load.remember(siblings)
            load.start(streamCount, leaving: 100)
            load.wait(waiting)
            let times = Percentiles((0..<iterationCount).map { _ in load.step() * 1e6 })
            table.append(name, [times.median, times.value(at: 0.99)])
            report[name] = times.json
        }
        print(table.text)
        try ReportFile.write(.object(report), to: reportFile)
    }
}

/// A scheduler under load, with made-up tokens in the place of a model's.
private struct SchedulerLoad {
    private static let tokensPerBlock = 32
    private var scheduler: Scheduler
    private var random = SeededGenerator(seed: 1)
    private var lastID: UInt64 = 0
    private let blockCount: Int

    init(blockCount: Int) {
        self.blockCount = blockCount
        scheduler = Scheduler(
            configuration: EngineConfiguration(
                maxSequenceLength: blockCount * Self.tokensPerBlock,
                blockCount: blockCount,
                tokensPerBlock: Self.tokensPerBlock
            ),
            groups: [.all(layers: 1)]
        )
    }

    private mutating func add(_ prompt: [Int32], maxTokens: Int) {
        lastID += 1
        scheduler.add(EngineRequest(promptTokens: prompt, maxTokens: maxTokens), id: lastID)
    }

    /// Tokens that agree but for the last of the first block, and then are random.
    private mutating func prompt(_ distinct: Int, blocks: Int) -> [Int32] {
        let first = [Int32](repeating: 7, count: Self.tokensPerBlock - 1) + [Int32(distinct)]
        let rest = (0..<(blocks - 1) * Self.tokensPerBlock).map { _ in Int32.random(in: 0..<30_000, using: &random) }
        return first + rest
    }

    /// Fills the prefix cache with prompts that have ended.
    mutating func remember(_ count: Int) {
        for index in 0..<count {
            add(prompt(2 * index, blocks: max(1, blockCount / count)), maxTokens: 1)
            while scheduler.hasWork { step() }
        }
    }

    /// Starts streams that have promised themselves all blocks but `left`.
    mutating func start(_ count: Int, leaving left: Int) {
        let blocks = (blockCount - left) / count
        for index in 0..<count { add([Int32(index)], maxTokens: blocks * Self.tokensPerBlock) }
        for _ in 0..<3 { step() }
    }

    /// Queues requests whose prompts don't fit, between known ones in the order of tokens.
    mutating func wait(_ count: Int) {
        for index in 0..<count { add(prompt(2 * index + 1, blocks: 150), maxTokens: 8) }
    }

    /// One iteration; the seconds it took.
    @discardableResult
    mutating func step() -> Double {
        let begin = ContinuousClock.now
        let plan = scheduler.plan()
        var result = StepResult(runs: [])
        for slice in plan.slices {
            let runs = slice.choices.map { _ in
                StepResult.Run(first: StepResult.Token(id: Int32.random(in: 0..<30_000, using: &random)))
            }
            result.runs.append(runs)
        }
        _ = scheduler.apply(plan, result)
        return begin.duration(to: .now) / .seconds(1)
    }
}
