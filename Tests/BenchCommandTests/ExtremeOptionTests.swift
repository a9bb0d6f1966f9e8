import ArgumentParser
import Testing
import trtllm_bench

/// Whole numbers at the end of their type.
@Suite struct ExtremeOptionTests {
    private func message<Options: ParsableArguments>(_ type: Options.Type, _ arguments: [String]) -> String {
        do {
            _ = try type.parse(arguments)
            return ""
        } catch {
            return type.message(for: error)
        }
    }

    @Test(arguments: ["num_requests", "concurrency", "input_len", "output_len", "vocabulary_size"])
    func loadTestsHaveBounds(option: String) {
        let text = message(LoadOptions.self, ["--\(option)", "9223372036854775807"])
        #expect(text.hasPrefix("--\(option) is 9223372036854775807, but must be from 1 to "))
    }

    @Test(arguments: ["input_len", "output_len", "max_num_tokens", "num_threads"])
    func measurementsOfModelsHaveBounds(option: String) {
        let text = message(BenchOptions.self, ["--model", "m", "--\(option)", "9223372036854775807"])
        #expect(text.hasPrefix("--\(option) is 9223372036854775807, but must be from 1 to "))
    }

    @Test(arguments: ["features", "columns", "rows", "num_threads"])
    func measurementsOfKernelsHaveBounds(option: String) {
        let text = message(KernelOptions.self, ["--\(option)", "9223372036854775552"])
        #expect(text.hasPrefix("--\(option) is 9223372036854775552, but must be from 1 to "))
    }
}
