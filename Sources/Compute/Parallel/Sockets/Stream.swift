internal import Glibc

/// A connection between two ranks: bytes in order.
package final class Stream: Sendable {
    let descriptor: Descriptor
    /// The descriptor's number.
    package var number: Int32 { descriptor.number }

    /// Takes over a connected socket.
    init(_ descriptor: Descriptor) {
        self.descriptor = descriptor
        var on: Int32 = 1
        // Fails where it isn't TCP, which has no such delay.
        setsockopt(descriptor.number, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        // What a rank may send before the other one receives; the kernel takes it as twice as much, its own needs included.
        var buffer: Int32 = 512 << 10
        setsockopt(descriptor.number, SOL_SOCKET, SO_SNDBUF, &buffer, socklen_t(MemoryLayout<Int32>.size))
        _ = fcntl(descriptor.number, F_SETFL, fcntl(descriptor.number, F_GETFL) | O_NONBLOCK)
    }

    /// Connects, again and again while nobody listens, until the deadline.
    ///
    /// - Throws: `CommunicatorError.failed` when nobody has answered until then.
    static func connect(to address: SocketAddress, _ deadline: Deadline) throws(CommunicatorError) -> Stream {
        var reason = "there is no such host"
        repeat {
            let stream = address.resolve(isPassive: false) { entry -> Stream? in
                let type = entry.pointee.ai_socktype | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
                let number = socket(entry.pointee.ai_family, type, entry.pointee.ai_protocol)
                guard number >= 0 else { return nil }
                let descriptor = Descriptor(number)
                let code = Glibc.connect(number, entry.pointee.ai_addr, entry.pointee.ai_addrlen)
                if code != 0, errno != EINPROGRESS {
                    reason = Descriptor.reason
                    return nil
                }
                var entries = [pollfd(fd: number, events: Int16(POLLOUT), revents: 0)]
                guard Descriptor.wait(&entries, milliseconds: min(5000, deadline.milliseconds)) else {
                    reason = "it doesn't answer"
                    return nil
                }
                var error: Int32 = 0
                var length = socklen_t(MemoryLayout<Int32>.size)
                getsockopt(number, SOL_SOCKET, SO_ERROR, &error, &length)
                if error != 0 { reason = String(cString: strerror(error)) }
                return error == 0 ? Stream(descriptor) : nil
            }
            if let stream { return stream }
            usleep(50_000)
        } while !deadline.isOver
        throw .failed("\(address) can't be reached: \(reason)")
    }

    /// Sends what goes without waiting.
    ///
    /// - Returns: how many bytes went, or `nil` when the other end is gone.
    func sendSome(_ bytes: UnsafeRawBufferPointer) -> Int? {
        let count = Glibc.send(number, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
        if count >= 0 { return count }
        return errno == EAGAIN || errno == EINTR ? 0 : nil
    }

    /// Receives what is there without waiting.
    ///
    /// - Returns: how many bytes came, or `nil` when the other end is gone.
    func receiveSome(_ bytes: UnsafeMutableRawBufferPointer) -> Int? {
        let count = recv(number, bytes.baseAddress, bytes.count, 0)
        if count > 0 { return count }
        if count == 0 { return nil }
        return errno == EAGAIN || errno == EINTR ? 0 : nil
    }
}

/// Where connections come in.
package final class StreamListener: Sendable {
    private let descriptor: Descriptor
    /// The descriptor's number.
    var number: Int32 { descriptor.number }
    /// The port that is listened on.
    package let port: Int

    /// Listens on an address; port 0 is any that is free, and an empty host all addresses of this host.
    ///
    /// - Throws: `CommunicatorError.failed` when that can't be had.
    package init(_ address: SocketAddress) throws(CommunicatorError) {
        var reason = "there is no such address"
        let found = address.resolve(isPassive: true) { entry -> Descriptor? in
            let type = entry.pointee.ai_socktype | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
            let number = socket(entry.pointee.ai_family, type, entry.pointee.ai_protocol)
            guard number >= 0 else { return nil }
            let descriptor = Descriptor(number)
            var on: Int32 = 1
            setsockopt(number, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
            guard bind(number, entry.pointee.ai_addr, entry.pointee.ai_addrlen) == 0, listen(number, 512) == 0 else {
                reason = Descriptor.reason
                return nil
            }
            return descriptor
        }
        guard let found, let own = SocketAddress(of: found.number, peer: false) else {
            throw .failed("ranks can't meet at \(address): \(reason)")
        }
        descriptor = found
        port = own.port
    }

    /// The next connection; `nil` when none has come within that time.
    package func accept(milliseconds: Int) -> Stream? {
        var entries = [pollfd(fd: descriptor.number, events: Int16(POLLIN), revents: 0)]
        guard Descriptor.wait(&entries, milliseconds: milliseconds) else { return nil }
        let number = Glibc.accept(descriptor.number, nil, nil)
        guard number >= 0 else { return nil }
        _ = fcntl(number, F_SETFD, FD_CLOEXEC)
        return Stream(Descriptor(number))
    }
}
