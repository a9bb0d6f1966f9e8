internal import NIOHTTP1
internal import NIOPosix
internal import OrderedJSON
internal import Synchronization

/// Sends the requests of a run to a server, each over a connection of one of the workers.
struct LoadTest: Sendable {
    let options: LoadOptions
    let server: ServerAddress
    let group: MultiThreadedEventLoopGroup

    /// How a run went.
    struct Result: Sendable {
        /// The answered requests.
        var times: [RequestTimes] = []
        /// What went wrong with the others, in the order of their ends.
        var failures: [String] = []
        /// Wall time of the whole run.
        var seconds = 0.0
    }

    /// The id of the first model that the server lists.
    ///
    /// - Throws: `LoadTestError`.
    func firstModel() async throws -> String {
        var connection = ServerConnection(to: server, group: group)
        let answer = try await connection.call(.GET, "/models")
        try await connection.close()
        guard answer.status == 200 else {
            throw LoadTestError.refused(path: "/v1/models", status: answer.status, message: answer.message)
        }
        guard let json = try? JSONParser.parse(answer.body),
            let id = json["data"]?.arrayValue?.first?["id"]?.stringValue
        else { throw LoadTestError.unusableAnswer(path: "/v1/models", reason: "it names no model; use --model") }
        return id
    }

    /// Sends all requests when they are due, as soon as a worker is free.
    func run(model: String) async -> Result {
        let schedule = ArrivalSchedule(count: options.requestCount, rate: options.requestRate, seed: options.seed)
        let next = Mutex(0)
        let begin = ContinuousClock.now
        let take: @Sendable () -> Int? = {
            next.withLock { index in
                defer { index += 1 }
                return index < schedule.offsets.count ? index : nil
            }
        }
        var result = await withTaskGroup { workers in
            for _ in 0..<min(options.concurrency, options.requestCount) {
                workers.addTask {
                    var part = Result()
                    var connection = ServerConnection(to: server, group: group)
                    while let index = take() {
                        try? await Task.sleep(
                            until: begin + schedule.offsets[index],
                            tolerance: .zero,
                            clock: .continuous
                        )
                        do {
                            part.times.append(try await complete(index, model: model, over: &connection))
                        } catch {
                            part.failures.append("\(error)")
                        }
                    }
                    try? await connection.close()
                    return part
                }
            }
            return await workers.reduce(into: Result()) { whole, part in
                whole.times += part.times
                whole.failures += part.failures
            }
        }
        result.seconds = begin.duration(to: .now) / .seconds(1)
        return result
    }

    /// Sends one request and checks that its answer is whole.
    private func complete(
        _ index: Int,
        model: String,
        over connection: inout ServerConnection,
    ) async throws -> RequestTimes {
        let path = "/v1/completions"
        let answer = try await connection.call(.POST, "/completions", body: body(index, model: model))
        guard answer.status == 200 else {
            throw LoadTestError.refused(path: path, status: answer.status, message: answer.message)
        }
        if let failure = answer.failure { throw LoadTestError.unusableAnswer(path: path, reason: failure) }
        guard answer.isDone, !answer.times.pieces.isEmpty else {
            let reason =
                answer.isEventStream ? "it ended without [DONE] or without text" : "it isn't a stream of events"
            throw LoadTestError.unusableAnswer(path: path, reason: reason)
        }
        var times = answer.times
        // A chunk may hold several tokens; only the server knows how many.
        times.tokenCount = answer.completionTokens ?? times.pieces.count
        return times
    }

    private func body(_ index: Int, model: String) -> [UInt8] {
        let workload = Workload(
            inputLength: options.inputLength,
            vocabularySize: options.vocabularySize,
            seed: options.seed
        )
        let request: JSONValue = [
            "model": .string(model), "prompt": .array(workload.prompt(index).map { .integer(Int($0)) }),
            "max_tokens": .integer(options.outputLength), "ignore_eos": true, "temperature": 0, "stream": true,
            "stream_options": ["include_usage": true],
        ]
        return request.serialized
    }
}
