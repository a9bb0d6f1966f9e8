import Foundation

/// Runs the body on a thread with as little stack as a worker may have, and waits for it.
func onSmallStack(_ body: @escaping @Sendable () -> Void) {
    let done = DispatchSemaphore(value: 0)
    let thread = Thread {
        body()
        done.signal()
    }
    #if DEBUG
        // Frames that aren't optimized are three times as large.
        thread.stackSize = 1536 << 10
    #else
        thread.stackSize = 512 << 10
    #endif
    thread.start()
    done.wait()
}
