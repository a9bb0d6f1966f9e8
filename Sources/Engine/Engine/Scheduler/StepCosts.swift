internal import Glibc

/// What an iteration's duration depends on.
package struct StepLoad: Sendable, Hashable {
    /// Rows of sequences that decode.
    package var decodingRows = 0
    /// Tokens that these rows attend to, summed up.
    package var decodingContext = 0
    /// Rows of prompts.
    package var prefillRows = 0
    /// Tokens that these rows attend to, summed up.
    package var prefillContext = 0
    /// Rows of prompts whose logits are reported.
    package var reportedRows = 0

    /// Nothing.
    package init() {}

    /// Adds rows of a sequence that decodes, which attend to those before them.
    mutating func addDecoding(_ rows: Int, from position: Int) {
        decodingRows += rows
        decodingContext += rows * position + rows * (rows + 1) / 2
    }

    /// What a plan computes.
    package init(_ plan: StepPlan) {
        for slice in plan.slices {
            let (count, position) = (slice.tokens.count, slice.position)
            if slice.isDecoding {
                addDecoding(count, from: position)
            } else {
                prefillRows += count
                prefillContext += count * position + count * (count + 1) / 2
            }
            if !slice.isPooled { reportedRows += slice.promptRows.count }
        }
    }
}

/// What iterations cost on this machine with this model, learned from those that ran.
///
/// The estimate is a sum of parts, each an amount of work times its cost. A part takes the blame for an error in
/// proportion to its share of the estimate, so that costs stay positive, and the cost of work that didn't occur stays as
/// it is. The less often a part was seen, the faster it learns; later a single slow iteration moves it by little.
/// The latest iteration of each kind (so many streams, so far in a prompt) is remembered and taken in again with every new
/// one: else what a whole prompt costs per row couldn't be told from what its end costs per attended token.
package struct StepCosts: Sendable {
    /// Rows of a prompt that an iteration computes at least, however long they take; fewer would hardly be faster.
    package static let leastRows = 8
    /// How slowly well-known costs change: by this share of an error.
    private static let slowestGain = 0.2
    /// The largest factor by which one of the first iterations, and one of the later, may seem slower or faster.
    private static let largestSurprise = (first: 8.0, later: 2.0)
    /// How many iterations are the first.
    private static let firstIterations = 16
    /// For how many iterations one is remembered.
    private static let memory = 1000
    /// More rows than any iteration has.
    private static let most = 1_048_576.0

    private struct Part: Sendable {
        /// Seconds per unit of work.
        var cost: Double
        /// How often it was seen, weighted by its share.
        var experience = 0.0
    }

    private struct Sample: Sendable {
        var load: StepLoad
        var seconds: Double
        var iteration: Int
    }

    /// In the order of `amounts(_:)`; at first guesses that let a slow machine begin with few rows.
    private var parts = [0.005, 0.004, 1e-6, 0.0075, 2e-7, 0.001].map { Part(cost: $0) }

    private var iterations = 0
    private var samples: [Int: Sample] = [:]

    /// Costs that are only guessed.
    package init() {}

    /// How long an iteration will take, in seconds.
    package func seconds(_ load: StepLoad) -> Double {
        zip(parts, Self.amounts(load)).reduce(0) { $0 + $1.0.cost * $1.1 }
    }

    /// How long one more row of a prompt takes that attends to `context` tokens, in seconds.
    package func rowSeconds(context: Int, isReported: Bool) -> Double {
        parts[3].cost + parts[4].cost * Double(context) + (isReported ? parts[5].cost : 0)
    }

    /// How many rows that take `rowSeconds` each fit an iteration of `goal` seconds beside `load`.
    ///
    /// A number that suits the kernels, which take rows by panels of 64 and in them by four: halves of panels, or else fours.
    package func rows(within goal: Double, beside load: StepLoad, rowSeconds: Double) -> Int {
        let count = (goal - seconds(load)) / rowSeconds
        guard count >= Double(Self.leastRows) else { return Self.leastRows }
        let rows = Int(min(count, Self.most))
        return rows >= 64 ? rows / 32 * 32 : rows / 4 * 4
    }

    /// How many sequences can decode in an iteration of `goal` seconds whose contexts are like those of `load`.
    package func sequences(within goal: Double, like load: StepLoad) -> Int {
        let context = Double(load.decodingContext) / Double(max(1, load.decodingRows))
        let each = parts[1].cost + parts[2].cost * context
        return Int(min(max((goal - parts[0].cost) / each, 0), Self.most))
    }

    /// Takes in how long an iteration took.
    package mutating func learn(_ load: StepLoad, seconds: Double) {
        guard seconds > 0, seconds.isFinite else { return }
        iterations += 1
        let largest = iterations <= Self.firstIterations ? Self.largestSurprise.first : Self.largestSurprise.later
        let estimate = self.seconds(load)
        let seconds = estimate * min(max(seconds / estimate, 1 / largest), largest)
        adapt(to: load, seconds, isNew: true)
        samples[Self.kind(load)] = Sample(load: load, seconds: seconds, iteration: iterations)
        for (kind, sample) in samples.sorted(by: { $0.key < $1.key }) {
            if iterations - sample.iteration > Self.memory {
                samples[kind] = nil
            } else {
                adapt(to: sample.load, sample.seconds, isNew: false)
            }
        }
    }

    /// Moves the costs so that the estimate for `load` comes nearer to `seconds`.
    private mutating func adapt(to load: StepLoad, _ seconds: Double, isNew: Bool) {
        let contributions = zip(parts, Self.amounts(load)).map { $0.0.cost * $0.1 }
        let estimate = contributions.reduce(0, +)
        let shares = contributions.map { $0 / estimate }
        // So that the estimate as a whole moves by the gain, however many parts it has.
        let weight = shares.reduce(0) { $0 + $1 * $1 }
        for (index, share) in shares.enumerated() {
            let gain = isNew ? max(Self.slowestGain, 1 / (1 + parts[index].experience)) : Self.slowestGain
            let factor = pow(seconds / estimate, gain * share / weight)
            parts[index].cost = min(max(parts[index].cost * factor, 1e-12), 1e6)
            if isNew { parts[index].experience += share }
        }
    }

    /// Iterations of one kind are alike in the ratios of their parts.
    private static func kind(_ load: StepLoad) -> Int {
        guard load.prefillRows > 0 else { return Int.bitWidth - load.decodingRows.leadingZeroBitCount }
        let context = load.prefillContext / load.prefillRows
        return 128 + Int.bitWidth - (context / 32).leadingZeroBitCount
    }

    private static func amounts(_ load: StepLoad) -> [Double] {
        [
            1, Double(load.decodingRows), Double(load.decodingContext), Double(load.prefillRows),
            Double(load.prefillContext), Double(load.reportedRows),
        ]
    }
}
