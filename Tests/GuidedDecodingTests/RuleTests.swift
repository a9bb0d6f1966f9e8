import GuidedDecoding
import Testing

@Suite struct RuleTests {
    private static let vocabulary = Vocabularies.of(["let ", "12", "+ ", "yes", "(("], special: ["<|call|>", "<end>"])
    private static let compiler = GrammarCompiler(vocabulary: vocabulary)

    private func accepts(_ grammar: String, _ text: String) throws -> Bool {
        let dialect = GrammarDialect(of: grammar)
        let matcher = try Self.compiler.compile(.grammar(grammar, dialect)).makeMatcher()
        return matcher.accepts(text, of: Self.vocabulary)
    }

    private static let arithmetic = """
        # sums and products
        root  ::= sum "\\n"?
        sum   ::= product (("+" | "-") product)*
        product ::= value ("*"
            value)*
        value ::= [0-9]{1,3} | "(" sum ")" | name
        name ::= [a-z] [a-z0-9_]*
        """

    @Test(arguments: [
        ("1+2", true), ("(1+2)*abc_1", true), ("((7))\n", true), ("1234", false), ("(1", false), ("1++2", false),
        ("", false),
    ]) func readsGBNF(text: String, expected: Bool) throws {
        #expect(try accepts(Self.arithmetic, text) == expected)
    }

    @Test func rulesThatBeginWithThemselvesAreRewritten() throws {
        let grammar = "root ::= root \"+\" term | term\nterm ::= [0-9]+ | \"(\" root \")\""
        #expect(try accepts(grammar, "1+(2+3)+4"))
        #expect(try !accepts(grammar, "1+"))
        let error = #expect(throws: GrammarError.self) {
            try accepts("root ::= a\na ::= b \"x\"\nb ::= a | \"y\"", "yx")
        }
        #expect(error?.reason == .unsupported)
    }

    @Test(arguments: [
        ("root ::= \"\\x41\\u00e9\\n\"", "Aé\n", true), ("root ::= [^a-c\\]]", "d", true),
        ("root ::= [^a-c\\]]", "]", false),
        ("root ::= .", "😀", true), ("root ::= \"a\"{2}", "aa", true), ("root ::= \"a\"{2,}", "a", false),
        ("root ::= \"a\"{,2}", "", true), ("root ::= (\"a\" | \"b\")+ # all", "abab", true),
        ("root ::= \"\" \"x\"", "x", true),
        ("root-a ::= \"x\" root ::= root-a root-a", "xx", true),
    ]) func readsWhatEBNFHas(grammar: String, text: String, expected: Bool) throws {
        #expect(try accepts(grammar, text) == expected)
    }

    private static let lark = """
        // declarations
        %import common.INT
        %import common (CNAME, WS)
        %ignore WS
        start: statement+
        statement: "let" CNAME "=" sum ";" | "print"i sum ";" -> output
        ?sum: sum "+" atom
            | atom
        ?atom: INT | CNAME | "(" sum ")" | [ "-" ] STRING~1..2
        STRING: "'" /[^']/* "'"
        """

    @Test(arguments: [
        ("let x = 1 + 2;", true), ("let x=(1+y);PRINT x ;", true), ("letx=1;", true), ("let x = ;", false),
        ("print -'a''b';", true), ("print 'a' 'b' ;", true), ("print 'a", false), ("  print 1;\n", true),
        ("print 1 2;", false),
    ]) func readsLark(text: String, expected: Bool) throws {
        #expect(try accepts(Self.lark, text) == expected)
    }

    @Test(arguments: [
        ("start: A\nA: /[a-z]+/ & ~(\"no\" | \"never\")", "now", true),
        ("start: A\nA: /[a-z]+/ & ~(\"no\" | \"never\")", "no", false),
        ("start: body \"x\"\nbody[lazy]: /[^;]*;/", "a;x", true),
        ("start: body \"x\"\nbody[suffix=\";\"]: /.*/", "a;b;x", false),
        ("start: /(?s:.)a/i", "\nA", true), ("start: \"a\"..\"c\" /\\/[x-z]\\d/", "b/y7", true),
        ("start: \"b\"~2 # two", "bb", true), ("start: (A | B){2}\nA: \"a\"\nB: \"b\"", "ab", true),
    ]) func readsWhatLLGuidanceAddsToLark(grammar: String, text: String, expected: Bool) throws {
        #expect(try accepts(grammar, text) == expected)
    }

    @Test func specialTokensMatchByTheirNameAlone() throws {
        for grammar in ["root ::= <|call|> \"x\" <end>", "start: <|call|> \"x\" <end>"] {
            var matcher = try Self.compiler.compile(.grammar(grammar, GrammarDialect(of: grammar))).makeMatcher()
            #expect(matcher.allowed(of: Self.vocabulary) == [261])
            #expect(matcher.forcedTokens(9) == [261, Int32(UInt8(ascii: "x")), 262])
            #expect(matcher.advance(Int32(UInt8(ascii: "<"))) == false)
            #expect(matcher.advance(261) == true)
        }
        let free = try Self.compiler.compile(.regex("(.|\\n)*")).makeMatcher()
        #expect(!free.allowed(of: Self.vocabulary).contains(261))
        #expect(free.accepts("<|call|>", of: Self.vocabulary))
    }

    @Test func schemasMayStandInGrammars() throws {
        let grammar = "start: \"call \" %json { \"type\": \"integer\", \"minimum\": 0 } \";\""
        #expect(try accepts(grammar, "call 12;"))
        #expect(try !accepts(grammar, "call -12;"))
    }

    @Test(arguments: [
        ("root ::= a", GrammarError.Reason.syntax), ("root ::= \"a", .syntax), ("root ::= (\"a\"", .syntax),
        ("root ::= \"a\" ::= \"b\"", .syntax), ("other ::= \"a\"", .syntax), ("root ::= <|unknown|>", .unsupported),
        ("root ::= \"a\"{5,2}", .syntax), ("root ::= \"a\"{9999999}", .limit), ("start: a\na: /x/ a", .unsatisfiable),
        ("start.2: \"a\"", .unsupported), ("start: x{A}\nx{y}: y", .unsupported),
        ("%declare X\nstart: X", .unsupported),
        ("start: A\nA: \"a\" A | \"b\"", .unsupported), ("start[max_tokens=\"3\"]: /.*/", .unsupported),
    ]) func whatCannotBeHonouredIsRefusedByKind(grammar: String, reason: GrammarError.Reason) {
        let error = #expect(throws: GrammarError.self) { try accepts(grammar, "") }
        #expect(error?.reason == reason, "\(String(describing: error))")
    }

    @Test func errorsNameTheirPlace() {
        let error = #expect(throws: GrammarError.self) { try accepts("root ::= \"a\"\n  | [z-a]", "") }
        #expect(error?.message.contains("line 2, column 9") ?? false, "\(String(describing: error))")
    }
}
