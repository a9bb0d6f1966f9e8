import ArgumentParser
import Foundation
import OrderedJSON
import Testing
import trtllm_bench

@Suite struct SchedulerCommandTests {
    @Test(arguments: [
        (["--blocks", "999"], "--blocks is 999, but must be in [1000, 1000000]"),
        (["--iterations", "0"], "--iterations is 0"),
        (["--blocks", "1000", "--siblings", "1001"], "--blocks is 1000, too few"),
        (["--blocks", "1000", "--siblings", "0", "--streams", "11"], "--blocks is 1000, too few"),
    ]) func valuesOutOfRangeAreUsageErrors(arguments: [String], message: String) {
        #expect {
            try SchedulerCommand.parse(arguments)
        } throws: { error in
            SchedulerCommand.exitCode(for: error) == .validationFailure
                && SchedulerCommand.message(for: error).contains(message)
        }
    }

    @Test func everyCaseIsMeasuredAndReported() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).json")
        defer { try? FileManager.default.removeItem(at: file) }
        var command = try SchedulerCommand.parse([
            "--blocks", "1000", "--siblings", "20", "--streams", "4", "--waiting", "30", "--iterations", "5",
            "--report_json", file.path,
        ])
        try command.run()
        let report = try JSONParser.parse(Array(Data(contentsOf: file)))
        for name in ["streams alone", "waiting", "siblings", "waiting and siblings"] {
            #expect(report[name]?["p50"] != nil, "\(name)")
        }
    }
}
