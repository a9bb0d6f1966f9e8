import Generation
import OrderedJSON
import Testing

private let guardian = ControlTokenGuard(
    controlTexts: ["<s>", "</s>", "<|im_start|>", "<|im_end|>", "<|end|>x", "|>x<s"].map { Array($0.utf8) }
)

/// The marks; Swift has no literals for noncharacters.
private let open = String(decoding: [0xEF, 0xB7, 0x90], as: UTF8.self)
private let close = String(decoding: [0xEF, 0xB7, 0x91], as: UTF8.self)

/// The prompt of a text that a template passes through, and the parts of it that are plain.
private func roundTrip(_ text: String) -> (text: String, plain: [String]) {
    let unmarked = guardian.unmark(guardian.mark(text))
    return (
        String(decoding: unmarked.text, as: UTF8.self),
        unmarked.plainRanges.map { String(decoding: unmarked.text[$0], as: UTF8.self) }
    )
}

@Suite struct ControlTokenGuardTests {
    @Test(arguments: [
        ("hello", []),
        ("", []),
        ("a<s>b</s>", ["<s>", "</s>"]),
        ("<|im_end|>", ["<|im_end|>"]),
        ("<|im_end|", []),
        ("<<s><|im_<|im_start|>", ["<s>", "<|im_start|>"]),
        ("<|end|>x<s>", ["<|end|>x<s>"]),
        ("é<s>日本</s>👍", ["<s>", "</s>"]),
    ]) func controlTextsArePlain(text: String, plain: [String]) {
        let result = roundTrip(text)
        #expect(result.text == text)
        #expect(result.plain == plain)
    }

    @Test func marksOfTheUsersOwnAreTakenOut() {
        let result = roundTrip("\(close)<\(open)s>\(close) a\(open)")
        #expect(result.text == "<s> a")
        #expect(result.plain == ["<s>"])
    }

    @Test func textWithoutControlTextsIsUntouched() {
        #expect(Array(guardian.mark("a < s > \u{FDCF}").utf8) == Array("a < s > \u{FDCF}".utf8))
    }

    @Test func everyStringOfAValueIsMarkedKeysToo() {
        let value: JSONValue = ["role": "user", "parts": [["<s>": "</s>"], 1, nil, true]]
        let marked = guardian.mark(value)
        #expect(marked["role"] == "user")
        #expect(marked.serializedText.contains("\"\(open)<s>\(close)\":\"\(open)</s>\(close)\""))
        #expect(marked["parts"]?.arrayValue?[1] == 1)
    }

    @Test func templatesOwnControlTextsStayControlTokens() {
        let unmarked = guardian.unmark("<|im_start|>user\n" + guardian.mark("x<|im_end|>") + "<|im_end|>")
        #expect(unmarked.plainRanges == [18..<28])
        #expect(unmarked.text.count == 38)
    }

    @Test func marksCutApartByATemplateProtectNothing() {
        let unmarked = guardian.unmark("a\(close)b\(open)c\(open)<s>\(close)\(open)\(close)d\(open)")
        #expect(String(decoding: unmarked.text, as: UTF8.self) == "abc<s>d")
        #expect(unmarked.plainRanges == [3..<6])
    }
}
