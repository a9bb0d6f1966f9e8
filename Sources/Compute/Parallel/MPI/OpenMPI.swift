internal import CMPI
internal import Synchronization

/// Open MPI, found on this machine at run time and started once in a process.
package final class OpenMPI: @unchecked Sendable {  // MPI is told that threads call it at the same time
    let library: OpaquePointer
    /// This process's place among those that the launcher has started, and how many those are.
    package let rank: Int
    package let size: Int

    private static let shared = Mutex<Result<OpenMPI, CommunicatorError>?>(nil)
    /// What Debian and its relatives call the package that brings the library.
    private static let packageName = "openmpi-bin"

    /// Starts MPI, or gives what has been started: a process can start it only once.
    ///
    /// - Throws: `CommunicatorError.failed` naming the package when there is none, or when its launcher has started other ranks
    ///   than these.
    static func start(as identity: RankIdentity) throws(CommunicatorError) -> OpenMPI {
        let result = shared.withLock { shared in
            let result = shared ?? Result { () throws(CommunicatorError) in try OpenMPI() }
            shared = result
            return result
        }
        let mpi = try result.get()
        guard mpi.rank == identity.rank, mpi.size == identity.size else {
            throw .failed(
                "Open MPI knows this process as rank \(mpi.rank) of \(mpi.size), but it was started as rank "
                    + "\(identity.rank) of \(identity.size): start all ranks with one mpirun or srun --mpi=pmix"
            )
        }
        return mpi
    }

    private init() throws(CommunicatorError) {
        var reason = [CChar](repeating: 0, count: 512)
        guard let library = mpi_library_open(&reason, reason.count) else {
            throw .failed(
                "Open MPI can't be loaded (\(Self.text(reason))): install the package \(Self.packageName) on every host"
            )
        }
        self.library = library
        let error = mpi_library_start(library)
        guard error == 0 else { throw .failed("Open MPI can't start: \(Self.explain(error, library))") }
        var (rank, size): (Int32, Int32) = (0, 1)
        _ = mpi_rank(library, mpi_world(library), &rank)
        _ = mpi_size(library, mpi_world(library), &size)
        (self.rank, self.size) = (Int(rank), Int(size))
    }

    /// The same bytes on all ranks: those of rank 0, at most as many as are given.
    ///
    /// - Throws: `CommunicatorError.failed` with MPI's reason.
    package func broadcast(_ bytes: [UInt8]) throws(CommunicatorError) -> [UInt8] {
        var bytes = bytes
        let error = bytes.withUnsafeMutableBytes { bytes in
            mpi_broadcast(library, mpi_world(library), bytes.baseAddress, Int32(bytes.count))
        }
        try check(error, "broadcast")
        return bytes
    }

    /// How many of the ranks for which `isOne` is as here; all ranks call it.
    ///
    /// - Throws: `CommunicatorError.failed` with MPI's reason.
    func number(where isOne: Bool) throws(CommunicatorError) -> Int {
        var part: UnsafeMutableRawPointer?
        try check(mpi_split(library, mpi_world(library), isOne ? 1 : 0, Int32(rank), &part), "split")
        var count: Int32 = 0
        try check(mpi_size(library, part, &count), "size")
        return Int(count)
    }

    /// Ends MPI, if it was started.
    ///
    /// All ranks call it, and none uses MPI any more; it can't be started again.
    package static func finish() {
        let started = shared.withLock { shared in
            defer { if shared != nil { shared = .failure(.failed("Open MPI has been ended")) } }
            return try? shared?.get()
        }
        if let started { mpi_library_finish(started.library) }
    }

    /// - Throws: `CommunicatorError.failed` unless `error` is none.
    func check(_ error: Int32, _ call: String) throws(CommunicatorError) {
        guard error == 0 else { throw .failed("Open MPI's \(call) failed: \(Self.explain(error, library))") }
    }

    private static func explain(_ error: Int32, _ library: OpaquePointer) -> String {
        var text = [CChar](repeating: 0, count: 1024)
        mpi_library_explain(library, error, &text)
        return Self.text(text)
    }

    private static func text(_ characters: [CChar]) -> String {
        String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
