import ChatTemplates
import OrderedJSON
import Testing

@Suite struct TemplateMemoryTests {
    private static let megabyte = 1 << 20

    private static let greedy: [String] = [
        "{% for i in range(20000) %}{% macro m(a) %}{{ a }}{% endmacro %}{% set s = 'x' * 1000 %}{% endfor %}",
        "{% for i in range(20000) %}{% for j in range(100) %}{% macro m(a) %}{{ j }}{% endmacro %}{% endfor %}{% endfor %}",
        "{% for x in [1]|slice(1000000000000000000) %}{{ x }}{% endfor %}", "{{ [1]|slice(1250000)|list }}",
        "{{ [1]|batch(1250000, 'x')|list }}", "{% set a = [1] * 1250000 %}", "{% set a = [[1]] * 125000 + [2] %}",
        "{{ ('x' * 1250000)|list|length }}", "{{ ('x,' * 625000).split(',')|length }}",
        "{{ ('x ' * 625000).split()|length }}",
        "{{ ('x\\n' * 625000).splitlines()|length }}", "{{ ('é' * 625000)|list|length }}",
        "{% set n = namespace(l=[]) %}{% for i in range(20000) %}{% set n.l = [n.l[-1:], 'x' * 1000] %}{% endfor %}"
            + "{% set m = namespace(l=[]) %}{% for i in range(300) %}{% set m.l = m.l + [('x' * 12500)] %}{% endfor %}"
            + "{% for i in range(300) %}{% set m.l = m.l + [('y' * 12500) ~ i] %}{% endfor %}",
        "{{ dict.fromkeys(range(20000))|string }}{{ range(20000)|map('string')|list }}"
            + "{{ dict.fromkeys(('x ' * 125000).split()) }}{{ dict.fromkeys(range(20000)|map('string')|list * 3) }}"
            + "{% set d = dict.fromkeys(range(20000)) %}{% set e = dict.fromkeys(range(20000)|map('string')) %}",
        "{% macro m(k) %}{{ 'x' * 125000 }}{% if k %}{{ m(k - 1) }}{% endif %}{% endmacro %}{{ m(30) }}",
        "{% set a %}{{ 'x' * 1125000 }}{% set b %}{{ 'x' * 1125000 }}{% endset %}{% endset %}",
        "{{ (range(20000)|list * 5)|unique|list|length }}{% for x in (range(20000)|list * 5)|map('string')|unique %}"
            + "{{ loop.length }}{% endfor %}",
        "{% for x in (range(20000)|list * 20)|map('string') %}{{ loop.length }}{% endfor %}",
        "{{ ('x' * 1125000)|tojson(ensure_ascii=true)|tojson|tojson }}{{ ('\"' * 1125000)|tojson }}",
        "{{ ('\\x01' * 1125000)|pprint }}", "{{ ('\"' * 1125000)|escape }}", "{{ ('é' * 562500)|urlencode }}",
        "{{ 'x'.ljust(1125000, '\u{1F600}') }}", "{{ '{:\u{1F600}<1125000}'.format(1) }}",
        "{{ '%9000000s' * 3 % (1, 2, 3) }}",
        "{{ ('a b' * 375000)|wordwrap(1) }}", "{{ ('a' * 1125000)|sort|length }}",
        "{{ (range(20000)|list * 20)|sort|length }}",
        "{{ ('a' * 1125000)|batch(2)|list|length }}", "{{ ('a' * 1125000)|groupby(0)|length }}",
        "{{ [1]|sort(attribute='a,' * 500000) }}",
        "{{ ('a' * 1125000)[::-1]|replace('a', '')|length }}"
            + "{{ ('a' * 625000)|map('upper')|list|length }}",
    ]

    /// Templates that want gigabytes.
    @Test(arguments: greedy)
    func noRenderingTakesMoreThanItsMemory(source: String) throws {
        let limit = 2 * Self.megabyte
        let limits = TemplateLimits(
            outputBytes: 1_250_000,
            memoryBytes: limit,
            steps: 100_000_000,
            duration: .seconds(600)
        )
        let (text, cost) = try ChatTemplate(source: source, limits: limits).measured([:])
        guard case .failure(let error) = text else {
            Issue.record("nothing was refused; peak \(cost.peakBytes)")
            return
        }
        #expect(error.kind == .limit, "\(error)")
        // One text or list more than the limit may be on its way when it is found out.
        #expect(cost.peakBytes <= limit + limits.outputBytes, "\(error)")
        #expect(cost.leftBytes == 0)
    }

