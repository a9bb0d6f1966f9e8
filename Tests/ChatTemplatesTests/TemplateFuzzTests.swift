import ChatTemplates
import Foundation
import OrderedJSON
import Testing

/// Every filter, test, method, operator, function and format with values at the edge of what there is.
@Suite struct TemplateFuzzTests {
    /// How many expressions are tried, and from where the numbers start: `TEMPLATE_FUZZ_COUNT`, `TEMPLATE_FUZZ_SEED`.
    private static let count = number("TEMPLATE_FUZZ_COUNT") ?? 2000
    private static let seed = UInt64(number("TEMPLATE_FUZZ_SEED") ?? 8)

    private static func number(_ name: String) -> Int? {
        ProcessInfo.processInfo.environment[name].flatMap { Int($0) }
    }

    private static let limits = TemplateLimits(
        outputBytes: 1 << 20,
        memoryBytes: 8 << 20,
        steps: 200_000,
        duration: .seconds(60)
    )

    /// Values a JSON text can't write: they come as variables or are computed.
    private static let variables: JSONObject = [
        "low": .integer(.min), "high": .integer(.max), "text": .string(String(repeating: "aé😀 ", count: 5000)),
        "long": .string(String(repeating: "1", count: 50_000)), "many": .array(Array(repeating: 1, count: 5000)),
        "members": .object(JSONObject((0..<2000).map { ("k\($0)", JSONValue.integer($0)) })),
        "huge": .number(.greatestFiniteMagnitude), "tiny": .number(.leastNonzeroMagnitude), "minus": .number(-0.0),
    ]

    @Test(.timeLimit(.minutes(30)))
    func everyExpressionEndsInAValueOrAnError() {
        var generator = ExpressionGenerator(seed: Self.seed)
        let sources = (0..<Self.count).map { _ in generator.template() }
        nonisolated(unsafe) var outcomes: [String: Int] = [:]
        onSmallStack {
            for source in sources {
                do throws(TemplateError) {
                    let (text, cost) = try ChatTemplate(source: source, limits: Self.limits).measured(Self.variables)
                    let outcome = (try? text.get()) == nil ? "error" : "value"
                    outcomes[outcome, default: 0] += 1
                    if cost.leftBytes != 0 { Issue.record("\(source) leaves \(cost.leftBytes) bytes") }
                    if cost.peakBytes > Self.limits.memoryBytes + Self.limits.outputBytes * 4 {
                        Issue.record("\(source) takes \(cost.peakBytes) bytes")
                    }
                } catch {
                    outcomes["refused", default: 0] += 1
                }
            }
        }
        #expect(outcomes.values.reduce(0, +) == Self.count)
        // A generator that makes only nonsense would try nothing.
        #expect(outcomes["value", default: 0] > Self.count / 5, "\(outcomes)")
        #expect(outcomes["error", default: 0] > Self.count / 5, "\(outcomes)")
        #expect(outcomes["refused", default: 0] < Self.count / 5, "\(outcomes)")
    }

