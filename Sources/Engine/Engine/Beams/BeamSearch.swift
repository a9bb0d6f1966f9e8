internal import Glibc
package import RequestParameters

/// Looks for the most probable continuations of a prompt: keeps the best few, and lets each grow by one token at a time.
///
/// The beam search of `transformers` (`generate(num_beams:)` without sampling), step for step: candidates are compared by
/// the sum of their log-probabilities, finished ones by that sum divided by a power of their length. No model and no cache:
/// log-probabilities in, decisions out.
package struct BeamSearch: Sendable {
    /// One way to go on.
    package struct Candidate: Sendable {
        /// The token.
        package var token: Int32
        /// Natural logarithm of its probability, as adjusted by what the request asks for.
        package var logProbability: Float
        /// What is reported of it, when that was asked for.
        package var report: PositionLogProbabilities?

        /// A candidate.
        package init(token: Int32, logProbability: Float, report: PositionLogProbabilities? = nil) {
            self.token = token
            self.logProbability = logProbability
            self.report = report
        }
    }

    /// A continuation of the prompt.
    package struct Beam: Sendable {
        /// Its tokens.
        package var tokens: [StepResult.Token] = []
        /// The sum of their log-probabilities; of a finished one divided by the power of its length.
        package var score: Float = 0
    }

    /// One of the beams that run on: the place of the one it continues, and the token it grows by.
    package struct Continuation: Sendable, Hashable {
        /// Place among the beams that ran before.
        package var parent: Int
        /// The token.
        package var token: Int32
    }

    /// The beams that run, best first.
    package private(set) var running = [Beam()]
    /// The best that are finished, best first.
    package private(set) var finished: [Beam] = []
    /// Whether nothing better is looked for.
    package private(set) var isOver = false

    private let parameters: BeamSearchParameters
    private let stops: Set<Int32>
    private let longest: Int

    /// A search that hasn't begun.
    ///
    /// - Parameters:
    ///   - parameters: How to search.
    ///   - stops: The tokens that finish a beam.
    ///   - longest: The length that finishes a beam, in tokens; at least 1.
    package init(_ parameters: BeamSearchParameters, stops: Set<Int32>, longest: Int) {
        self.parameters = parameters
        self.stops = stops
        self.longest = longest
    }

    /// How many candidates of each beam suffice: so many that enough are left where the best all stop.
    package var candidateCount: Int { max(2, 1 + stops.count) * parameters.width }

    /// Lets the beams grow.
    ///
    /// - Parameter candidates: The best candidates of each running beam, in the order of the beams.
    /// - Returns: the beams that run from now on, best first; none when the search is over.
    package mutating func advance(_ candidates: [[Candidate]]) -> [Continuation] {
        let length = (running.first?.tokens.count ?? 0) + 1
        var next: [(beam: Beam, continuation: Continuation)] = []
        var ended: [Beam] = []
        for (rank, entry) in best(candidates).enumerated() {
            var beam = running[entry.parent]
            let (token, report) = (entry.candidate.token, entry.candidate.report)
            beam.tokens.append(StepResult.Token(id: token, logProbabilities: report))
            beam.score = entry.score
            if length >= longest || stops.contains(token) {
                // The others are there so that enough run on.
                if rank < parameters.width { ended.append(beam) }
            } else if next.count < parameters.width {
                next.append((beam, Continuation(parent: entry.parent, token: token)))
            }
        }
        finish(ended, length: length)
        running = next.map(\.beam)
        isOver = running.isEmpty || isFull && (parameters.earlyStopping == .whenFull || !canImprove(length: length))
        return isOver ? [] : next.map(\.continuation)
    }

    /// Whether as many are finished as run.
    private var isFull: Bool { finished.count == parameters.width }

    /// The best candidates of all beams, best first; among equals those of better beams, and of lower ids.
    private func best(_ candidates: [[Candidate]]) -> [(score: Float, parent: Int, candidate: Candidate)] {
        var all: [(score: Float, parent: Int, candidate: Candidate)] = []
        for (parent, own) in candidates.enumerated() where parent < running.count {
            for candidate in own where candidate.logProbability > -.infinity {
                all.append((running[parent].score + candidate.logProbability, parent, candidate))
            }
        }
        all.sort { left, right in
            left.score != right.score
                ? left.score > right.score
                : (left.parent, left.candidate.token) < (right.parent, right.candidate.token)
        }
        return Array(all.prefix(candidateCount))
    }

    /// Takes finished beams in, unless better ones were finished before.
    private mutating func finish(_ beams: [Beam], length: Int) {
        guard !beams.isEmpty, !(isFull && parameters.earlyStopping == .whenFull) else { return }
        let divisor = power(length)
        for var beam in beams {
            beam.score /= divisor
            let place = finished.firstIndex { $0.score < beam.score } ?? finished.count
            finished.insert(beam, at: place)
        }
        finished.removeLast(max(0, finished.count - parameters.width))
    }

    /// Whether the best running beam may still become better than the worst of the finished ones.
    private func canImprove(length: Int) -> Bool {
        guard let best = running.first, let worst = finished.last else { return true }
        let growsBetter = parameters.earlyStopping == .never && parameters.lengthPenalty > 0
        return best.score / power(growsBetter ? longest : length) > worst.score
    }

    private func power(_ length: Int) -> Float { Float(pow(Double(length), Double(parameters.lengthPenalty))) }
}
