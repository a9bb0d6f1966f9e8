import Testing
import trtllm_bench

@Suite struct EventScannerTests {
    typealias Finding = EventScanner.Finding

    /// What a text tells when it comes in parts of so many bytes.
    static func findings(_ text: String, partsOf size: Int = .max) -> [Finding] {
        var scanner = EventScanner()
        var findings: [Finding] = []
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            Array(rest.prefix(size)).withUnsafeBytes { bytes in scanner.scan(bytes) { findings.append($0) } }
            rest = rest.dropFirst(size)
        }
        return findings
    }

    static let stream = """
        data: {"id":"c","choices":[{"index":0,"text":"a","finish_reason":null}],"usage":null}

        : waiting

        data: {"id":"c","choices":[{"index":0,"text":"\\"usage\\":{","finish_reason":"length"}],"usage":null}

        data: {"id":"c","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":7,"total_tokens":10}}

        data: [DONE]


        """

    @Test(arguments: [1, 2, 3, 7, 64, .max]) func streamIsReadHoweverItIsCut(size: Int) {
        #expect(Self.findings(Self.stream, partsOf: size) == [.piece, .piece, .usage(completionTokens: 7), .done])
    }

    @Test func lineEndsOfWindowsAndSpacesInJSONAreUnderstood() {
        let text =
            "event: x\r\ndata:{\"choices\" : [ {\"text\": \"\"} ]}\r\n\r\ndata: {\"choices\": [ ]}\r\ndata: [DONE]\r\n"
        #expect(Self.findings(text) == [.piece, .done])
    }

    @Test func pieceMayCarryUsage() {
        let text = "data: {\"choices\":[{\"text\":\"a\"}],\"usage\":{\"completion_tokens\":2}}\n"
        #expect(Self.findings(text) == [.piece, .usage(completionTokens: 2)])
    }

    @Test(arguments: [
        (#"{"error":{"message":"out of memory","code":500}}"#, "out of memory"),
        (#"{"object":"error","message":"m","error":{"message":"out of memory"}}"#, "out of memory"),
        (#"{"object":"error","message":"out of memory"}"#, "out of memory"),
        (#"{"error":"out of memory"}"#, "out of memory"),
        (#"{"choices":[{"text":""}],"error":{"message":"out of memory"}}"#, "out of memory"),
    ]) func errorsAreFailures(event: String, message: String) {
        #expect(Self.findings("data: \(event)\n") == [.failure(message)])
    }

    @Test func textsThatLookLikeKeysAreTexts() {
        let text = #"data: {"choices":[{"text":"error"},{"text":"\"error\":{}"}],"error":null}"# + "\n"
        #expect(Self.findings(text) == [.piece])
    }

    @Test func brokenEventIsAFailure() throws {
        let findings = Self.findings("data: {\"error\":\n")
        guard case .failure(let message) = try #require(findings.first) else {
            Issue.record("no failure in \(findings)")
            return
        }
        #expect(message.hasPrefix("an event isn't JSON"))
    }
}
