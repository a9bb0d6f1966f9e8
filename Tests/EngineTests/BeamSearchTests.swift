import Engine
import Foundation
import RequestParameters
import Testing

/// What transformers finds, and the engine too.
struct BeamCase: Decodable, Sendable, CustomTestStringConvertible {
    let prompt: [Int32]
    let width: Int
    let length: Int
    let stops: Set<Int32>
    let lengthPenalty: Float
    let earlyStopping: String
    let outputs: [[Int32]]
    let scores: [Float]

    static let all: [BeamCase] = {
        let file = URL(filePath: #filePath).appending(path: "../../Fixtures/beams/beams.json").standardized
        return (try? JSONDecoder().decode([BeamCase].self, from: Data(contentsOf: file))) ?? []
    }()

    var testDescription: String { "\(width) beams of \(length), \(stops), \(lengthPenalty), \(earlyStopping)" }

    /// The same as a request.
    var request: EngineRequest {
        var beams = BeamSearchParameters(width: width)
        beams.lengthPenalty = lengthPenalty
        beams.earlyStopping = ["true": .whenFull, "never": .never][earlyStopping] ?? .heuristic
        var request = EngineRequest(promptTokens: prompt, maxTokens: length)
        request.endTokens = stops
        request.choiceCount = width
        request.beams = beams
        return request
    }

    func expect(_ collected: Collected?, sourceLocation: SourceLocation = #_sourceLocation) {
        let found = (0..<width).map { collected?.outputs[$0] ?? Output() }
        #expect(found.map(\.tokens) == outputs, "\(testDescription)", sourceLocation: sourceLocation)
        for output in found {
            let stop = output.tokens.last.flatMap { stops.contains($0) ? $0 : nil }
            #expect(output.reason == stop.map { .end($0) } ?? .length, sourceLocation: sourceLocation)
        }
    }
}

@Suite struct BeamSearchTests {
    private func configuration(_ change: (inout EngineConfiguration) -> Void = { _ in }) -> EngineConfiguration {
        var configuration = EngineConfiguration(maxSequenceLength: 128, blockCount: 512, tokensPerBlock: 4)
        configuration.maxBeamWidth = 8
        change(&configuration)
        return configuration
    }

