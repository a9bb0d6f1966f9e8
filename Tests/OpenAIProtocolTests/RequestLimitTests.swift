import OpenAIProtocol
import OrderedJSON
import Testing

/// What a request may hold, and how little of it comes back in a refusal.
@Suite struct RequestLimitTests {
    private static func list(_ count: Int, _ element: (Int) -> String) -> String {
        "[" + (0..<count).map(element).joined(separator: ",") + "]"
    }

    private static func biases(_ count: Int) -> String {
        "{" + (0..<count).map { "\"\($0)\":1" }.joined(separator: ",") + "}"
    }

    @Test(arguments: [
        Refused(
            #"{"stop":\#(list(65) { "\"\($0)\"" })}"#,
            "stop",
            "stop is a list of 65 strings, but must be of at most 64"
        ),
        Refused(
            #"{"stop":["\#(String(repeating: "a", count: 8192))","\#(String(repeating: "b", count: 8193))"]}"#,
            "stop",
            "stop is text of 16385 bytes, but must be of at most 16384"
        ),
        Refused(
            #"{"stop_token_ids":\#(list(257) { "\($0)" })}"#,
            "stop_token_ids",
            "stop_token_ids is a list of 257 ids, but must be of at most 256"
        ),
        Refused(
            #"{"logit_bias":\#(biases(4097))}"#,
            "logit_bias",
            "logit_bias is an object of 4097 entries, but must be of at most 4096"
        ),
        Refused(
            #"{"model":"\#(String(repeating: "m", count: 257))"}"#,
            "model",
            "model is a name of 257 bytes, but must be of at most 256"
        ),
    ])
    func aFieldOverItsLimitIsRefusedWithBothNumbers(refused: Refused) {
        for fault in [fault { _ = try completion(refused.fields) }, fault { _ = try chat(refused.fields) }] {
            #expect(fault?.field == refused.field)
            #expect(fault?.description == refused.words)
        }
    }

    @Test func aFieldAtItsLimitIsTaken() throws {
        let stops = Self.list(64) { _ in "\"\(String(repeating: "a", count: 256))\"" }
        #expect(try completion(#"{"stop":\#(stops)}"#).sampling.stop.count == 64)
        #expect(
            try completion(#"{"stop_token_ids":\#(Self.list(256) { "\($0)" })}"#).sampling.stopTokenIDs.count == 256
        )
        #expect(try completion(#"{"logit_bias":\#(Self.biases(4096))}"#).sampling.logitBias.count == 4096)
        #expect(try completion(#"{"model":"\#(String(repeating: "m", count: 256))"}"#).model.utf8.count == 256)
        #expect(try completion(#"{"n":8,"prompt":\#(Self.list(128) { "\"\($0)\"" })}"#).prompts.count == 128)
    }

    @Test(arguments: ["n", "best_of"])
    func theChoicesOfAllPromptsAreCountedTogether(field: String) {
        let fault = fault { _ = try completion(#"{"\#(field)":9,"prompt":\#(Self.list(128) { "\"\($0)\"" })}"#) }
        #expect(fault?.field == field)
        #expect(
            fault?.description == "\(field) is 9 and the number of prompts is 128, "
                + "but the choices of one request must be at most 1024 together"
        )
    }

    @Test func aTemplateInARequestNeedsTheOption() throws {
        var limits = RequestLimits()
        let fields = #"{"chat_template":"x"}"#
        let tokenized: JSONObject = ["messages": [["role": "u", "content": "x"]], "chat_template": "x"]
        for fault in [
            fault { _ = try chat(fields, limits: limits) },
            fault { _ = try TokenizeRequest(tokenized, limits: limits) },
        ] {
            #expect(fault?.field == "chat_template")
            #expect(fault?.description.contains("--allow_request_chat_template") == true)
        }
        limits.allowsChatTemplate = true
        #expect(try chat(fields, limits: limits).template.template == "x")
        #expect(throws: Never.self) { try TokenizeRequest(tokenized, limits: limits) }
    }

    /// Wherever a request can put a text of its own, with a mark at its end that no message may reach.
    @Test(arguments: [
        #"{"LONG":1}"#, #"{"stream":true,"stream_options":{"LONG":1}}"#, #"{"logit_bias":{"LONG":1}}"#,
        #"{"logit_bias":{"5":"LONG"}}"#, #"{"temperature":"LONG"}"#, #"{"temperature":"1DIGITS"}"#,
        #"{"max_tokens":"LONG"}"#, #"{"max_tokens":"1DIGITS"}"#, #"{"echo":"LONG"}"#, #"{"n":"LONG"}"#,
        #"{"response_format":{"type":"LONG"}}"#, #"{"response_format":{"type":["LONG"]}}"#,
        #"{"messages":[{"role":"LONG","content":"x"}]}"#,
        #"{"messages":[{"role":"u","content":[{"type":"LONG"}]}]}"#, #"{"model":"LONG"}"#, #"{"seed":"LONG"}"#,
        #"{"prompt_token_ids":["LONG"]}"#, #"{"chat_template":"LONG"}"#,
    ])
    func aRefusalIsShortWhateverTheRequestHolds(fields: String) throws {
        let long = String(repeating: "e\u{301}", count: 100_000)
        let digits = String(repeating: "0", count: 100_000)
        let fields = fields.replacing("LONG", with: long).replacing("DIGITS", with: digits)
        let fault = try #require(fault { _ = try chat(fields) })
        #expect(fault.description.utf8.count < 400)
        #expect((fault.field ?? "").utf8.count < 200)
        #expect(ErrorBody(fault).serialized.count < 2000)
    }

    @Test func anyMessageIsCut() {
        let body = ErrorBody(status: 400, message: String(repeating: "é", count: 100_000), type: "BadRequestError")
        #expect(body.message.unicodeScalars.count == 1027 && body.message.hasSuffix("é..."))
    }

    @Test func bodiesOfTooManyValuesAreRefused() throws {
        let many = { (count: Int, value: String) in
            Array(("{\"a\":[" + Array(repeating: value, count: count).joined(separator: ",") + "]}").utf8)
        }
        #expect(throws: Never.self) { try RequestBody.parse(many((1 << 20) - 2, "1")) }
        let values = fault { _ = try RequestBody.parse(many((1 << 20) - 1, "1")) }
        #expect(values?.description.contains("more than 1048576 values") == true)
        #expect(throws: Never.self) { try RequestBody.parse(many((1 << 16) - 2, "[1]")) }
        let containers = fault { _ = try RequestBody.parse(many((1 << 16) - 1, "[1]")) }
        #expect(containers?.description.contains("more than 65536 arrays and objects") == true)
    }
}
