internal import CRanks
internal import Glibc

/// The processes of ranks that rank 0 has started on its own host: the same program with the same arguments.
package final class RankProcesses: Sendable {
    /// The variable that tells a rank which process has started it.
    private static let parentVariable = "TRTLLM_RANK_PARENT"

    private let processes: [Int: pid_t]

    private init(_ processes: [Int: pid_t]) { self.processes = processes }

    /// Starts all ranks but the first, which is this process.
    ///
    /// The kernel kills them when the calling thread ends, so it must wait for them.
    ///
    /// - Parameters:
    ///   - first: Rank 0.
    ///   - arguments: Those of the program, its name first.
    /// - Throws: `CommunicatorError.failed` when a process can't be had; no other is left then.
    package static func start(
        _ first: RankIdentity,
        arguments: [String],
        environment: [String: String],
    ) throws(CommunicatorError) -> RankProcesses {
        var processes: [Int: pid_t] = [:]
        for rank in 1..<max(1, first.size) {
            var identity = first
            identity.rank = rank
            let own = identity.environment.merging([parentVariable: "\(getpid())"]) { $1 }
            let (process, error) = spawn(arguments, environment.merging(own) { $1 })
            guard error == 0 else {
                RankProcesses(processes).end()
                throw .failed("rank \(rank) can't be started: \(String(cString: strerror(error)))")
            }
            processes[rank] = process
        }
        return RankProcesses(processes)
    }

    /// Has the kernel end this process with the one that started it, if it was started as a rank by another.
    ///
    /// - Throws: `CommunicatorError.failed` when that has ended already.
    package static func dieWithParent(environment: [String: String]) throws(CommunicatorError) {
        guard let text = environment[parentVariable], let parent = Int32(text) else { return }
        guard rank_die_with(parent) == 0 else { throw .failed("the process that started this rank has ended") }
    }

    /// How a rank's process has ended; `nil` while it runs.
    package func explain(_ rank: Int) -> String? {
        guard let process = processes[rank] else { return nil }
        // A connection may end a moment before its process does.
        for _ in 0..<50 {
            if let end = Self.end(of: process) { return end }
            usleep(10_000)
        }
        return nil
    }

    /// Which rank has ended before all had met, and how; `nil` while all run.
    package func firstEnd() -> String? {
        for (rank, process) in processes.sorted(by: { $0.key < $1.key }) {
            if let end = Self.end(of: process) { return "rank \(rank) is lost: \(end)" }
        }
        return nil
    }

    /// Kills those that still run after some seconds, and waits until none is left.
    package func end(patience: Double = 0) {
        let deadline = Deadline(seconds: patience)
        while !deadline.isOver, processes.values.contains(where: { Self.end(of: $0) == nil }) { usleep(20_000) }
        for process in processes.values where Self.end(of: process) == nil { kill(process, SIGKILL) }
        for process in processes.values { while waitpid(process, nil, 0) == -1, errno == EINTR {} }
    }

    private static func end(of process: pid_t) -> String? {
        var number: Int32 = 0
        switch rank_process_end(process, &number) {
        case 0: return nil
        case 1: return "its process has ended with status \(number)"
        case 2: return "its process was ended by signal \(number) (\(String(cString: strsignal(number))))"
        default: return "its process is gone"
        }
    }

    /// Starts this program anew, without standard input.
    private static func spawn(_ arguments: [String], _ environment: [String: String]) -> (pid_t, Int32) {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        var process: pid_t = 0
        let error = withCStrings(arguments) { arguments in
            withCStrings(environment.map { "\($0.key)=\($0.value)" }) { environment in
                posix_spawn(&process, "/proc/self/exe", &actions, nil, arguments, environment)
            }
        }
        return (process, error)
    }

    private static func withCStrings<Value>(
        _ texts: [String],
        _ body: ([UnsafeMutablePointer<CChar>?]) -> Value,
    ) -> Value {
        let copies = texts.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        return body(copies + [nil])
    }
}
