internal import Engine
package import GuidedDecoding
internal import Synchronization

/// A vocabulary's grammar compiler, made on a thread of its own: looking at a large vocabulary takes a part of a second,
/// and nobody but those who need a grammar waits for it.
package final class BackgroundCompiler: Sendable {
    private enum State {
        case idle
        case making([CheckedContinuation<GrammarCompiler, Never>])
        case made(GrammarCompiler)
    }

    private let state = Mutex(State.idle)
    private let make: @Sendable () -> GrammarCompiler

    /// A compiler that `make` makes, once.
    package init(_ make: @escaping @Sendable () -> GrammarCompiler) { self.make = make }

    /// Begins to make the compiler, if nobody has yet.
    package func start() {
        let isFirst = state.withLock { state in
            guard case .idle = state else { return false }
            state = .making([])
            return true
        }
        guard isFirst else { return }
        let work: @Sendable () -> Void = { [self] in finish(make()) }
        if SystemThread.start(name: "grammar-tokens", work) != 0 { work() }
    }

    /// The compiler, when it is made.
    package var value: GrammarCompiler {
        get async {
            start()
            return await withCheckedContinuation { continuation in
                let made: GrammarCompiler? = state.withLock { state in
                    switch state {
                    case .made(let compiler): return compiler
                    case .making(let waiting): state = .making(waiting + [continuation])
                    case .idle: state = .making([continuation])
                    }
                    return nil
                }
                if let made { continuation.resume(returning: made) }
            }
        }
    }

    private func finish(_ compiler: GrammarCompiler) {
        let waiting: [CheckedContinuation<GrammarCompiler, Never>] = state.withLock { state in
            defer { state = .made(compiler) }
            if case .making(let waiting) = state { return waiting }
            return []
        }
        for continuation in waiting { continuation.resume(returning: compiler) }
    }
}
