package import Tokenization

/// One choice of a request: token ids in, pieces of text and the finish out.
///
/// Every token goes detokenizer -> stop filter -> parser -> piece, whether the answer is streamed or not, and what any of
/// them holds back leaves by the same way at the end. There is a parser only where more than text is looked for.
package struct ChoiceAssembler: Sendable {
    /// Index of the choice.
    package let index: Int
    /// Tokens given out so far, and the end-of-sequence token: what a client is told.
    ///
    /// Those that matched a stop string or stop token and aren't shown don't count, as in the reference.
    package private(set) var completionTokens = 0
    /// Sum of the log-probabilities of those tokens, as far as they were reported.
    package private(set) var cumulativeLogProbability: Double = 0
    /// Whether its end is out.
    package private(set) var isFinished = false

    private let settings: OutputSettings
    /// Tokens generated, the one that stopped it included.
    private var tokenCount = 0
    private var detokenizer: IncrementalDetokenizer
    private var filter: StopStringFilter
    private var parser: (any OutputParser)?
    private var pending = PendingTokens()
    private var releasedBytes = 0

    /// A choice without tokens.
    package init(index: Int, settings: OutputSettings) {
        self.index = index
        self.settings = settings
        detokenizer = IncrementalDetokenizer(
            tokenizer: settings.tokenizer,
            // A parser is told of them, and shows those that are to be shown.
            skipSpecialTokens: settings.skipsSpecialTokens || settings.parser != nil,
            spacesBetweenSpecialTokens: settings.spacesBetweenSpecialTokens,
            precedingTokens: settings.promptTokens,
        )
        filter = StopStringFilter(settings.stop.automaton, includesStop: settings.includesStop)
        parser = settings.parser
    }

    /// Takes the next token; nothing comes of tokens after the finish.
    package mutating func append(_ token: TokenID, report: TokenReport?) -> [GenerationEvent] {
        if isFinished { return [] }
        tokenCount += 1
        cumulativeLogProbability += Double(report?.chosen.logProbability ?? 0)
        let isStop = settings.stopTokens.contains(token)
        let isEnd = !isStop && settings.endTokens.contains(token)
        if isEnd || (isStop && !settings.includesStop) {
            return finish(
                .stop,
                cause: isStop ? .token(token) : nil,
                withEndToken: isEnd,
                endReport: isEnd ? report : nil
            )
        }
        pending.append(token, report: report)
        if let stopped = take(token) { return stopped }
        if isStop { return finish(.stop, cause: .token(token)) }
        if tokenCount >= settings.maxTokens { return finish(.length, cause: nil) }
        var piece = piece(pending.release(through: releasedBytes + released.count))
        if settings.endsWithFirstCall, let parser, parser.completedCalls > 0 {
            isFinished = true
            piece.finish = GenerationFinish(.toolCalls)
        }
        return [.piece(piece, completionTokens: completionTokens)]
    }

    /// The engine ended the choice; nothing comes of it when a stop string or the last token ended it before.
    package mutating func end(_ reason: FinishReason, cause: StopCause?) -> [GenerationEvent] {
        isFinished ? [] : finish(reason, cause: cause)
    }

    private var released: [UInt8] = []

    /// Whether the text has to be made: to be shown or to be searched.
    private var followsText: Bool { settings.producesText || !settings.stop.automaton.isEmpty }

    /// Runs a token through the chain; returns the end of the choice when its text completes a stop string.
    private mutating func take(_ token: TokenID) -> [GenerationEvent]? {
        guard followsText else {
            pending.settle(byteCount: 0)
            return nil
        }
        if parser != nil, settings.tokenizer.isSpecial(token) { return takeControl(token) }
        let text = Array(detokenizer.append(token).utf8)
        let addsNothing =
            text.isEmpty
            && settings.tokenizer.bytes(of: token, skipSpecialTokens: settings.skipsSpecialTokens).isEmpty
        if !text.isEmpty || addsNothing { pending.settle(byteCount: text.count) }
        return pass(text)
    }

    /// Runs a control token through the chain, as the parser knows it; only one that is shown may be part of a stop string.
    private mutating func takeControl(_ token: TokenID) -> [GenerationEvent]? {
        let frame = ControlFrame.framed(settings.tokenizer.bytes(of: token, skipSpecialTokens: false))
        pending.settle(byteCount: frame.count)
        return pass(frame, isSearched: !settings.skipsSpecialTokens)
    }

    private mutating func pass(_ text: [UInt8], isSearched: Bool = true) -> [GenerationEvent]? {
        if tokenCount <= settings.minTokens || !isSearched {
            released += filter.pass(text)
            return nil
        }
        switch filter.append(text) {
        case .released(let bytes):
            released += bytes
            return nil
        case .stopped(let bytes, let stop):
            released += bytes
            isFinished = true
            let kept = pending.cut(at: releasedBytes + released.count)
            let finish = GenerationFinish(.stop, cause: .string(settings.stop.texts[stop]))
            let last = piece(kept, finish: finish)
            return [.piece(last, completionTokens: completionTokens)]
        }
    }

    /// Flushes what detokenizer and filter hold back, and ends the choice.
    private mutating func finish(
        _ reason: FinishReason,
        cause: StopCause?,
        withEndToken: Bool = false,
        endReport: TokenReport? = nil,
    ) -> [GenerationEvent] {
        if followsText {
            let text = Array(detokenizer.finish().utf8)
            pending.settle(byteCount: text.count)
            if let stopped = pass(text) { return stopped }
            released += filter.finish()
        }
        isFinished = true
        var last = piece(pending.releaseAll(), finish: GenerationFinish(reason, cause: cause))
        if let endReport { last.reports.append(endReport) }
        if withEndToken { completionTokens += 1 }
        return [.piece(last, completionTokens: completionTokens)]
    }

    private mutating func piece(_ entries: [PendingTokens.Entry], finish: GenerationFinish? = nil) -> GenerationPiece {
        defer {
            releasedBytes += released.count
            released.removeAll(keepingCapacity: true)
        }
        completionTokens += entries.count
        return GenerationPiece(
            choice: index,
            deltas: deltas(isLast: finish != nil, isEmpty: entries.isEmpty),
            tokens: entries.map(\.id),
            reports: entries.compactMap(\.report),
            finish: finish.map(told),
        )
    }

    /// What the released text comes to.
    private mutating func deltas(isLast: Bool, isEmpty: Bool) -> [GenerationDelta] {
        if var parser {
            self.parser = nil
            defer { self.parser = parser }
            return parser.append(released) + (isLast ? parser.finish() : [])
        }
        if isLast, isEmpty, released.isEmpty { return [] }
        return [.content(settings.producesText ? String(decoding: released, as: UTF8.self) : "")]
    }

    /// An end as clients are told it: a choice that ended by itself behind whole calls ended for their sake.
    private func told(_ finish: GenerationFinish) -> GenerationFinish {
        guard let parser, finish.reason == .stop, parser.completedCalls > 0, !parser.isInCall else { return finish }
        return GenerationFinish(.toolCalls, cause: finish.cause)
    }
}
