internal import CMPI
internal import Glibc

/// Ranks that exchange messages by Open MPI.
///
/// Requests are asked about again and again rather than waited for, so that a rank that is lost ends the wait.
final class MPITransport: MessageTransport, @unchecked Sendable {  // one thread at a time calls
    /// Most bytes of one request.
    private static let limit = 1 << 30
    /// Rounds of asking before the thread gives its core away, and before it sleeps in between.
    private static let (eagerRounds, yieldRounds) = (2000, 20_000)

    let rank: Int
    let size: Int
    private let mpi: OpenMPI
    private let communicator: UnsafeMutableRawPointer?
    private let interruption: Interruption
    private var requests: [UnsafeMutableRawPointer?] = []
    /// Messages that MPI hasn't sent yet, though this rank goes on.
    private var onTheWay: [(request: UnsafeMutableRawPointer?, bytes: UnsafeMutableRawBufferPointer)] = []
    /// Most bytes of a message that is copied, so that this rank can go on, and of all of them.
    private static let (copyLimit, copiesLimit) = (256 << 10, 4 << 20)

    /// The transport of all ranks.
    ///
    /// - Throws: `CommunicatorError.failed` when MPI can't be had, or was started for other ranks than these.
    convenience init(_ identity: RankIdentity, interruption: Interruption) throws(CommunicatorError) {
        let mpi = try OpenMPI.start(as: identity)
        self.init(
            rank: mpi.rank,
            size: mpi.size,
            mpi: mpi,
            communicator: mpi_world(mpi.library),
            interruption: interruption
        )
    }

    private init(
        rank: Int,
        size: Int,
        mpi: OpenMPI,
        communicator: UnsafeMutableRawPointer?,
        interruption: Interruption,
    ) {
        self.rank = rank
        self.size = size
        self.mpi = mpi
        self.communicator = communicator
        self.interruption = interruption
    }

    func split(_ group: SplitGroup) throws(CommunicatorError) -> any MessageTransport {
        var part: UnsafeMutableRawPointer?
        try mpi.check(mpi_split(mpi.library, communicator, Int32(group.members[0]), Int32(rank), &part), "split")
        return MPITransport(
            rank: group.rank,
            size: group.members.count,
            mpi: mpi,
            communicator: part,
            interruption: group.interruption
        )
    }

    func exchange(_ transfers: [Transfer]) throws(CommunicatorError) -> Int {
        try forgetWhatWasSent()
        if transfers.count == 1, case .send(let bytes, let peer)? = transfers.first, try sendCopy(of: bytes, to: peer) {
            return 0
        }
        requests.removeAll(keepingCapacity: true)
        for transfer in transfers {
            for first in stride(from: 0, to: transfer.byteCount, by: Self.limit) {
                try begin(transfer, first, Int32(min(Self.limit, transfer.byteCount - first)))
            }
        }
        var done: Int32 = 0
        var round = 0
        var start = 0
        while true {
            try mpi.check(mpi_test_all(mpi.library, &requests, Int32(requests.count), &done), "exchange")
            if done != 0 { return round == 0 ? 0 : TrafficMeter.now - start }
            if round == 0 { start = TrafficMeter.now }
            round += 1
            if round > Self.eagerRounds { try rest(round) }
        }
    }

    /// Begins to send a copy of a message; returns whether it did, which it doesn't where that would take too much memory.
    private func sendCopy(of bytes: UnsafeRawBufferPointer, to peer: Int) throws(CommunicatorError) -> Bool {
        let others = onTheWay.reduce(0) { $0 + $1.bytes.count }
        guard bytes.count <= Self.copyLimit, others + bytes.count <= Self.copiesLimit else { return false }
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 16)
        copy.copyMemory(from: bytes)
        requests.removeAll(keepingCapacity: true)
        try begin(.send(UnsafeRawBufferPointer(copy), to: peer), 0, Int32(bytes.count))
        onTheWay.append((requests[0], copy))
        return true
    }

    private func forgetWhatWasSent() throws(CommunicatorError) {
        while var first = onTheWay.first {
            var done: Int32 = 0
            try mpi.check(mpi_test_all(mpi.library, &first.request, 1, &done), "exchange")
            guard done != 0 else { return }
            first.bytes.deallocate()
            onTheWay.removeFirst()
        }
    }

    private func begin(_ transfer: Transfer, _ first: Int, _ count: Int32) throws(CommunicatorError) {
        var request: UnsafeMutableRawPointer?
        let (library, peer) = (mpi.library, Int32(transfer.peer))
        let error =
            switch transfer {
            case .send(let bytes, _):
                mpi_begin_send(library, communicator, bytes.baseAddress.map { $0 + first }, count, peer, &request)
            case .receive(let bytes, _):
                mpi_begin_receive(library, communicator, bytes.baseAddress.map { $0 + first }, count, peer, &request)
            }
        try mpi.check(error, "exchange")
        requests.append(request)
    }

    private func rest(_ round: Int) throws(CommunicatorError) {
        try interruption.check()
        if round < Self.yieldRounds { sched_yield() } else { usleep(200) }
    }
}
