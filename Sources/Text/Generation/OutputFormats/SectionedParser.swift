/// The parser of formats in which thoughts and calls are sections between markers of an answer's text.
///
/// White space around sections is no part of the text. What begins like a section and isn't one is text again, as it was.
package struct SectionedParser: OutputParser {
    private enum State {
        /// Nothing but white space so far: thoughts may begin.
        case start
        case reasoning
        case content
        case calls
    }

    /// What the markers in content mean.
    private enum Meaning: Sendable {
        case calls(ToolCallFormat.Opener)
        case nothing
    }

    /// Most white space that waits to be told whether text or a section follows, in bytes.
    private static let longestSpace = 64

    private let reasoning: ReasoningFormat.Markers?
    private let meanings: [Meaning]
    private let contentScanner: MarkerScanner
    private let firstBytes: [UInt8: ToolCallFormat.Opener]
    private let showsControlTokens: Bool

    private var state: State
    /// Reads the section of calls, in the state of that name.
    private var reader: (any CallReader)?
    private var sink: CallSink
    private var scanner: MarkerScanner
    /// What was taken of a section before its first call began or behind its last, with the white space in front.
    private var raw: [UInt8] = []
    /// White space of the text that is held back.
    private var space: [UInt8] = []
    /// Whether white space is dropped until text comes: at the border of a section.
    private var skipsSpace = false
    /// Whether a call or anything but white space was there.
    private var hasBegun = false
    /// Whether anything but white space and calls without a marker was there: nothing behind it is at the beginning.
    private var hasText = false
    private var isInControlToken = false
    /// Finds the opener that a model may still write where its thoughts have begun already, and what it has read of one.
    private var opener: MarkerChoice?
    private var openerBytes: [UInt8] = []
    private var scratch: [UInt8] = []

    /// A parser at the beginning of an output.
    package init(
        reasoning: ReasoningFormat.Markers?,
        openers: [ToolCallFormat.Opener],
        ignored: [[UInt8]],
        situation: OutputSituation,
        ids: CallIDs,
    ) {
        self.reasoning = reasoning
        showsControlTokens = situation.showsControlTokens
        sink = CallSink(tools: situation.tools ?? ToolSet([]), ids: situation.ids ?? ids)
        let openers = situation.tools == nil ? [] : openers
        let marked = openers.filter { !$0.marker.isEmpty }
        meanings = marked.map { .calls($0) } + ignored.map { _ in .nothing }
        contentScanner = MarkerScanner(marked.map(\.marker) + ignored)
        firstBytes = Dictionary(
            openers.flatMap { opener in opener.firstBytes.map { ($0, opener) } }
        ) { first, _ in first }
        scanner = contentScanner
        state = .start
        guard let reasoning else { return }
        if situation.beginsReasoning ?? reasoning.isOpenAtStart {
            enterReasoning(reasoning)
            opener = MarkerChoice(reasoning.openers)
        } else {
            scanner = MarkerScanner(reasoning.openers)
        }
    }

    package var completedCalls: Int { sink.completed }
    package var isInCall: Bool { sink.isOpen }
    package var phase: OutputPhase {
        switch state {
        case .start: reasoning == nil ? .answer : .start
        case .reasoning: .reasoning
        case .content, .calls: .answer
        }
    }

    private var isReasoning: Bool { phase == .reasoning }

    package mutating func append(_ bytes: some Sequence<UInt8>) -> [GenerationDelta] {
        for byte in bytes { take(byte) }
        return sink.deltas.take()
    }

    package mutating func finish() -> [GenerationDelta] {
        passOpener()
        if case .calls = state {
            let isWhole = reader?.finish(&sink) ?? true
            if !isWhole, sink.begun == 0 || !raw.allSatisfy(\.isSpace) { returnRaw() }
            state = .content
        } else {
            scratch.removeAll(keepingCapacity: true)
            scanner.finish(into: &scratch)
            for byte in scratch { pass(byte) }
        }
        if !skipsSpace { sink.deltas.append(space, to: isReasoning ? .reasoning : .content) }
        space = []
        return sink.deltas.finish()
    }

    private mutating func take(_ byte: UInt8) {
        switch state {
        case .start: takeAtStart(byte)
        case .content: takeContent(byte)
        case .reasoning: takeReasoning(byte)
        case .calls: takeCalls(byte)
        }
    }

    // MARK: Text

    /// A byte where thoughts may still begin, behind white space alone.
    private mutating func takeAtStart(_ byte: UInt8) {
        scratch.removeAll(keepingCapacity: true)
        if let reasoning {
            if scanner.take(byte, into: &scratch) != nil {
                space = []
                return enterReasoning(reasoning)
            }
        } else {
            scratch.append(byte)
        }
        guard !scratch.isEmpty else { return }
        if scratch.allSatisfy(\.isSpace), space.count + scratch.count <= Self.longestSpace {
            space += scratch
            return
        }
        // Something else comes first: from here on it is content, what the scanner holds included.
        var text = scratch
        scanner.finish(into: &text)
        enterContent()
        for byte in text { take(byte) }
    }

    private mutating func takeContent(_ byte: UInt8) {
        if !hasText, scanner.holdsNothing, let opener = firstBytes[byte] { return enterCalls(opener, first: byte) }
        scratch.removeAll(keepingCapacity: true)
        let marker = scanner.take(byte, into: &scratch)
        for byte in scratch { pass(byte) }
        guard let marker else { return }
        switch meanings[marker] {
        case .calls(let opener) where opener.isAtStart && hasText: for byte in opener.marker { pass(byte) }
        case .calls(let opener): enterCalls(opener, first: nil)
        case .nothing: skipsSpace = skipsSpace || !hasBegun
        }
    }

    private mutating func takeReasoning(_ byte: UInt8) {
        if var choice = opener {
            openerBytes.append(byte)
            switch choice.take(byte) {
            case .more: opener = choice
            case .marker:
                opener = nil
                openerBytes = []
            case .none: passOpener()
            }
            return
        }
        scratch.removeAll(keepingCapacity: true)
        let marker = scanner.take(byte, into: &scratch)
        for byte in scratch { pass(byte) }
        guard let marker else { return }
        space = []
        enterContent()
        skipsSpace = true
        // Some models call tools without ending their thoughts.
        guard let reasoning, marker >= reasoning.closers.count else { return }
        for byte in reasoning.interrupters[marker - reasoning.closers.count] { take(byte) }
    }

    /// What was read for an opener is none.
    private mutating func passOpener() {
        let bytes = openerBytes
        (opener, openerBytes) = (nil, [])
        for byte in bytes { take(byte) }
    }

    private mutating func enterReasoning(_ markers: ReasoningFormat.Markers) {
        state = .reasoning
        scanner = MarkerScanner(markers.closers + markers.interrupters)
        skipsSpace = true
    }

    private mutating func enterContent() {
        state = .content
        scanner = contentScanner
    }

    /// Gives out a byte of text, but white space only when something comes behind it.
    private mutating func pass(_ byte: UInt8) {
        switch byte {
        case ControlFrame.opening: isInControlToken = true
        case ControlFrame.closing: isInControlToken = false
        case _ where isInControlToken && !showsControlTokens: break
        case _ where byte.isSpace && !isInControlToken:
            if !skipsSpace { space.append(byte) }
            if space.count > Self.longestSpace { giveOutSpace() }
        default:
            giveOutSpace()
            skipsSpace = false
            hasBegun = hasBegun || !isReasoning
            hasText = hasText || !isReasoning
            sink.deltas.append(CollectionOfOne(byte), to: isReasoning ? .reasoning : .content)
        }
    }

    private mutating func giveOutSpace() {
        sink.deltas.append(space, to: isReasoning ? .reasoning : .content)
        space.removeAll(keepingCapacity: true)
    }

    // MARK: Calls

    private mutating func enterCalls(_ opener: ToolCallFormat.Opener, first: UInt8?) {
        raw = space
        space = []
        hasText = hasText || !opener.isBare
        reader = opener.makeReader()
        state = .calls
        if let first {
            takeCalls(first)
        } else if opener.isRead {
            for byte in opener.marker { take(byte) }
        } else {
            raw += opener.marker
        }
    }

    private mutating func takeCalls(_ byte: UInt8) {
        let (begun, wasOpen) = (sink.begun, sink.isOpen)
        let step = reader?.take(byte, &sink) ?? .endBefore
        if sink.begun > begun { raw = [] }
        hasBegun = hasBegun || sink.begun > 0
        if step == .more || step == .whole {
            if step == .whole { raw = [] } else if !sink.isOpen, !wasOpen, sink.begun == begun { raw.append(byte) }
            return
        }
        reader = nil
        enterContent()
        skipsSpace = sink.begun > 0
        // Behind whole calls only what is more than white space was meant to be read.
        if step == .fault || step == .endBefore && !raw.allSatisfy(\.isSpace) { returnRaw() }
        raw = []
        guard step != .end else { return }
        hasBegun = true
        hasText = hasText || step == .fault
        // It may begin the next section.
        take(byte)
    }

    /// What was held back was no call after all.
    private mutating func returnRaw() {
        let text = ControlFrame.unframed(raw)
        raw = []
        guard !text.isEmpty else { return }
        hasBegun = true
        hasText = true
        skipsSpace = false
        sink.deltas.append(text, to: .content)
    }
}
