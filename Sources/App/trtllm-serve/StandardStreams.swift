internal import Glibc

/// Standard input and error as bytes.
enum StandardStreams {
    /// All of standard input, byte for byte.
    ///
    /// - Throws: `StartupError.unreadable` when reading fails.
    static func readAll() throws(StartupError) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = Glibc.read(STDIN_FILENO, &buffer, buffer.count)
            if count == 0 { return bytes }
            if count > 0 {
                bytes += buffer[..<count]
            } else if errno != EINTR {
                throw .unreadable(file: "standard input", reason: String(cString: strerror(errno)))
            }
        }
    }

    /// Writes bytes to standard output, all of them.
    ///
    /// - Throws: `StartupError.unwritable` when nobody takes them.
    static func write(_ bytes: [UInt8]) throws(StartupError) {
        if !send(bytes, to: STDOUT_FILENO) {
            throw .unwritable(file: "standard output", reason: String(cString: strerror(errno)))
        }
    }

    /// Writes a text to standard error; when nobody takes it, it is lost.
    static func complain(_ text: String, terminator: String = "\n") {
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
    static var errorIsTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    /// All of a file, byte for byte.
    ///
    /// - Throws: `StartupError.unreadable` naming the file and the reason.
    static func read(file path: String) throws(StartupError) -> [UInt8] {
        guard let file = fopen(path, "rb") else {
            throw .unreadable(file: path, reason: String(cString: strerror(errno)))
        }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&buffer, 1, buffer.count, file)
            bytes += buffer[..<count]
            if count < buffer.count { break }
        }
        if ferror(file) != 0 { throw .unreadable(file: path, reason: String(cString: strerror(errno))) }
        return bytes
    }
}
