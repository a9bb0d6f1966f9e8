import GuidedDecoding
import OrderedJSON
import Testing

/// Grammars that were written to do harm end at a limit, or cost little.
@Suite struct LimitTests {
    private static let vocabulary = Vocabularies.of(Vocabularies.words(over: "ab"))
    private static let compiler = GrammarCompiler(vocabulary: vocabulary)

    @Test func deepGroupsAreRefused() {
        let deep = String(repeating: "(", count: 100_000)
        for source in [
            GrammarSource.regex(deep + "a"), .grammar("root ::= " + deep, .ebnf), .grammar("start: " + deep, .lark),
        ] {
            let error = #expect(throws: GrammarError.self) { try Self.compiler.compile(source) }
            #expect(error?.reason == .limit)
        }
    }

    @Test(arguments: [GrammarDialect.ebnf, .lark]) func quantifiersInARowAreRefused(dialect: GrammarDialect) {
        let head = dialect == .ebnf ? "root ::= " : "start: "
        let grammar = head + "\"a\"" + String(repeating: "*", count: 500_000)
        let error = #expect(throws: GrammarError.self) { try Self.compiler.compile(.grammar(grammar, dialect)) }
        #expect(error?.reason == .limit)
    }

    @Test func anchorsThatAreRepeatedInEachOtherEndAtALimit() {
        let pattern = (0..<20).reduce("(?:^|^)") { inner, _ in "(?:\(inner)){8}" }
        let error = #expect(throws: GrammarError.self) { try Self.compiler.compile(.regex(pattern)) }
        #expect(error?.reason == .limit)
    }

    @Test func classesThatAreRepeatedCostWhatOneDoes() throws {
        let pattern = "[" + String(repeating: "\\pL", count: 500) + "]"
        #expect(try Self.compiler.compile(.regex(pattern)).makeMatcher().accepts("ab", of: Self.vocabulary) == false)
        #expect(try Self.compiler.compile(.regex(pattern + "*")).makeMatcher().accepts("ab", of: Self.vocabulary))
    }