    @Test(arguments: [
        "{{ 'abc'.ljust(n) }}", "{{ 'abc'.rjust(n) }}", "{{ 'abc'.center(n) }}", "{{ 'abc'.zfill(n) }}",
        "{{ 'abc'|center(n) }}", "{{ 'abc'.ljust(-9223372036854775807 - 1) }}", "{{ 'a\\tb'.expandtabs(n) }}",
        "{{ -9223372036854775807|round(-1) }}", "{{ n|round(-1) }}", "{{ n|round(n) }}", "{{ 1.5|round(n) }}",
        "{{ n|abs }}", "{{ -n }}", "{{ n // -1 }}", "{{ n % -1 }}", "{{ n - 1 }}", "{{ n * n }}", "{{ n ** 2 }}",
        "{{ [1, 2][n] }}", "{{ 'ab'[n:n:n] }}", "{{ [1, 2][::n] }}", "{{ range(n) }}", "{{ range(0, n, n)|list }}",
        "{{ 5 in range(0, -10, n) }}", "{{ 'a' * n }}", "{{ [1] * n }}", "{{ 'abc'|truncate(n) }}",
        "{{ 'abc'|truncate(1, true, '', n) }}", "{{ 'abc'|indent(n) }}", "{{ 'abc'|wordwrap(n) }}",
        "{{ [1]|batch(n)|list }}", "{{ [1]|slice(n)|list }}", "{{ '%*d' % (n, 1) }}", "{{ '%.*f' % (n, 1.0) }}",
        "{{ '%d' % n }}", "{{ '%x' % n }}", "{{ '{:x}'.format(n) }}", "{{ '{:,}'.format(n) }}", "{{ '%c' % n }}",
        "{{ 'a'.replace('a', 'b', n) }}", "{{ 'a b'.split(' ', n) }}", "{{ 'ab'.find('b', n, n) }}",
        "{{ [1]|tojson(indent=n) }}", "{{ n|filesizeformat }}", "{{ n is divisibleby(-1) }}", "{{ n.bit_length() }}",
        "{{ '{0[' ~ n ~ ']}' }}", "{{ '1'|int(0, n) }}", "{{ [1].index(1, n, n) }}",
    ])
    func theSmallestIntegerEndsNothing(source: String) throws {
        let (text, cost) = try ChatTemplate(source: source, limits: Self.limits).measured(["n": .integer(.min)])
        #expect(cost.leftBytes == 0)
        if case .failure(let error) = text { #expect(error.kind == .runtime || error.kind == .limit) }
    }
}

/// Makes up expressions from everything that templates have, with a seed so that each run tries the same.
private struct ExpressionGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    private static let values = [
        "low", "high", "text", "long", "many", "members", "huge", "tiny", "minus", "none", "true", "false", "missing",
        "0", "1", "-1", "2", "3", "63", "64", "-18", "-19", "9223372036854775807", "-9223372036854775807", "1000000",
        "1000000000000000000", "0.0", "1.5", "-1.5", "1e308", "('inf'|float)", "('nan'|float)",
        "(-1.0 * ('inf'|float))",
        "''", "' '", "'a'", "'abc'", "'a b c'", "'1.5e3'", "'-0x1f'", "'é😀'", "'\\n\\t\\r'", "'%s'", "'{}'", "'a.b'",
        "[]", "[1, 2, 3]", "['b', 'a']", "[[1], [2]]", "[{'a': 1}, {'a': 2}]", "()", "(1,)", "(1, 'a', none)", "{}",
        "{'a': 1, 'b': [2]}", "{1: 2, none: 3}", "range(5)", "range(5, 0, -2)", "range(low, low + 3)", "namespace(a=1)",
        "cycler(1, 2)", "joiner(',')", "dict", "range", "[1, 2]|map('string')", "'abc'|escape", "members.items()",
        "members.keys()", "'abc'.upper", "[1].count", "text * 3", "many * 2",
    ]

    private static let operators = [
        "+", "-", "*", "/", "//", "%", "**", "~", "==", "!=", "<", "<=", ">", ">=", "in", "not in", "and", "or",
    ]

    private static let attributes = [
        "a", "real", "imag", "denominator", "start", "stop", "step", "count(1)", "index(1)", "copy()", "bit_length()",
        "is_integer()", "next()", "current", "reset()", "sep", "used", "items", "__class__",
    ]

    /// The next number, by SplitMix64.
    private mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    private mutating func below(_ count: Int) -> Int { Int(next() % UInt64(count)) }

    private mutating func choose(_ choices: [String]) -> String { choices[below(choices.count)] }

    mutating func template() -> String {
        switch below(12) {
        case 0:
            "{% for x in \(expression(2)) %}{{ x ~ loop.index ~ loop.\(choose(["last", "length", "nextitem"])) }}{% endfor %}"
        case 1:
            "{% set n = namespace(v=\(expression(1))) %}{% for i in range(4) %}{% set n.v = \(expression(1, "n.v")) %}{% endfor %}{{ n.v }}"
        case 2: "{% macro m(a, b=1) %}{{ a ~ b ~ varargs ~ kwargs }}{% endmacro %}{{ m(\(arguments())) }}"
        default: "{{ \(expression(3)) }}"
        }
    }

