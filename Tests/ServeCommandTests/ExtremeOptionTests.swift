import ArgumentParser
import Engine
import Models
import Testing
import trtllm_serve

/// Whole numbers at the ends of their type, for every option that takes one.
@Suite struct ExtremeOptionTests {
    /// Options whose values are texts or fractions; every other one must be a whole number.
    static let others: Set = [
        "--tokenizer", "--host", "--backend", "--log_level", "--served_model_name", "--chat_template", "--tool_parser",
        "--reasoning_parser",
        "--kv_cache_dtype", "--quantization",
        "--kv_cache_free_gpu_memory_fraction", "--free_gpu_memory_fraction", "--extra_llm_api_options", "--config",
        "--cors_origins", "--allowed_hosts", "--revision", "--hf_revision", "--api_key", "--api_key_file", "--pooling",
        "--rank_transport", "--rank_wire", "--lora_modules", "--profile_dir",
    ]

    /// The names that the help gives with a value.
    static let integerOptions: [String] = {
        let text = ServeOptions.helpMessage(columns: 200)
        let names = text.matches(of: /(--[a-z_]+)(?:, --[a-z_]+)* </).flatMap { match in
            match.output.0.matches(of: /--[a-z_]+/).map { String($0.output) }
        }
        return Set(names).subtracting(others).sorted()
    }()

    private func configuration(_ arguments: [String]) throws -> ServeConfiguration {
        try ServeConfiguration(ServeOptions.parse(["model.gguf"] + arguments), OptionsFile())
    }

    @Test func theHelpListsTheOptions() {
        #expect(Self.integerOptions.count >= 23)
        #expect(Self.integerOptions.contains("--max_seq_len"))
        #expect(Self.integerOptions.contains("--max_stop_bytes"))
    }

    @Test(arguments: integerOptions) func valuesThatNoProductHoldsAreUsageErrors(option: String) {
        #expect {
            try configuration([option, "9223372036854775807"])
        } throws: {
            ServeOptions.message(for: $0).contains(" is 9223372036854775807, but must be from ")
        }
        for value in ["4611686018427387904", "9223372036854775808", "-9223372036854775808", "-1", "1e9", "x"] {
            #expect(throws: (any Error).self) { try configuration(["\(option)=\(value)"]) }
        }
    }

    @Test(arguments: integerOptions) func whatIsAcceptedCanBePlannedWith(option: String) throws {
        for shift in [0, 16, 20, 24] {
            guard let settings = try? configuration([option, "\(1 << shift)"]) else { continue }
            let needs = KVCachePlan.Needs(
                freeBytes: 16 << 30,
                reservedBytes: 1 << 30,
                bytesPerToken: 1 << 20,
                layout: BlockLayout(
                    tokensPerBlock: settings.kvCache.tokensPerBlock,
                    groups: [.all(layers: 1)],
                    longestChunk: 1024
                ),
                maxSequenceLength: settings.maxSequenceLength ?? 4096,
                maxBatchSize: settings.maxBatchSize,
            )
            if let plan = try? KVCachePlan(settings.kvCache, needs) { #expect(plan.byteCount <= 16 << 30) }
        }
    }
}
