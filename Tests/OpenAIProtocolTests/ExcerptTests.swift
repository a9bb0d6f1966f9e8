import Testing
import trtllm_serve

@Suite struct ExcerptTests {
    @Test func onlyLongTextsAreCut() {
        let text = String(repeating: "é", count: Excerpt.limit)
        #expect("\(Excerpt(""))" == "")
        #expect("\(Excerpt(text))" == text)
        #expect("\(Excerpt(text + "x"))" == text + "...")
    }
}