    private mutating func expression(_ depth: Int, _ subject: String? = nil) -> String {
        let value = subject ?? (depth > 0 && below(3) == 0 ? "(\(expression(depth - 1)))" : choose(Self.values))
        switch below(11) {
        case 0, 1, 2: return "\(value)|\(choose(Vocabulary.filters))\(call())"
        case 3: return "\(value) is \(choose(Vocabulary.tests.filter { $0.allSatisfy(\.isLetter) }))\(call())"
        case 4:
            return
                "(\(below(2) == 0 ? value : choose(["'abc'", "text", "long"]))).\(choose(Vocabulary.textMethods))(\(arguments()))"
        case 5:
            return
                "(\(below(2) == 0 ? value : choose(["{}", "members"]))).\(choose(Vocabulary.dictionaryMethods))(\(arguments()))"
        case 6: return "(\(value)) \(choose(Self.operators)) (\(operand(depth)))"
        case 7: return "(\(value))[\(operand(0)):\(operand(0)):\(operand(0))]"
        case 8: return below(2) == 0 ? "(\(value))[\(operand(depth))]" : "(\(value)).\(choose(Self.attributes))"
        case 9: return "\(choose(Vocabulary.functions))(\(arguments()))"
        default: return format()
        }
    }

    private mutating func operand(_ depth: Int) -> String {
        depth > 0 && below(4) == 0 ? expression(depth - 1) : choose(Self.values)
    }

    private mutating func call() -> String { below(4) == 0 ? "" : "(\(arguments()))" }

    private mutating func arguments() -> String {
        let names = ["width", "default", "attribute", "indent", "length", "reverse", "by", "precision", "count", "a"]
        var all = (0..<below(4)).map { _ in choose(Self.values) }
        switch below(8) {
        case 0: all.append("\(choose(names))=\(choose(Self.values))")
        case 1: all.append("*\(choose(["many", "[1, 2]", "text", "members"]))")
        case 2: all.append("**\(choose(["members", "{}", "{'a': 1}"]))")
        default: break
        }
        return all.joined(separator: ", ")
    }

    private mutating func format() -> String {
        let sizes = ["", "0", "5", "*", "9223372036854775807", "9223372036854775808", "99999999999999999999", "1000"]
        let flags = ["", "-", "+", " ", "#", "0", "-0", "#0"]
        if below(2) == 0 {
            let precision = below(2) == 0 ? "." + choose(sizes) : ""
            let letter = choose([
                "d", "i", "u", "x", "X", "o", "e", "E", "f", "F", "g", "G", "c", "s", "r", "a", "%", "q",
            ])
            let operands = (0..<1 + below(3)).map { _ in choose(Self.values) }.joined(separator: ", ")
            return "'%\(choose(flags))\(choose(sizes))\(precision)\(letter)' % (\(operands),)"
        }
        let alignment = choose(["", "<", ">", "^", "=", "x<", "é^", "😀>"])
        let size = choose(sizes.filter { $0 != "*" })
        let precision = below(2) == 0 ? "." + choose(sizes.filter { $0 != "*" }) : ""
        let type = choose(["", "d", "n", "x", "X", "o", "b", "c", "e", "f", "g", "G", "%", "s", "q"])
        let sign = choose(["", "+", "-", " ", "#", "+#"])
        let grouping = choose(["", "", ",", "_"])
        let path = choose(["", "0", "0.a", "0[0]", "0[a]", "a", "9223372036854775807", "99999999999999999999"])
        let conversion = choose(["", "", "!r", "!s", "!x"])
        let specification = "\(alignment)\(sign)\(size)\(grouping)\(precision)\(type)"
        return "'{\(path)\(conversion):\(specification)}'.format(\(arguments()))"
    }
}
