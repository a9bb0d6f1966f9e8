import Checkpoints
import Testing

/// Expressions as Python's `re.fullmatch` reads them.
@Suite struct ModulePatternTests {
    @Test(arguments: [
        (#".*\.(q|v)_proj"#, ["model.layers.0.self_attn.q_proj", "x.v_proj"], ["q_proj", "a.k_proj", "a.q_proj.b"]),
        (
            #"model\.layers\.([0-9]|1[0-5])\.mlp\..*"#, ["model.layers.7.mlp.x", "model.layers.15.mlp."],
            ["model.layers.16.mlp.x"]
        ),
        (#"^a{2,3}b?[^cd]+\d$"#, ["aae1", "aaabxx9", "aaaa1"], ["ae1", "aac1", "aae", "aae1x"]),
        (#"(?:x|(?P<n>yz)*)w\w*"#, ["xw", "w", "yzyzw_1"], ["yw", "xyzw"]),
        ("a.c", ["abc", "a.c"], ["ac", "abcd"]),
        ("", [""], ["a"]),
    ])
    func patternsMatchWholeNames(pattern: String, matching: [String], others: [String]) throws {
        let pattern = try ModulePattern(pattern)
        for name in matching { #expect(pattern.matches(name), "\(name)") }
        for name in others { #expect(!pattern.matches(name), "\(name)") }
    }

    @Test func namesOfRanksMatchFromADotOn() throws {
        #expect(try ModulePattern("q_proj").matchesEnd(of: "model.layers.0.q_proj"))
        #expect(try ModulePattern("layers.0.q_proj").matchesEnd(of: "model.layers.0.q_proj"))
        #expect(try !ModulePattern("_proj").matchesEnd(of: "model.q_proj"))
        #expect(try ModulePattern(#"layers\.\d\.q"#).matchesEnd(of: "model.layers.0.q"))
        #expect(try !ModulePattern("^layers.0.q").matchesEnd(of: "model.layers.0.q"))
        #expect(try ModulePattern("^model.layers.0.q$").matchesEnd(of: "model.layers.0.q"))
    }

    @Test(arguments: [
        "(", ")", "a**", "[a", "*", #"\b"#, "(?=a)", "(?<!a)b", "a{3,2}", "a{999}", #"\"#, "(a{255}){255}",
        "((((((){255}){255}){255}){255}){255})", "((((x{0}){255}){255}){255}){255}",
    ])
    func whatCantBeReadIsSaid(pattern: String) {
        #expect(throws: ModulePattern.Problem.self) { try ModulePattern(pattern) }
    }

    /// What takes exponential time where alternatives are tried one after the other.
    @Test func nestedRepetitionsTakeNoTime() throws {
        #expect(try !ModulePattern("(a*)*(a|a)*b").matches(String(repeating: "a", count: 250)))
    }
}
