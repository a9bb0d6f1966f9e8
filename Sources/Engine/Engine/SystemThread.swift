internal import Glibc

/// Threads of the operating system, for work that would keep Swift's few shared threads busy.
package enum SystemThread {
    /// What a thread runs, boxed to cross into C.
    private final class Body: Sendable {
        let run: @Sendable () -> Void

        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// Starts a thread that ends with its body; nobody waits for it.
    ///
    /// - Parameters:
    ///   - name: What tools such as `top -H` show, cut to 15 bytes.
    ///   - stackBytes: Most it may use; memory is taken only as far as it is used.
    ///   - body: What it runs.
    /// - Returns: 0, or the number of the error when the operating system gives no thread.
    package static func start(
        name: String,
        stackBytes: Int = 8 << 20,
        _ body: @escaping @Sendable () -> Void,
    ) -> Int32 {
        let argument = Unmanaged.passRetained(
            Body {
                nameThisThread(name)
                body()
            }
        )
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        pthread_attr_setstacksize(&attributes, stackBytes)
        var thread = pthread_t()
        let code = pthread_create(
            &thread,
            &attributes,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            },
            argument.toOpaque(),
        )
        if code != 0 { argument.release() }
        return code
    }

    private static func nameThisThread(_ name: String) {
        let file = open("/proc/thread-self/comm", O_WRONLY)
        guard file >= 0 else { return }
        defer { close(file) }
        let bytes = Array(name.utf8.prefix(15))
        _ = write(file, bytes, bytes.count)
    }
}

/// A counting semaphore of the C library at a fixed address.
///
/// Unchecked, because `sem_t` may be used from several threads at once and the pointer never changes.
package final class SystemSemaphore: @unchecked Sendable {
    private let pointer = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    /// A semaphore that nobody has signalled.
    package init() { sem_init(pointer, 0, 0) }

    deinit {
        sem_destroy(pointer)
        pointer.deallocate()
    }

    /// Lets one waiting thread go on, or the next that comes.
    package func signal() { sem_post(pointer) }

    /// Waits for a signal and takes it.
    package func wait() { while sem_wait(pointer) != 0 {} }

    /// The same, but no longer than some seconds.
    ///
    /// - Returns: whether there was a signal.
    package func wait(seconds: Int) -> Bool {
        var end = timespec()
        clock_gettime(CLOCK_REALTIME, &end)
        end.tv_sec += seconds
        while sem_timedwait(pointer, &end) != 0 {
            guard errno == EINTR else { return false }
        }
        return true
    }
}