    @Test func thereAreCases() { #expect(BeamCase.all.count == 243) }

    @Test(arguments: BeamCase.all) func theBeamsAreThoseOfTransformers(wanted: BeamCase) throws {
        let model = ScriptedModel()
        let request = wanted.request
        let parameters = try #require(request.beams)
        var search = BeamSearch(parameters, stops: request.endTokens, longest: request.maxTokens)
        var sampler = Sampler(vocabularySize: 50)
        while !search.isOver {
            let candidates = search.running.map { beam in
                let row = model.logits(after: request.promptTokens + beam.tokens.map(\.id))
                var progress = ChoiceProgress(request)
                return row.withUnsafeBufferPointer {
                    sampler.candidates(
                        search.candidateCount,
                        $0,
                        request: request,
                        progress: &progress,
                        outputCount: beam.tokens.count,
                    )
                }
            }
            _ = search.advance(candidates)
        }
        #expect(search.finished.map { $0.tokens.map(\.id) } == wanted.outputs)
        for (beam, score) in zip(search.finished, wanted.scores) { #expect(abs(beam.score - score) < 1e-4) }
    }

    @Test(arguments: [[0], [0, 8], [8]], [16, 8192])
    func allAtOnceEachGetsTheSame(windows: [Int], mostTokens: Int) throws {
        // The logits of the cases are those of a model of one group that keeps everything.
        let known = windows == [0]
        var alone: [Collected?] = []
        for isTogether in [false, true] {
            var harness = try SchedulerHarness(
                configuration { configuration in
                    configuration.maxNumTokens = mostTokens
                    configuration.blockCount = 128
                    configuration.prefillTokens = 2
                },
                windows: windows
            )
            var ids: [UInt64] = []
            for (number, wanted) in BeamCase.all.enumerated() {
                ids.append(harness.add(wanted.request))
                if number % 3 == 0 {
                    harness.add(EngineRequest(promptTokens: [1, 2, Int32(number % 50)], maxTokens: 9))
                }
                if !isTogether { harness.finish() }
            }
            harness.finish()
            harness.expectReferenceOutputs()
            for (place, id) in ids.enumerated() {
                let collected = harness.collected[id]
                if known { BeamCase.all[place].expect(collected) }
                if isTogether { #expect(collected?.outputs == alone[place]?.outputs) } else { alone.append(collected) }
            }
        }
    }

    @Test(.timeLimit(.minutes(1))) func theEngineTellsTheBestAtTheEnd() async throws {
        let engine = try EngineLoop(model: ScriptedModel(), configuration: configuration())
        for wanted in BeamCase.all {
            var request = wanted.request
            request.choiceCount = 1 + wanted.width / 2
            request.logProbabilities = 2
            let collected = try await collect(engine.submit(request))
            for choice in 0..<wanted.width {
                let output = collected.outputs[choice]
                guard choice < request.choiceCount else {
                    #expect(output == nil)
                    continue
                }
                #expect(output?.tokens == wanted.outputs[choice])
                let sum = output?.logProbabilities.reduce(0) { $0 + $1.chosen.logProbability } ?? 0
                let score = sum / pow(Float(wanted.outputs[choice].count), wanted.lengthPenalty)
                #expect(abs(score - wanted.scores[choice]) < 1e-4)
            }
        }
        await engine.shutdown()
    }

    @Test func whatIsAskedForIsDoneToTheLogProbabilities() async throws {
        let engine = try EngineLoop(model: ScriptedModel(), configuration: configuration())
        var request = try #require(BeamCase.all.last { $0.length == 14 && $0.width == 5 && !$0.stops.isEmpty }).request
        request.minTokens = 14
        let late = try await collect(engine.submit(request))
        #expect(late.outputs.values.allSatisfy { $0.tokens.count == 14 })
        request.minTokens = 0
        request.sampling.allowedTokens = [3, 4, 5]
        request.sampling.bannedSequences = [[3, 4]]
        request.sampling.presencePenalty = 100
        let few = try await collect(engine.submit(request))
        #expect(few.outputs.count == 5)
        for output in few.outputs.values {
            #expect(Set(output.tokens.prefix(3)).count == 3 && Set(output.tokens).isSubset(of: [3, 4, 5]))
            #expect(!zip(output.tokens, output.tokens.dropFirst()).contains { $0 == (3, 4) })
        }
        await engine.shutdown()
    }

    @Test func beamsObeyAConstraint() async throws {
        let engine = try EngineLoop(model: ScriptedModel(), configuration: configuration())
        var request = EngineRequest(promptTokens: [1, 2], maxTokens: 9)
        request.beams = BeamSearchParameters(width: 4)
        request.choiceCount = 4
        request.endTokens = [0]
        request.logProbabilities = 0
        request.constraint = TableConstraint(states: [[3: 1, 4: 1], [5: 2, 6: 2], [:]], ends: [2])
        let found = try await collect(engine.submit(request)).outputs
        let outputs = (0..<4).compactMap { found[$0] }
        // As many beams as there are outputs: all are found, the most probable first.
        #expect(Set(outputs.map(\.tokens)) == [[3, 5, 0], [3, 6, 0], [4, 5, 0], [4, 6, 0]])
        let scores = outputs.map { $0.logProbabilities.reduce(0) { $0 + $1.chosen.logProbability } }
        #expect(scores == scores.sorted(by: >))
        request.beams = BeamSearchParameters(width: 5)
        request.choiceCount = 5
        let more = try await collect(engine.submit(request)).outputs
        #expect(more[4]?.reason == .failed("the search found 4 of the 5 outputs that n asks for"))
        // Of fewer beams each goes on with the matcher of the one that it continues.
        request.beams = BeamSearchParameters(width: 2)
        request.choiceCount = 2
        let best = try await collect(engine.submit(request)).outputs.values.map(\.tokens)
        #expect(best.count == 2 && best.allSatisfy { tokens in outputs.contains { $0.tokens == tokens } })
        await engine.shutdown()
    }

    @Test func beamsThatDoNotFitWaitAndAreCancelledWhole() throws {
        // Room for one search: five beams of five blocks, of which they share one.
        var harness = try SchedulerHarness(configuration { $0.blockCount = 21 })
        let wanted = try #require(BeamCase.all.first { $0.width == 5 && $0.length == 14 })
        let ids = (0..<3).map { _ in harness.add(wanted.request) }
        harness.step()
        #expect(harness.scheduler.runningRequestCount == 1 && harness.scheduler.waitingChoiceCount == 10)
        harness.cancel(ids[0])
        #expect(harness.collected[ids[0]]?.outputs.count == 5 && harness.scheduler.cache.usedCount == 0)
        harness.step()
        harness.step()
        #expect(harness.plans.last?.slices.count == 5)
        harness.finish()
        for id in ids.dropFirst() { wanted.expect(harness.collected[id]) }
    }

    @Test func aSearchThatCannotBeRunIsRefused() async throws {
        let engine = try EngineLoop(model: ScriptedModel(), configuration: configuration { $0.maxBeamWidth = 3 })
        func refusal(_ change: (inout EngineRequest) -> Void) -> String? {
            var request = EngineRequest(promptTokens: [1], maxTokens: 5)
            request.beams = BeamSearchParameters(width: 2)
            change(&request)
            do throws(EngineError) {
                _ = try engine.submit(request)
                return nil
            } catch {
                return error.description
            }
        }
        #expect(refusal { _ in } == nil)
        #expect(refusal { $0.beams?.width = 4 }?.contains("max_beam_width (3)") == true)
        #expect(refusal { $0.choiceCount = 3 }?.contains("at most the beam width (2)") == true)
        #expect(refusal { $0.beams?.lengthPenalty = -1 }?.contains("length_penalty") == true)
        #expect(refusal { $0.constraint = TableConstraint.sequence([1]) }?.contains("constraint") == true)
        #expect(refusal { $0.maxTokens = 0 }?.contains("max_tokens") == true)
        await engine.shutdown()
    }
}
