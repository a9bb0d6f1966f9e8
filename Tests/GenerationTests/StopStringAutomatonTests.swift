import Generation
import Testing

@Suite struct StopStringAutomatonTests {
    @Test func takesLittleMemoryForEachByte() {
        let texts = (0..<64).map { number in String(repeating: "a", count: 2_000) + String(number) }
        let nested = (1...64).map { String(repeating: "ab", count: $0 * 20) }
        for stops in [texts, nested, [String(repeating: "x", count: 1 << 18)]] {
            let bytes = stops.reduce(0) { $0 + $1.utf8.count }
            // Arrays that grow by doubling are half empty at worst.
            #expect(StopStringAutomaton(stops).byteCount <= 34 * bytes + 1024)
        }
    }

    @Test func textThatNearlyMatchesIsSearchedInLinearTime() {
        let stop = String(repeating: "a", count: 20_000) + "b"
        var filter = StopStringFilter(StopStringAutomaton([stop]), includesStop: false)
        var released = 0
        for _ in 0..<10 {
            guard case .released(let bytes) = filter.append(String(repeating: "a", count: 20_000).utf8) else { break }
            released += bytes.count
        }
        #expect(released == 180_000)
        #expect(filter.append("b".utf8) == .stopped([], stop: 0))
    }

    @Test func agreesWithAPlainSearchForManyStringsThatShareBeginnings() {
        var state: UInt64 = 1
        func random(_ limit: UInt64) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % limit)
        }
        for _ in 0..<300 {
            let stops = (0...random(6)).map { _ in
                String(decoding: (0...random(5)).map { _ in UInt8(97 + random(3)) }, as: UTF8.self)
            }
            let text = (0..<40).map { _ in UInt8(97 + random(3)) }
            let automaton = StopStringAutomaton(stops)
            var node = StopStringAutomaton.root
            for end in 1...text.count {
                node = automaton.next(node, text[end - 1])
                let ending = stops.indices.filter {
                    text[..<end].suffix(stops[$0].utf8.count).elementsEqual(stops[$0].utf8)
                }
                let longest = ending.max { (stops[$0].utf8.count, $1) < (stops[$1].utf8.count, $0) }
                #expect(automaton.match(at: node)?.stop == longest)
                let begun = (0...end).first { start in
                    stops.contains { $0.utf8.starts(with: text[start..<end]) }
                }
                #expect(automaton.depth(of: node) == end - (begun ?? end))
            }
        }
    }

    @Test func requestsAndTheirChoicesShareWhatWasCompiled() {
        var request = GenerationRequest(prompt: .text("one"))
        request.stop = ["stop", "halt"]
        var second = request
        second.prompt = .text("two")
        #expect(request.stop.automaton.isSameStorage(as: second.stop.automaton))
        #expect(!request.stop.automaton.isSameStorage(as: StopStringAutomaton(["stop", "halt"])))
    }
}
