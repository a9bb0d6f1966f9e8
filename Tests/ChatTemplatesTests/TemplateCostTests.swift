import ChatTemplates
import OrderedJSON
import Testing

/// What handling large values costs in steps: a step for each few dozen bytes and for each element, whatever it is for.
@Suite struct TemplateCostTests {
    private static func error(_ source: String, _ limits: TemplateLimits) -> TemplateError? {
        do {
            _ = try ChatTemplate(source: source, limits: limits).render([:])
            return nil
        } catch {
            return error
        }
    }

    private static let textExpressions: [String] = [
        "s|int", "s|float", "s|int(0, 16)", "none|attr(s)", "{}[s]", "d[s]", "d.get(s)", "s in d", "s is lower",
        "s is upper", "s is sameas(z)", "s is eq(z)", "s is lt(z)", "s == z", "s < z",
        "s.isdigit()", "s.isalpha()", "s.isalnum()", "s.isdecimal()", "s.isnumeric()", "s.isspace()", "s.isascii()",
        "s.isprintable()", "s.istitle()", "s.isidentifier()", "s.islower()", "s.isupper()", "s|lower", "s|upper",
        "s|title", "s|capitalize", "s|reverse", "s|list|length", "s|wordcount", "s|length", "s|trim", "s|striptags",
        "s|escape", "s|forceescape", "s|urlencode", "s|indent", "s|truncate(10)", "s|wordwrap(10)", "s|replace(2, 3)",
        "s|tojson", "s|tojson(ensure_ascii=true)", "s|pprint", "s|string ~ ''", "s ~ s", "s + s", "s[::2]", "s[5:]",
        "s[5]", "s.split('2')", "s.rsplit('2')", "s.split()", "s.partition('2')", "s.rpartition('2')", "s.find('2')",
        "s.rfind('2')", "s.count('2')", "s.startswith(z)", "s.endswith(z)", "s.strip(z)", "s.casefold()",
        "s.swapcase()", "s.expandtabs()", "s.removeprefix(z)", "s.removesuffix(z)", "s.splitlines()",
        "s.zfill(200000)",
        "s.ljust(200000)", "'2' in s", "'x' in s.split('3')", "[s]|sort", "[s, z]|sort", "[s]|unique|list",
        "[s]|groupby(0)|length", "[{}]|sort(attribute=s)", "[{}]|map(attribute=s)|list", "[s, z]|max", "[s]|join",
        "'%s' % s", "'%.5s' % s", "'{}'.format(s)", "'{:.5}'.format(s)", "{s: 1}", "dict(**{s: 1})", "s|filesizeformat",
        "s|center(200000)", "'\\n' * 100000 + 'x'", "'é' * 50000 ~ 'x'", "[[s]]|string",
        "s.join([s])", "z.replace(s, '')", "s|from_json",
    ]

