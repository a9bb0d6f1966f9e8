import GuidedDecoding
import OrderedJSON
import Testing
import trtllm_bench

/// Schemas walked by `trtllm-bench grammar`, over single bytes.
@Suite struct GrammarRunTests {
    private static let vocabulary = GrammarVocabulary(tokens: (0...255).map { [UInt8($0)] })

    private static func run(_ files: [String]) throws -> GrammarReport {
        var run = GrammarRun(vocabulary: vocabulary) { InstanceWriter.text(of: $0).map { Int32($0) } }
        for (index, text) in files.enumerated() {
            run.walk(try #require(SchemaFile(name: "\(index).json", JSONParser.parse(text))))
        }
        return run.report
    }

    @Test func aFilePassesWhenEveryInstanceComesOutAsItSays() throws {
        let report = try Self.run([
            #"{"schema":{"type":"integer"},"tests":[{"valid":true,"data":12},{"valid":false,"data":"a"}]}"#,
            #"{"schema":{"type":"integer"},"tests":[{"valid":true,"data":"a"}]}"#,
            #"{"schema":{"type":"integer"},"tests":[{"valid":false,"data":1}]}"#,
            #"{"schema":{"type":"nothing"},"tests":[]}"#,
        ])
        #expect(report.files == 4)
        #expect(report.passing == 1)
        #expect(report.validationErrors == 1)
        #expect(report.invalidationErrors == 1)
        #expect(report.compileErrors == 1)
        #expect(report.failures.map(\.file) == ["1.json", "2.json", "3.json"])
        // A mask for each token up to the first that isn't allowed: 2 + 1, 1, 1.
        #expect(report.maskTimes.count == 5)
        #expect(report.compileTimes.count == 3)
    }

    @Test func instancesAreWrittenWithASpaceBehindCommasAndColons() throws {
        let value = try JSONParser.parse(#"{"a":[1,2.5,"é\n"],"b":{}}"#)
        #expect(String(decoding: InstanceWriter.text(of: value), as: UTF8.self) == #"{"a": [1, 2.5, "é\n"], "b": {}}"#)
    }

    @Test func theReportHasTheFieldsThatItsReadersExpect() throws {
        let report = try Self.run([#"{"schema":true,"tests":[{"valid":true,"data":null}]}"#]).json
        let names = try #require(report.objectValue?.keys)
        #expect(
            names == [
                "files", "passing", "compile_errors", "validation_errors", "invalidation_errors", "mask_us",
                "compile_us",
            ]
        )
        let shares = ["mean", "p50", "p75", "p90", "p95", "p99", "p999", "max"]
        #expect(report["mask_us"]?.objectValue?.keys == shares)
        #expect(report["compile_us"]?.objectValue?.keys == shares)
    }

    @Test func inputsForOtherProgramsHoldTheVocabularyAndTheInstancesTokens() throws {
        let file = try #require(
            SchemaFile(name: "f.json", JSONParser.parse(#"{"schema":true,"tests":[{"valid":true,"data":[]}]}"#))
        )
        let vocabulary = GrammarVocabulary(tokens: [[0x0A, 0xFF], []], special: [1: "<end>"])
        let inputs = GrammarInputs.json(vocabulary, [file]) { _ in [7, 8] }
        let expected = try JSONParser.parse(
            #"{"tokens":["0aff",""],"special":{"1":"<end>"},"files":{"f.json":[[7,8]]}}"#
        )
        #expect(inputs == expected)
    }
}
