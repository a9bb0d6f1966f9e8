import Parallel
import Testing

/// What a rank's environment says.
@Suite struct RankIdentityTests {
    private static let secret = "sixteen or more."

    private static func identity(_ changes: [String: String?] = [:]) throws -> RankIdentity? {
        var environment: [String: String] = [
            "TRTLLM_RANK": "1", "TRTLLM_WORLD_SIZE": "2", "TRTLLM_RANK_ADDRESS": "node1:12010",
            "TRTLLM_RANK_SECRET": secret,
        ]
        for (name, value) in changes { environment[name] = value }
        return try RankIdentity(environment: environment)
    }

    @Test func isReadAndHandedOn() throws {
        let identity = try #require(try Self.identity())
        let address = SocketAddress(host: "node1", port: 12_010)
        #expect(identity == RankIdentity(rank: 1, size: 2, address: address, secret: Self.secret))
        #expect(try RankIdentity(environment: identity.environment) == identity)
    }

    @Test func isNoneWhereNothingIsSaid() throws {
        #expect(try Self.identity(["TRTLLM_RANK": nil]) == nil)
        #expect(try Self.identity(["TRTLLM_RANK_ADDRESS": ""])?.address == nil)
    }

    @Test func ranksThatMeetByMPIAreGivenASecretThere() throws {
        let identity = try Self.identity(["TRTLLM_RANK_SECRET": nil, "TRTLLM_RANK_ADDRESS": ""])
        #expect(identity?.secret == "")
    }

    @Test(arguments: ["10.0.0.1:80", "127.0.0.1:80", "[::1]:80", "localhost:80", "node1:80"])
    func ranksThatMeetAtAnAddressNeedOne(address: String) throws {
        for (secret, count) in [(nil, 0), ("", 0), ("fifteen bytes..", 15)] {
            #expect {
                try Self.identity(["TRTLLM_RANK_SECRET": secret, "TRTLLM_RANK_ADDRESS": address])
            } throws: { error in
                "\(error)".hasPrefix(
                    "rank 1: TRTLLM_RANK_SECRET has \(count) bytes, but ranks that meet where others may come"
                )
                    && "\(error)".contains(
                        "at \(address), need the same 16 random bytes or more: mpirun hands it on with -x "
                    )
            }
        }
        #expect(try Self.identity(["TRTLLM_RANK_ADDRESS": address]) != nil)
        #expect(try Self.identity(["TRTLLM_RANK": "0", "TRTLLM_WORLD_SIZE": "1", "TRTLLM_RANK_SECRET": ""]) != nil)
    }

    @Test(arguments: [
        ("TRTLLM_RANK", "2", "TRTLLM_RANK is '2', but must be from 0 to 1"),
        ("TRTLLM_RANK", "one", "TRTLLM_RANK is 'one', but must be from 0 to 1"),
        ("TRTLLM_WORLD_SIZE", "0", "TRTLLM_WORLD_SIZE is '0', but must be from 1 to 4096"),
        ("TRTLLM_WORLD_SIZE", "9999999999999999999", "must be from 1 to 4096"),
        ("TRTLLM_RANK_ADDRESS", "node1", "TRTLLM_RANK_ADDRESS is 'node1', but must be HOST:PORT"),
        ("TRTLLM_RANK_ADDRESS", "node1:70000", "must be HOST:PORT"),
    ]) func whatCannotBeIsNamed(name: String, value: String, message: String) {
        #expect {
            try Self.identity([name: value])
        } throws: { "\($0)".hasSuffix(message) }
    }

    @Test(arguments: ["127.0.0.1:1", "[::1]:65535", "host.domain:80"])
    func addressesAreWrittenAsTheyAreRead(text: String) throws {
        #expect("\(try #require(SocketAddress(text)))" == text)
    }

    @Test(arguments: ["", ":80", "host", "host:", "host:0", "[]:80", "host:-1"])
    func whatIsNoAddressIsNotRead(text: String) {
        #expect(SocketAddress(text) == nil)
    }

    @Test func secretsDiffer() {
        #expect(RankIdentity.newSecret() != RankIdentity.newSecret())
        #expect(RankIdentity.newSecret().utf8.count > 40)
    }
}
