import OpenAIProtocol
import Testing

@Suite struct ExcerptTests {
    @Test func onlyLongTextsAreCut() {
        let text = String(repeating: "é", count: 64)
        #expect("".excerpt == "")
        #expect(text.excerpt == text)
        #expect((text + "x").excerpt == text + "...")
    }
}
