internal import Parallel

/// Arrays of numbers as messages.
extension Communicator {
    /// Sends numbers to another rank, which receives as many.
    func send<Number: BitwiseCopyable>(_ numbers: [Number], to rank: Int) throws(CommunicatorError) {
        let result = numbers.withUnsafeBytes { bytes in
            Result { () throws(CommunicatorError) in try send(bytes, to: rank) }
        }
        try result.get()
    }

    /// Receives so many numbers from another rank.
    func receive<Number: BitwiseCopyable & ExpressibleByIntegerLiteral>(
        _ count: Int,
        from rank: Int,
    ) throws(CommunicatorError) -> [Number] {
        var numbers = [Number](repeating: 0, count: count)
        let result = numbers.withUnsafeMutableBytes { bytes in
            Result { () throws(CommunicatorError) in try receive(bytes, from: rank) }
        }
        try result.get()
        return numbers
    }
}
