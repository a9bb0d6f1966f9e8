import Generation
import Testing

/// Stop strings that overlap, begin each other, repeat themselves, and are made of several bytes.
private let cruel: [(stops: [String], text: String, released: String, stop: String?)] = [
    (["two"], "one two three", "one ", "two"),
    (["two"], "one tw", "one tw", nil),
    (["aab"], "aaaab", "aa", "aab"),
    (["abab", "ba"], "aabab", "aa", "ba"),
    (["abc", "b"], "xabc", "xa", "b"),
    (["ab", "abc"], "xabc", "x", "ab"),
    (["bc", "abc"], "xabc", "x", "abc"),
    (["STOP", "STOPPED"], "I STOPPED", "I ", "STOP"),
    (["\n\n"], "a\nb\n\nc", "a\nb", "\n\n"),
    (["é"], "caf\u{65}\u{301}é!", "caf\u{65}\u{301}", "é"),
    (["👨‍👩‍👧"], "x👨‍👩‍👦 👨‍👩‍👧", "x👨‍👩‍👦 ", "👨‍👩‍👧"),
    (["👩"], "x👨‍👩‍👦", "x👨\u{200D}", "👩"),
    (["。", "：「"], "他说：好：「x", "他说：好", "：「"),
    (["\r\n"], "a\rb\r\nc", "a\rb", "\r\n"),
    (["\n"], "a\r\nc", "a\r", "\n"),
    (["", "b"], "ab", "a", "b"),
    ([""], "ab", "ab", nil),
    ([], "ab", "ab", nil),
]

/// Runs a text cut into pieces through a filter; returns what was released and the stop string found.
private func filtered(_ pieces: [ArraySlice<UInt8>], _ stops: [String], includesStop: Bool) -> ([UInt8], String?) {
    var filter = StopStringFilter(StopStringAutomaton(stops), includesStop: includesStop)
    var released: [UInt8] = []
    for piece in pieces {
        switch filter.append(piece) {
        case .released(let bytes): released += bytes
        case .stopped(let bytes, let stop): return (released + bytes, stops[stop])
        }
    }
    return (released + filter.finish(), nil)
}

@Suite struct StopStringFilterTests {
    @Test(arguments: cruel.indices) func resultDoesNotDependOnCuts(index: Int) {
        let (stops, text, released, stop) = cruel[index]
        let bytes = Array(text.utf8)
        for first in 0...bytes.count {
            for second in first...bytes.count {
                let pieces = [bytes[..<first], bytes[first..<second], bytes[second...]]
                let (out, found) = filtered(pieces, stops, includesStop: false)
                #expect(out == Array(released.utf8), "cut at \(first) and \(second)")
                #expect(found.map { Array($0.utf8) } == stop.map { Array($0.utf8) })
            }
        }
        let single = bytes.indices.map { bytes[$0...$0] }
        #expect(filtered(single, stops, includesStop: false).0 == Array(released.utf8))
    }

    @Test(arguments: cruel.indices) func includedStopEndsTheText(index: Int) {
        let (stops, text, released, stop) = cruel[index]
        let bytes = Array(text.utf8)
        for cut in 0...bytes.count {
            let (out, _) = filtered([bytes[..<cut], bytes[cut...]], stops, includesStop: true)
            #expect(out == Array((released + (stop ?? "")).utf8))
        }
    }

    @Test func nothingOfAStopStringIsEverReleased() {
        for (stops, text, released, _) in cruel {
            var filter = StopStringFilter(StopStringAutomaton(stops), includesStop: false)
            var out: [UInt8] = []
            for byte in text.utf8 {
                guard case .released(let bytes) = filter.append([byte]) else { break }
                out += bytes
                #expect(Array(released.utf8).starts(with: out))
            }
        }
    }

    @Test func holdsBackOnlyTheLongestSuffixThatBeginsAStopString() {
        var filter = StopStringFilter(StopStringAutomaton(["abcabd", "cab"]), includesStop: false)
        #expect(filter.append("xab".utf8) == .released(Array("x".utf8)))
        #expect(filter.heldCount == 2)
        #expect(filter.append("a".utf8) == .released(Array("ab".utf8)))
        #expect(filter.heldCount == 1)
        #expect(filter.append("z".utf8) == .released(Array("az".utf8)))
        #expect(filter.heldCount == 0)
    }

    @Test func passedTextIsNotSearchedAndNoMatchBeginsInFrontOfIt() {
        var filter = StopStringFilter(StopStringAutomaton(["ab"]), includesStop: false)
        #expect(filter.append("a".utf8) == .released([]))
        #expect(filter.pass("b ab a".utf8) == Array("ab ab a".utf8))
        #expect(filter.append("b".utf8) == .released(Array("b".utf8)))
    }

    @Test func textHeldBackIsFlushedOnce() {
        var filter = StopStringFilter(StopStringAutomaton(["ab"]), includesStop: false)
        #expect(filter.append("xa".utf8) == .released(Array("x".utf8)))
        #expect(filter.finish() == Array("a".utf8))
        #expect(filter.finish() == [])
    }

    @Test func agreesWithAPlainSearchOnAllShortTexts() {
        let stops = ["aba", "bb", "aab"]
        for number in 0..<512 {
            let text = (0..<9).map { UInt8((number >> $0) & 1 == 0 ? 97 : 98) }
            let ends = stops.indices.compactMap { index -> (end: Int, start: Int, stop: Int)? in
                let stop = Array(stops[index].utf8)
                let start = (0...(text.count - stop.count)).first { text[$0...].starts(with: stop) }
                return start.map { ($0 + stop.count, $0, index) }
            }
            let expected = ends.min { ($0.end, $0.start) < ($1.end, $1.start) }
            let (out, found) = filtered([text[...]], stops, includesStop: false)
            #expect(found == expected.map { stops[$0.stop] })
            #expect(out == Array(text[..<(expected?.start ?? text.count)]))
        }
    }
}
