import ArgumentParser
import Testing
import trtllm_bench

@Suite struct CollectivesOptionsTests {
    @Test func everythingMayBeLeftOutOrGiven() throws {
        let usual = try CollectivesOptions.parse([])
        #expect(usual.ranks == 2 && usual.transports == ["auto", "tcp"] && usual.bytes.contains(16_384))
        let given = try CollectivesOptions.parse(["--bytes", "8", "16", "--transports", "mpi", "--wire", "bfloat16"])
        #expect(given.bytes == [8, 16] && given.transports == ["mpi"] && given.wire == "bfloat16")
    }

    @Test(arguments: [
        (["--ranks", "0"], "--ranks is 0"), (["--bytes", "3"], "--bytes is 3"), (["--rounds", "0"], "--rounds is 0"),
        (["--transports", "smoke"], "--transports is smoke, but must be one of auto, tcp, mpi"),
        (["--wire", "float16"], "--wire is float16, but must be float32 or bfloat16"),
    ]) func valuesOutOfRangeAreUsageErrors(arguments: [String], message: String) {
        #expect {
            try CollectivesOptions.parse(arguments)
        } throws: { error in
            CollectivesOptions.exitCode(for: error) == .validationFailure
                && CollectivesOptions.message(for: error).contains(message)
        }
    }
}
