internal import Glibc

/// Standard input, output and error as bytes.
package enum StandardStreams {
    /// Most bytes of standard input that a command takes.
    package static let inputLimit = 64 << 20

    /// Takes the numbers 0 to 2 where the program was started without them, so that no socket and no file gets one and is
    /// written to as if it were a terminal.
    ///
    /// Each is opened the wrong way round: reading standard input and writing the others fail as before.
    package static func reserveNumbers() {
        for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(descriptor, F_GETFD) == -1 {
            // The kernel gives the lowest number that is free, which is this one.
            _ = open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
        }
    }

    /// All of standard input, byte for byte.
    ///
    /// - Throws: `StartupError.unreadable` when reading fails or there are more than `inputLimit` bytes.
    package static func readAll() throws(StartupError) -> [UInt8] {
        try read(STDIN_FILENO, name: "standard input", limit: inputLimit)
    }

    /// All that a descriptor gives.
    ///
    /// - Throws: `StartupError.unreadable` when reading fails or there are more than `limit` bytes.
    package static func read(_ descriptor: Int32, name: String, limit: Int) throws(StartupError) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count == 0 { return bytes }
            if count > 0 {
                bytes += buffer[..<count]
                guard bytes.count <= limit else {
                    throw .unreadable(file: name, reason: "it is longer than \(ByteSize(limit)), which is the limit")
                }
            } else if errno != EINTR {
                throw .unreadable(file: name, reason: String(cString: strerror(errno)))
            }
        }
    }

    /// Writes bytes to standard output, all of them.
    ///
    /// - Throws: `StartupError.unwritable` when nobody takes them.
    package static func write(_ bytes: [UInt8]) throws(StartupError) {
        if !send(bytes, to: STDOUT_FILENO) {
            throw .unwritable(file: "standard output", reason: String(cString: strerror(errno)))
        }
    }

    /// Writes a text to standard error; when nobody takes it, it is lost.
    package static func complain(_ text: String, terminator: String = "\n") {
        _ = send(Array((text + terminator).utf8), to: STDERR_FILENO)
    }

    private static func send(_ bytes: [UInt8], to file: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                return false
            }
        }
        return true
    }

    /// Whether standard error is a terminal.
    package static var errorIsTerminal: Bool { isatty(STDERR_FILENO) == 1 }
}
