import ChatTemplates
import OrderedJSON
import Testing

@Suite struct TemplateMemoryTests {
    private static let megabyte = 1 << 20

    private static let greedy: [String] = [
        "{% for i in range(100000) %}{% macro m(a) %}{{ a }}{% endmacro %}{% set s = 'x' * 1000 %}{% endfor %}",
        "{% for i in range(100000) %}{% for j in range(100) %}{% macro m(a) %}{{ j }}{% endmacro %}{% endfor %}{% endfor %}",
        "{% for x in [1]|slice(1000000000000000000) %}{{ x }}{% endfor %}", "{{ [1]|slice(10000000)|list }}",
        "{{ [1]|batch(10000000, 'x')|list }}", "{% set a = [1] * 10000000 %}", "{% set a = [[1]] * 1000000 + [2] %}",
        "{{ ('x' * 10000000)|list|length }}", "{{ ('x,' * 5000000).split(',')|length }}",
        "{{ ('x ' * 5000000).split()|length }}",
        "{{ ('x\\n' * 5000000).splitlines()|length }}", "{{ ('é' * 5000000)|list|length }}",
        "{% set n = namespace(l=[]) %}{% for i in range(100000) %}{% set n.l = [n.l[-1:], 'x' * 1000] %}{% endfor %}"
            + "{% set m = namespace(l=[]) %}{% for i in range(300) %}{% set m.l = m.l + [('x' * 100000)] %}{% endfor %}"
            + "{% for i in range(300) %}{% set m.l = m.l + [('y' * 100000) ~ i] %}{% endfor %}",
        "{{ dict.fromkeys(range(100000))|string }}{{ range(100000)|map('string')|list }}"
            + "{{ dict.fromkeys(('x ' * 1000000).split()) }}{{ dict.fromkeys(range(100000)|map('string')|list * 3) }}"
            + "{% set d = dict.fromkeys(range(100000)) %}{% set e = dict.fromkeys(range(100000)|map('string')) %}",
        "{% macro m(k) %}{{ 'x' * 1000000 }}{% if k %}{{ m(k - 1) }}{% endif %}{% endmacro %}{{ m(30) }}",
        "{% set a %}{{ 'x' * 9000000 }}{% set b %}{{ 'x' * 9000000 }}{% endset %}{% endset %}",
        "{{ (range(100000)|list * 5)|unique|list|length }}{% for x in (range(100000)|list * 5)|map('string')|unique %}"
            + "{{ loop.length }}{% endfor %}",
        "{% for x in (range(100000)|list * 20)|map('string') %}{{ loop.length }}{% endfor %}",
        "{{ ('x' * 9000000)|tojson(ensure_ascii=true)|tojson|tojson }}{{ ('\"' * 9000000)|tojson }}",
        "{{ ('\\x01' * 9000000)|pprint }}", "{{ ('\"' * 9000000)|escape }}", "{{ ('é' * 4500000)|urlencode }}",
        "{{ 'x'.ljust(9000000, '\u{1F600}') }}", "{{ '{:\u{1F600}<9000000}'.format(1) }}",
        "{{ '%9000000s' * 3 % (1, 2, 3) }}",
        "{{ ('a b' * 3000000)|wordwrap(1) }}", "{{ ('a' * 9000000)|sort|length }}",
        "{{ (range(100000)|list * 20)|sort|length }}",
        "{{ ('a' * 9000000)|batch(2)|list|length }}", "{{ ('a' * 9000000)|groupby(0)|length }}",
        "{{ [1]|sort(attribute='a,' * 4000000) }}",
        "{{ ('a' * 9000000)[::-1]|replace('a', '')|length }}"
            + "{{ ('a' * 5000000)|map('upper')|list|length }}",
    ]

    /// Templates that want gigabytes.
    @Test(arguments: greedy)
    func noRenderingTakesMoreThanItsMemory(source: String) throws {
        let limit = 16 * Self.megabyte
        let limits = TemplateLimits(
            outputBytes: 10 * Self.megabyte,
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
            "{% for i in range(1000) %}{% set s = 'x' * 1000000 %}{% set l = range(1000)|list %}{% set d = {i: s} %}"
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
