internal import Glibc

/// How ranks that `mpirun` has started learn where rank 0 is: it tells them by MPI, which isn't needed any more then.
package enum MPIMeeting {
    private static let textBytes = 4096

    /// The identity with an address, and on rank 0 what listens there; all ranks call it.
    ///
    /// Ranks of one host get a secret by MPI, which carries it there without a network; others must have been given one.
    ///
    /// - Parameter keepsMPI: Whether MPI is to carry the data, too.
    /// - Throws: `CommunicatorError.failed` when MPI can't be had, rank 0 can't be reached from here, or ranks of
    ///   several hosts have no secret.
    package static func agree(
        _ identity: RankIdentity,
        keepsMPI: Bool,
    ) throws(CommunicatorError) -> (RankIdentity, StreamListener?) {
        let mpi = try OpenMPI.start(as: identity)
        let isFirst = identity.rank == 0
        let host = try broadcast([HostIdentity.key], mpi)
        let areTogether = try mpi.number(where: host == [HostIdentity.key]) == identity.size
        guard areTogether || identity.secret.utf8.count >= RankSecret.leastBytes else {
            throw RankIdentity.secretNeeded(rank: identity.rank, secret: identity.secret, meeting: "on several hosts")
        }
        let listener =
            try isFirst ? StreamListener(SocketAddress(host: areTogether ? "127.0.0.1" : "0.0.0.0", port: 0)) : nil
        // What MPI carries within a host doesn't leave it; over a network, ranks have their secret already.
        let secret = areTogether ? RankIdentity.newSecret() : "-"
        let hosts = areTogether ? ["127.0.0.1"] : addresses()
        let told = try broadcast([secret, "\(listener?.port ?? 0)"] + hosts, mpi)
        // A rank that ended MPI alone would wait for the others; that they want different things is told where they meet.
        if try mpi.number(where: keepsMPI) == identity.size, !keepsMPI { OpenMPI.finish() }
        guard told.count > 2, let port = Int(told[1]) else { throw .failed("rank 0 has told nothing by MPI") }
        var identity = identity
        if areTogether { identity.secret = told[0] }
        let places = told[2...].map { SocketAddress(host: $0, port: port) }
        identity.address = try isFirst ? places[0] : reachable(places)
        return (identity, listener)
    }

    /// The lines of rank 0 on all ranks.
    private static func broadcast(_ lines: [String], _ mpi: OpenMPI) throws(CommunicatorError) -> [String] {
        let bytes = Array((lines.joined(separator: "\n") + "\n").utf8.prefix(textBytes))
        let told = try mpi.broadcast(bytes + [UInt8](repeating: 10, count: textBytes - bytes.count))
        return String(decoding: told, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// The first address that answers.
    private static func reachable(_ addresses: [SocketAddress]) throws(CommunicatorError) -> SocketAddress {
        var reason = CommunicatorError.failed("rank 0's host has no address")
        for address in addresses {
            do throws(CommunicatorError) {
                _ = try Stream.connect(to: address, Deadline(seconds: 2))
                return address
            } catch {
                reason = error
            }
        }
        throw reason
    }

    /// The addresses of this host that others may reach; its own loop when it has none.
    private static func addresses() -> [String] {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&list) == 0 else { return ["127.0.0.1"] }
        defer { freeifaddrs(list) }
        var found: [String] = []
        var next = list
        while let entry = next {
            next = entry.pointee.ifa_next
            guard let address = entry.pointee.ifa_addr, Int32(address.pointee.sa_family) == AF_INET else { continue }
            var host = [CChar](repeating: 0, count: 256)
            let length = socklen_t(MemoryLayout<sockaddr_in>.size)
            guard getnameinfo(address, length, &host, socklen_t(host.count), nil, 0, NI_NUMERICHOST) == 0 else {
                continue
            }
            let text = String(decoding: host.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            if !text.hasPrefix("127.") { found.append(text) }
        }
        return found.isEmpty ? ["127.0.0.1"] : found
    }
}
