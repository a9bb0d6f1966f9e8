internal import Glibc

/// How ranks that `mpirun` has started learn where rank 0 is: it tells them by MPI, which isn't needed any more then.
package enum MPIMeeting {
    private static let textBytes = 4096

    /// The identity with an address, and on rank 0 what listens there; all ranks call it.
    ///
    /// - Parameter keepsMPI: Whether MPI is to carry the data, too.
    /// - Throws: `CommunicatorError.failed` when MPI can't be had, or rank 0 can't be reached from here.
    package static func agree(
        _ identity: RankIdentity,
        keepsMPI: Bool,
    ) throws(CommunicatorError) -> (RankIdentity, StreamListener?) {
        let mpi = try OpenMPI.start()
        guard mpi.size == identity.size, mpi.rank == identity.rank else {
            throw .failed(
                "Open MPI knows this process as rank \(mpi.rank) of \(mpi.size), but it was started as rank "
                    + "\(identity.rank) of \(identity.size): start all ranks with one mpirun or srun --mpi=pmix"
            )
        }
        var listener: StreamListener?
        var text = ""
        if identity.rank == 0 {
            let own = try StreamListener(SocketAddress(host: "0.0.0.0", port: 0))
            let secret = RankIdentity.newSecret()
            text = ([HostIdentity.key, secret, "\(own.port)"] + addresses()).joined(separator: "\n") + "\n"
            listener = own
        }
        let bytes = Array(text.utf8.prefix(textBytes))
        let told = try mpi.broadcast(bytes + [UInt8](repeating: 10, count: textBytes - bytes.count))
        if !keepsMPI { OpenMPI.finish() }
        let lines = String(decoding: told, as: UTF8.self).split(separator: "\n").map(String.init)
        guard lines.count > 3, let port = Int(lines[2]) else { throw .failed("rank 0 has told nothing by MPI") }
        var identity = identity
        identity.secret = lines[1]
        let hosts = lines[0] == HostIdentity.key ? ["127.0.0.1"] : Array(lines[3...])
        identity.address =
            try identity.rank == 0
            ? SocketAddress(host: lines[3], port: port) : reachable(hosts.map { SocketAddress(host: $0, port: port) })
        return (identity, listener)
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