    /// Twenty times a hundred kilobytes is sixty thousand steps at 32 bytes each.
    @Test(arguments: textExpressions)
    func everyHandlingOfALargeTextIsCharged(expression: String) {
        let source =
            "{% set s = '1' * 100000 %}{% set z = '1' * 100000 %}{% set d = {'a': 1} %}"
            + "{% for i in range(20) %}{% set c = \(expression) %}{% endfor %}"
        let error = Self.error(source, TemplateLimits(steps: 30_000, duration: .seconds(600)))
        // What isn't possible with such a text may say so instead, once.
        #expect(error?.kind == .limit || error?.kind == .runtime, "\(String(describing: error))")
        if error?.kind == .limit { #expect(error?.message.contains("steps") == true, "\(String(describing: error))") }
    }

    private static let containerExpressions: [String] = [
        "l|sort", "l|reverse|list", "l|list", "l|sum", "l|min", "l|max", "l|join", "l|string", "l|tojson",
        "l|unique|list",
        "l|map('string')|list", "l|select|list", "[l]|groupby(0)|length ~ l", "l|batch(7)|list", "l|slice(7)|list",
        "l + l", "l * 2",
        "l[::2]", "l == m", "-1 in l", "l.copy()", "l.count(1)", "l is eq(m)", "range(5000)|list", "d|items|list",
        "d.items()|list", "d|dictsort", "d.copy()", "dict(d)", "d == e", "d.keys() == e.keys()", "d|tojson", "d|string",
        "dict.fromkeys(l)", "cycler(*l)", "l|length ~ l", "d|list", "d.values()|list", "'%s' % [l]", "l|pprint",
        "l|last ~ l|reverse|first", "f(*l)", "g(**k)", "dict(**k)", "namespace(**k)", "'{a}'.format(**k)",
        "'{a}'.format_map(k)", "l|tojson|from_json",
    ]

    /// A hundred times five thousand is half a million steps at one for each element.
    @Test(arguments: containerExpressions)
    func everyHandlingOfALargeContainerIsCharged(expression: String) {
        let source =
            "{% macro f() %}{{ varargs }}{% endmacro %}{% macro g() %}{{ kwargs|length }}{% endmacro %}"
            + "{% set l = range(5000)|list %}{% set m = range(5000)|list %}{% set d = dict.fromkeys(l) %}"
            + "{% set e = dict.fromkeys(m) %}{% set k = dict.fromkeys((l|join(' a')).split()) %}"
            + "{% set k = dict(a=1, **k) %}{% for i in range(100) %}{% set c = \(expression) %}{% endfor %}"
        let error = Self.error(
            source,
            TemplateLimits(memoryBytes: 1 << 30, steps: 250_000, duration: .seconds(600))
        )
        #expect(error?.kind == .limit, "\(String(describing: error))")
        #expect(error?.message.contains("steps") == true, "\(String(describing: error))")
    }

    private static let squares: [String] = [
        "dict(**k)|length", "namespace(**k) is defined", "g(**k)", "'{a}'.format(**k)", "l|groupby(1)|length",
        "(('ab' * 60000) ~ '-')|wordwrap(3)|length", "((' ' * 60000) ~ 'x')|wordwrap(3)|length",
        "('a-' * 30000)|wordwrap(100)|length", "dict.fromkeys(['nan'|float] * 30000)|length",
        "(['nan'|float] * 30000)|unique|list|length", "s.split('abcdefghi')|length",
        "('a' * 120000).find('a' * 60000)",
        "(('Σ.' * 30000)|lower)|length", "s|replace('a', 'bb')|length", "('<' * 120000)|striptags|length",
        "('<!--' * 30000)|striptags|length", "('{0}' * 50000).format(1)|length",
        "('%s' * 50000) % l[:50000]|list == 1",
    ]

    /// Work that grows with the square of the size would take minutes here.
    @Test(
        .timeLimit(.minutes(5)),
        arguments: squares
    )
    func nothingTakesTheSquareOfASize(expression: String) {
        let source =
            "{% macro g() %}{{ kwargs|length }}{% endmacro %}{% set l = [[0, 1]] * 30000 %}{% set s = 'a' * 120000 %}"
            + "{% set k = dict.fromkeys((range(30000)|join(' a') ~ ' a').split()) %}{{ \(expression) }}"
        let error = Self.error(
            source,
            TemplateLimits(memoryBytes: 1 << 30, steps: 60_000_000, duration: .seconds(120))
        )
        #expect(error == nil || error?.kind == .runtime, "\(String(describing: error))")
    }

    @Test(.timeLimit(.minutes(5)))
    func manyNamesAreLookedUpWithoutLookingAtEach() {
        let sets = (0..<5_000).map { "{% set n\($0) = 1 %}" }.joined()
        let uses = (0..<5_000).map { "{{ n\($0) }}" }.joined()
        let source = "{% for i in [1, 2, 3] %}\(sets)\(uses)\(uses){% endfor %}"
        #expect(Self.error(source, TemplateLimits(duration: .seconds(120))) == nil)
    }

    private static func times(_ count: Int, _ text: String) -> String { String(repeating: text, count: count) }

    private static func numbered(_ count: Int, _ separator: String = ",", _ text: (Int) -> String) -> String {
        (0..<count).map(text).joined(separator: separator)
    }

    /// Sources of a megabyte that a parser with a square in it would take minutes for.
    private static let longSources: [String] = [
        times(100_000, "{{ a|q }}"),
        "{{ a" + times(80_000, "|q") + " }}",
        "{{ a is q" + times(12_000, "|q or a is q") + " }}",
        times(6_000, "{% if a %}{{ a|q }}{% endif %}"),
        "{{ f(" + numbered(16_000) { "a\($0)=1" } + ") }}",
        "{% macro m(" + numbered(20_000) { "a\($0)" } + ") %}{% endmacro %}",
        "{% set " + numbered(20_000) { "a\($0)" } + " = 1 %}",
        "{{ {" + numbered(16_000) { "\($0):1" } + "} }}",
        numbered(6_000, "") { "{% block b\($0) %}{% endblock %}" },
        "{{ " + times(50_000, "'a' ") + " }}",
        "{{ " + times(200_000, "1") + ".0 }}",
        "{{ 0x" + times(200_000, "f") + " }}",
        "{{ " + times(200_000, "a") + " }}",
        "{{ a|" + times(80_000, "b.") + "c }}",
        "{{ '" + times(180_000, "\\") + "' }}",
        "{{ a" + times(80_000, ".b") + " }}",
        "{{ a" + times(60_000, "[b]") + " }}",
        "{{ a" + times(80_000, "<b") + " }}",
        "{{ a" + times(30_000, " and b") + " }}",
        "{% print " + times(80_000, "1,") + "1 %}",
        times(40_000, "{# #}"),
        times(100_000, "{#"),
        times(20_000, "{% raw %}"),
        "{% raw %}" + times(80_000, "{%"),
        times(50_000, " {%-"),
        times(10_000, "{%- set a = 1 -%}   "),
        times(14_000, "{% block b %}"),
        times(180_000, "\r") + "{{",
        times(180_000, " ") + "{%- if",
    ]

    @Test(.timeLimit(.minutes(5)), arguments: longSources.indices)
    func compilingTakesTimeInProportionToTheSource(number: Int) {
        let source = Self.longSources[number]
        nonisolated(unsafe) var message = ""
        onSmallStack {
            do throws(TemplateError) {
                _ = try ChatTemplate(source: source)
            } catch {
                message = error.message
            }
        }
        #expect(message.utf8.count <= TemplateError.longestMessage)
    }

    @Test func aRenderingEndsWhenItsTimeIsOver() {
        let error = Self.error("{% for i in range(100000) %}{% endfor %}", TemplateLimits(duration: .zero))
        #expect(error?.kind == .limit)
        #expect(error?.message.contains("took longer than") == true)
    }

    @Test(arguments: [
        "{% for i in range(100000) %}{% endfor %}", "{{ ('é' * 1000000)|lower }}", "{{ ('é' * 1000000).isalpha() }}",
        "{{ range(100000)|sort|length }}", "{{ ('a b' * 1000000)|wordwrap(5)|length }}",
        "{{ ('aé' * 1000000)|wordcount }}",
    ])
    func aRenderingNobodyWaitsForEnds(source: String) throws {
        let template = try ChatTemplate(source: source, limits: TemplateLimits(duration: .seconds(600)))
        let error = #expect(throws: TemplateError.self) { try template.render([:], isCancelled: { true }) }
        #expect(error?.kind == .cancelled)
    }

    @Test func messagesDontRepeatWhatIsLong() throws {
        let long = String(repeating: "x", count: 100_000)
        let variables: JSONObject = ["s": .string(long), "d": .object([long: 1])]
        for source in [
            "{{ raise_exception(s) }}", "{{ {}[s].a }}", "{{ none[s].a }}", "{{ [s].index(1) }}", "{{ [].index(s) }}",
            "{{ s|int + '' }}", "{{ ''.format(**d) }}{{ '{\(long)}'.format() }}", "{{ '%(\(long))s' % {} }}",
            "{{ ['a']|map(s)|list }}", "{{ ['a']|select(s)|list }}", "{{ s|filesizeformat }}", "{{ cycler(**d) }}",
            "{{ range(**d) }}{{ s|trim(**d) }}", "{{ s|round }}", "{{ 1|xmlattr }}{{ {s ~ ' ': 1}|xmlattr }}",
            "{{ 1|\(long) }}", "{{ 1 is \(long) }}", "{% \(long) %}", "{{ 1 \(long) }}", "{{ [[s]].a.b }}",
        ] {
            let error = #expect(throws: TemplateError.self, "\(source.prefix(50))") {
                try ChatTemplate(source: source).render(variables)
            }
            #expect((error?.message.utf8.count ?? .max) <= TemplateError.longestMessage, "\(source.prefix(50))")
        }
    }
}