    @Test func theMemoryLimitIsNamed() {
        let limits = TemplateLimits(memoryBytes: 100_000)
        let error = #expect(throws: TemplateError.self) {
            try ChatTemplate(source: "{{ [1]|slice(1000000000000000000)|list }}", limits: limits).render([:])
        }
        #expect(error?.message == "the template took more than 100000 bytes of memory")
        #expect(error?.kind == .limit)
    }

    @Test func memoryThatIsLetGoDoesNotCount() throws {
        let source =
            "{% for i in range(100) %}{% set s = 'x' * 1000000 %}{% set l = range(1000)|list %}{% set d = {i: s} %}"
            + "{% set t %}{{ s }}{% endset %}{% endfor %}done"
        let limits = TemplateLimits(memoryBytes: 10 * Self.megabyte, steps: 1_000_000_000, duration: .seconds(600))
        #expect(try ChatTemplate(source: source, limits: limits).render([:]) == "done")
    }

    @Test func anOrdinaryLongConversationFits() throws {
        let source =
            "{% for m in messages %}{{ '<|' + m.role + '|>' + m.content | trim + '<|end|>' }}{% endfor %}"
        let content = JSONValue.string(String(repeating: "word ", count: 2_000_000))
        let text = try ChatTemplate(source: source, limits: TemplateLimits(duration: .seconds(600)))
            .render(["messages": [["role": "user", "content": content]]])
        #expect(text.utf8.count == 9_999_999 + "<|user|><|end|>".utf8.count)
    }

    private static let cyclic: [String] = [
        "{% for x in [1, 2] %}{% macro m() %}{{ loop }}{% endmacro %}{{ m() }}{% endfor %}",
        "{% for x in [1, 2] %}{% macro m() %}{{ loop.index }}{{ m }}{% endmacro %}{% set l = loop %}{% endfor %}",
        "{% macro c() %}{{ caller() }}{% endmacro %}{% for x in [1, 2] %}{% call c() %}{{ loop }}{% endcall %}{% endfor %}",
        "{% set n = namespace() %}{% set n.n = n %}", "{% set n = namespace() %}{% set n.l = [n, {1: n}, (n,)] %}",
        "{% set n = namespace() %}{% for x in [1, 2] %}{% set n.l = loop %}{% endfor %}",
        "{% set n = namespace() %}{% for x in [1] recursive %}{% set n.l = loop %}{% set n.m = n.l %}{% endfor %}",
        "{% macro m() %}{% macro k() %}{{ k }}{{ m }}{% endmacro %}{% set n.k = k %}{% endmacro %}"
            + "{% set n = namespace() %}{{ m() }}",
        "{% set n = namespace() %}{% for x in [1, 2, 3] if n %}{% set n.c = cycler(n, loop) %}{% endfor %}",
        "{% set n = namespace() %}{% set n.l = [n]|map('string') %}{% set n.r = [n]|select %}{% set n.j = joiner(n) %}",
        "{% set n = namespace() %}{% set n.l = [n]|unique %}{% set n.m = [n].copy %}{{ n.l|first is defined }}",
        "{% for x in [1, 2] %}{% macro m() %}{{ loop }}{% endmacro %}{{ 1 + 'a' }}{% endfor %}",
        "{% for x in [1, 2] recursive %}{% macro m() %}{{ loop }}{% endmacro %}{{ raise_exception('no') }}{% endfor %}",
        "{% for x in [[1], [2]] recursive %}{% macro m() %}{{ loop }}{% endmacro %}{% if x is iterable %}{{ loop(x) }}"
            + "{% endif %}{% endfor %}",
        "{% for x in range(9)|map('string') %}{% macro m() %}{{ loop.length }}{% endmacro %}{{ m() }}{{ loop.nextitem }}{% endfor %}",
    ]

    /// Values that refer to themselves, or to one another.
    @Test(arguments: cyclic)
    func nothingIsLeftAfterTheEnd(source: String) throws {
        let source = "{% set big = 'x' * 100000 %}" + source
        let (_, cost) = try ChatTemplate(source: source).measured(["messages": [["content": "abc"]]])
        #expect(cost.peakBytes > 100_000)
        #expect(cost.leftBytes == 0)
    }
}