    @Test func longEnumerationsOfNumbersAndAlternativesAreRefused() {
        let numbers = JSONValue.array((0..<20_000).map { .integer($0) })
        let constants = JSONValue.array((0..<20_000).map { ["const": .integer($0)] })
        for schema: JSONValue in [["enum": numbers], ["oneOf": constants]] {
            let error = #expect(throws: GrammarError.self) {
                try Self.compiler.compile(.jsonSchema(schema, SchemaOptions()))
            }
            #expect(error?.reason == .limit)
        }
    }

    @Test func largeSourcesAreRefused() {
        let error = #expect(throws: GrammarError.self) {
            try Self.compiler.compile(.regex(String(repeating: "a", count: 2_000_000)))
        }
        #expect(error?.reason == .limit)
    }

    @Test func countsCostNothing() throws {
        var matcher = try Self.compiler.compile(.regex("((a|b){3,1000}){5,100000}c")).makeMatcher()
        #expect(matcher.allowed(of: Self.vocabulary).contains(256))
        #expect(matcher.advance(256) == true)
        #expect(!matcher.isComplete)
    }

    /// An automaton of 2^30 states is made only as far as an output goes.
    @Test func exponentialAutomataAreMadeAsTheyAreNeeded() throws {
        var matcher = try Self.compiler.compile(.regex("(a|b)*a(a|b){30}")).makeMatcher()
        for _ in 0..<20 { #expect(matcher.advance(257) == true) }
        #expect(matcher.allowed(of: Self.vocabulary).contains(256))
    }

    /// Each rule is two of the one before: 2^60 words long.
    @Test func rulesThatDoubleAreNotUnrolled() throws {
        let rules = (1...60).map { "r\($0) ::= r\($0 - 1) r\($0 - 1)\n" }.joined()
        var matcher = try Self.compiler.compile(.grammar("root ::= r60\nr0 ::= \"a\"\n" + rules, .ebnf)).makeMatcher()
        #expect(matcher.allowed(of: Self.vocabulary).contains(Int32(UInt8(ascii: "a"))))
        #expect(matcher.advance(Int32(UInt8(ascii: "a"))) == true)
    }

    @Test func longChainsOfRulesNeedNoDeepStack() throws {
        let rules = (1...5_000).map { "r\($0) ::= \"a\" r\($0 - 1)? \n" }.joined()
        let grammar = "root ::= r5000\nr0 ::= \"b\"\n" + rules
        let matcher = try Self.compiler.compile(.grammar(grammar, .ebnf)).makeMatcher()
        #expect(matcher.accepts("aaaa", of: Self.vocabulary))
    }

    @Test func ambiguousGrammarsStayWithinTheirReadings() throws {
        let grammar = "root ::= s\ns ::= \"a\" s \"b\" s | \"a\" s | \"a\" s \"a\" | \"b\" s s | \"b\" | \"a\""
        var matcher = try Self.compiler.compile(.grammar(grammar, .ebnf)).makeMatcher()
        for step in 0..<40 {
            let next = Int32(UInt8(ascii: step % 3 == 0 ? "b" : "a"))
            #expect(matcher.allowed(of: Self.vocabulary).contains(next))
            #expect(matcher.advance(next) == true)
        }
    }

    /// Tables that have grown too large are replaced, and the output is read again.
    @Test func longOutputsGoOnWithNewTables() throws {
        var limits = GrammarLimits()
        limits.states = 700
        let compiler = GrammarCompiler(vocabulary: Self.vocabulary, limits: limits)
        var matcher = try compiler.compile(.regex("(a|b)*a(a|b){9}")).makeMatcher()
        var generator = SeededGenerator(7)
        for _ in 0..<300 {
            let token = Int32(UInt8(ascii: Bool.random(using: &generator) ? "a" : "b"))
            let isAllowed = matcher.advance(token)
            #expect(isAllowed && matcher.allowed(of: Self.vocabulary).count == 2 + 12)
        }
    }

    @Test func searchesForAWordAreBounded() {
        // No word has both forms, which only a search of very many states can tell.
        let pattern = "^(?=(a|b)*a(a|b){40}$)(?=(a|b)*b(a|b){40}$).*$"
        let error = #expect(throws: GrammarError.self) { try Self.compiler.compile(.regex(pattern)) }
        #expect(error?.reason == .limit)
    }

    /// Each takes a way of its own to be expensive before anything is searched.
    @Test(arguments: [
        GrammarSource.regex(String(repeating: "[\\p{L}\\p{N}]", count: 10_000)),
        .regex("(?i:" + String(repeating: "[\\p{L}]", count: 2_000) + ")"),
        .regex(String(repeating: "(ab|a)", count: 60_000)),
        .choice((0..<150_000).map(String.init)),
        .jsonSchema(["enum": .array((0..<150_000).map { .string(String($0)) })]),
        .jsonSchema(["properties": .object(JSONObject((0..<100_000).map { (String($0), [:]) }))]),
        .grammar("root ::= " + (0..<60_000).map { "\"\($0)\"" }.joined(separator: " | "), .ebnf),
        .structuralTag([
            "format": [
                "type": "triggered_tags", "triggers": .array((0..<1_000).map { .string("<\($0)") }),
                "tags": .array(
                    (0..<1_000).map {
                        ["begin": .string("<\($0)>"), "end": "!", "content": ["type": "any_text"]]
                    }
                ),
            ]
        ]),
    ]) func readingIsBounded(source: GrammarSource) {
        let error = #expect(throws: GrammarError.self) { try Self.compiler.compile(source) }
        #expect(error?.reason == .limit)
    }

    /// Classes that are costly to read count for the grammar as a whole, not for each pattern anew.
    @Test func patternsAreBoundedTogether() throws {
        let costly = "(?i)" + String(repeating: "[\u{1}-\u{BB0}]", count: 50)
        let patterns = (0..<100).map { "\(costly)\($0)" }
        let properties = patterns.map { ($0, ["type": "string", "pattern": .string("^" + $0 + "$")] as JSONValue) }
        let sources: [GrammarSource] = [
            .jsonSchema(["type": "object", "properties": .object(JSONObject(properties))], SchemaOptions()),
            .grammar("start: \"a\"\n" + patterns.enumerated().map { "T\($0): /\($1)/\n" }.joined(), .lark),
        ]
        for source in sources {
            let error = #expect(throws: GrammarError.self) { try Self.compiler.compile(source) }
            #expect(error?.reason == .limit)
        }
        let cheap = (0..<60).map { ("\($0)", ["type": "string", "pattern": .string("(?i)^[a-f]\($0)$")] as JSONValue) }
        _ = try Self.compiler.compile(.jsonSchema(["properties": .object(JSONObject(cheap))], SchemaOptions()))
    }

    @Test func grammarsAreKeptWithinTheirBytes() throws {
        var limits = GrammarLimits()
        limits.cacheBytes = 4 << 20
        let compiler = GrammarCompiler(vocabulary: Self.vocabulary, limits: limits)
        let first = try compiler.compile(.regex("a1"))
        #expect(try compiler.compile(.regex("a1")) === first)
        for number in 2..<200 { _ = try compiler.compile(.regex("a\(number)")) }
        #expect(try compiler.compile(.regex("a1")) !== first)
        let last = try compiler.compile(.regex("a199"))
        #expect(try compiler.compile(.regex("a199")) === last)
    }

    @Test func grammarsThatGrowByUseMakeRoom() throws {
        let source = GrammarSource.regex("(a|b)*a(a|b){12}")
        var limits = GrammarLimits()
        limits.cacheBytes = 4 << 20
        let compiler = GrammarCompiler(vocabulary: Self.vocabulary, limits: limits)
        let idle = try compiler.compile(.regex("a"))
        let grammar = try compiler.compile(source)
        #expect(try compiler.compile(.regex("a")) === idle)
        var matcher = grammar.makeMatcher()
        var generator = SeededGenerator(5)
        for _ in 0..<5_000 {
            let isAllowed = matcher.advance(Int32(UInt8(ascii: Bool.random(using: &generator) ? "a" : "b")))
            #expect(isAllowed)
        }
        #expect(matcher.allowed(of: Self.vocabulary).count == 2 + 12)
        #expect(try compiler.compile(source) === grammar)
        #expect(try compiler.compile(.regex("a")) !== idle)
    }

    /// What an output with many states learns is replaced before it takes more than its bytes.
    @Test func tablesAreReplacedWithinTheirBytes() throws {
        var limits = GrammarLimits()
        limits.tableBytes = 3 << 20
        let compiler = GrammarCompiler(vocabulary: Self.vocabulary, limits: limits)
        var matcher = try compiler.compile(.regex("(a|b)*a(a|b){12}")).makeMatcher()
        var generator = SeededGenerator(3)
        for _ in 0..<400 {
            let isAllowed = matcher.advance(Int32(UInt8(ascii: Bool.random(using: &generator) ? "a" : "b")))
            #expect(isAllowed && matcher.allowed(of: Self.vocabulary).count == 2 + 12)
        }
    }

    /// Each character of a string of limited length is a state of its own, so to read the answer again takes long.
    @Test(arguments: [16, 1_000]) func longAnswersOutliveTheirTables(keptMasks: Int) throws {
        var limits = GrammarLimits()
        limits.keptMasks = keptMasks
        limits.states = 30_000
        let compiler = GrammarCompiler(vocabulary: Self.vocabulary, limits: limits)
        let schema: JSONValue = ["type": "string", "maxLength": 25_000]
        var matcher = try compiler.compile(.jsonSchema(schema)).makeMatcher()
        #expect(matcher.advance(Int32(UInt8(ascii: "\""))) == true)
        for length in 0..<20_000 where matcher.failure == nil {
            let isAllowed = matcher.advance(Int32(UInt8(ascii: "a")))
            #expect(isAllowed)
            if length % 100 == 0 { #expect(matcher.allowed(of: Self.vocabulary).count > 12) }
        }
        #expect(matcher.advance(Int32(UInt8(ascii: "\""))) == true)
        #expect(matcher.isComplete && matcher.failure == nil)
    }

    /// What one output spends is replaced for the others, however long they are.
    @Test func othersOutliveTheTablesThatOneSpends() throws {
        var limits = GrammarLimits()
        limits.matchSteps = 2_000
        let compiler = GrammarCompiler(vocabulary: Self.vocabulary, limits: limits)
        let grammar = try compiler.compile(
            .grammar(
                """
                start: "[" TEXT "]" | s
                TEXT: /a{0,30000}/
                s: "a" s "b" s | "a" s | "a" s "a" | "b" s s | "b" | "a"
                """,
                .lark
            )
        )
        let (a, end) = (Int32(UInt8(ascii: "a")), Int32(UInt8(ascii: "]")))
        var long = grammar.makeMatcher()
        #expect(long.advance(Int32(UInt8(ascii: "["))) == true)
        for _ in 0..<15_000 where long.failure == nil { _ = long.advance(a) }
        for _ in 0..<2 {
            var greedy = grammar.makeMatcher()
            var mask = TokenMask(count: Self.vocabulary.count)
            for _ in 0..<600 where greedy.failure == nil {
                greedy.allow(&mask)
                if greedy.failure == nil { _ = greedy.advance(a) }
            }
            #expect(greedy.failure != nil)
            #expect(long.advance(a) == true)
            #expect(long.failure == nil)
            #expect(long.allowed(of: Self.vocabulary).contains(end))
        }
        #expect(long.advance(end) == true)
        #expect(long.isComplete)
    }

    @Test func whatTheVocabularyCannotBeginIsRefused() throws {
        let vocabulary = TokenVocabulary(tokens: ["a", "b", "ab"].map { Array($0.utf8) })
        let compiler = GrammarCompiler(vocabulary: vocabulary)
        let error = #expect(throws: GrammarError.self) { try compiler.compile(.regex("c+")) }
        #expect(error?.reason == .unsatisfiable)
        #expect(try compiler.compile(.regex("a|c")).makeMatcher().allowed(of: vocabulary) == [0])
        #expect(try compiler.compile(.regex("c*")).makeMatcher().isComplete)
    }
}
