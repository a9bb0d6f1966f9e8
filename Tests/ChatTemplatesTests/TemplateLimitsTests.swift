import ChatTemplates
import Foundation
import OrderedJSON
import Testing

@Suite struct TemplateLimitsTests {
    private static let deep = 100_000

    /// Templates that would hang, overflow the stack or fill the memory if they were let.
    static let hostile: [String] = [
        String(repeating: "(", count: deep),
        "{{ " + String(repeating: "(", count: deep) + "1" + String(repeating: ")", count: deep) + " }}",
        "{{ " + String(repeating: "[", count: deep) + String(repeating: "]", count: deep) + " }}",
        "{{ " + String(repeating: "{1:", count: deep) + " }}",
        "{{ " + String(repeating: "not ", count: deep) + "1 }}",
        "{{ " + String(repeating: "-", count: deep) + "1 }}",
        "{{ " + String(repeating: "a[", count: deep) + " }}",
        "{{ " + String(repeating: "f(", count: deep) + " }}",
        "{{ " + String(repeating: "1 if 1 else ", count: deep) + "1 }}",
        "{{ " + String(repeating: "x is eq [", count: deep) + " }}",
        "{{ 1" + String(repeating: " if 1", count: deep) + " }}",
        "{{ 1" + String(repeating: " if 1 else 0", count: deep) + " }}",
        "{% for x in a if 1" + String(repeating: " if 1", count: deep) + " %}{% endfor %}",
        "{% for x in (a" + String(repeating: " if 1", count: deep) + ") %}{% endfor %}",
        String(repeating: "{% if 1 %}", count: deep),
        String(repeating: "{% for a in b %}", count: deep),
        "{% set " + String(repeating: "(", count: deep) + "a" + String(repeating: ")", count: deep) + " = 1 %}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% macro m(a=m()) %}{% endmacro %}{{ m() }}",
        "{% macro m() %}{% call m() %}{{ caller() }}{% endcall %}{% endmacro %}{{ m() }}",
        "{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}",
        "{% for x in range(100000) %}{% for y in range(100000) %}{% endfor %}{% endfor %}",
        "{% for x in range(100000) %}{% for y in range(100000) %}{{ 'aaaaaaaaaa' }}{% endfor %}{% endfor %}",
        "{{ 'a' * 1000000000000 }}",
        "{{ [1] * 1000000000000 }}",
        "{{ [[]] * 9223372036854775807 }}",
        "{% set n = namespace(s='aaaa') %}{% for x in range(100) %}{% set n.s = n.s ~ n.s %}{% endfor %}",
        "{% set n = namespace(s='aaaa') %}{% for x in range(100) %}{% set n.s = n.s + n.s %}{% endfor %}",
        "{% set n = namespace(s=[1]) %}{% for x in range(100) %}{% set n.s = [n.s, n.s] %}{% endfor %}{{ n.s }}",
        "{% set n = namespace(s=[1], t=[1]) %}{% for x in range(90) %}{% set n.s = [n.s, n.s] %}"
            + "{% set n.t = [n.t, n.t] %}{% endfor %}{{ n.s == n.t }}",
        "{% set n = namespace(s=[1]) %}{% for x in range(90) %}{% set n.s = [n.s, n.s] %}{% endfor %}{{ n.s|tojson }}",
        "{% set n = namespace(s=(1,)) %}{% for x in range(90) %}{% set n.s = (n.s, n.s) %}{% endfor %}{{ {n.s: 1} }}",
        "{% set n = namespace(s=[]) %}{% for x in range(100000) %}{% set n.s = [n.s] %}{% endfor %}",
        "{% set n = namespace(s={}) %}{% for x in range(100000) %}{% set n.s = {1: n.s} %}{% endfor %}",
        "{% set n = namespace(s=[1]) %}{% for x in range(100000) %}{% set n.s = n.s|map('string') %}{% endfor %}",
        "{% set n = namespace(s=[1]) %}{% for x in range(100000) %}{% set n.s = n.s|select %}{% endfor %}",
        "{% set n = namespace(s=1) %}{% for x in range(100000) %}{% set n.s = cycler(n.s) %}{% endfor %}",
        "{% set n = namespace(s=1) %}{% for x in range(100000) %}{% set n.s = joiner(n.s) %}{% endfor %}",
        "{% set n = namespace(s='a') %}{% for x in range(100000) %}{% set n.s = [n.s].copy %}{% endfor %}",
        "{% set n = namespace() %}{% set n.n = n %}{{ n }}",
        "{{ ('aaaaaaaaaa' * 100000)|replace('a', 'b' * 100000) }}",
        "{{ ('a' * 1000000).replace('', 'b' * 1000000) }}",
        "{{ ('b' * 1000000).join('a' * 1000000) }}",
        "{{ (['b' * 1000000] * 100000)|join }}",
        "{{ [1]|slice(1000000000000000000)|list }}", "{{ [1]|batch(1000000000000000000, 0)|first }}",
        "{{ 'a'.center(9223372036854775807) }}", "{{ 'a'.zfill(99999999999) }}",
        "{{ 'a\\tb'.expandtabs(99999999999) }}",
        "{{ '%99999999999d' % 1 }}", "{{ '%*d' % (99999999999, 1) }}", "{{ '%.99999999999f' % 1 }}",
        "{{ '{:99999999999}'.format(1) }}", "{{ '{:.99999999999f}'.format(1.0) }}",
        "{{ ('a\\n' * 100000)|indent(1000000) }}", "{{ [1]|batch(99999999999, 1)|list }}",
        "{{ [1]|slice(99999999999)|list }}", "{{ nested|tojson(indent=99999999999) }}",
        "{{ range(100001) }}", "{{ range(-9223372036854775807, 9223372036854775807) }}",
        "{{ strftime_now('%c' * 5000) }}",
        "{% for i in range(100000) %}{{ (('a' * 100000) ~ 'b') in ('a' * 1000000) }}{% endfor %}",
    ]

    private static func failure(_ source: String, _ limits: TemplateLimits = TemplateLimits()) -> TemplateError? {
        do {
            _ = try ChatTemplate(source: source, limits: limits).render(["nested": [[1]], "b": [1], "a": [1]])
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: hostile.dropFirst())
    func endsInAnErrorOnASmallStack(source: String) {
        nonisolated(unsafe) var error: TemplateError?
        onSmallStack { error = Self.failure(source, TemplateLimits(steps: 300_000, duration: .seconds(600))) }
        #expect(error?.kind == .limit || error?.kind == .syntax, "\(String(describing: error))")
    }

    /// Chains whose length isn't nesting: they are done, not refused.
    @Test(arguments: [
        "{{ 1" + String(repeating: " + 1", count: 10_000) + " }}",
        "{{ 1" + String(repeating: " ~ 1", count: 10_000) + " }}",
        "{{ 0" + String(repeating: " or 1", count: 10_000) + " }}",
        "{{ 1" + String(repeating: "|string", count: 10_000) + " }}",
        "{{ ''" + String(repeating: ".strip()", count: 10_000) + " }}",
        "{% if 0 %}" + String(repeating: "{% elif 0 %}", count: 10_000) + "{% endif %}",
        "{% for i in range(50000) %}{% set n = namespace() %}{% set n.n = n %}{% endfor %}",
        "{% set n = namespace(s=1) %}{% for i in range(50000) %}{% for x in [n.s] %}{% set n.s = loop %}{% endfor %}"
            + "{% endfor %}",
        "{% set n = namespace(s=1) %}{% macro m() %}{% set n.s = caller %}{% endmacro %}"
            + "{% for i in range(20000) %}{% set v = n.s %}{% call m() %}{{ v }}{% endcall %}{% endfor %}",
        "{% set n = namespace(s=1) %}{% for i in range(20000) %}{% set v = n.s %}"
            + "{% macro m() %}{{ v }}{% endmacro %}{% set n.s = m %}{% endfor %}",
        "{% set n = namespace(f=none) %}{% macro f(old) %}{% macro g() %}{{ old }}{% endmacro %}{% set n.f = g %}"
            + "{% endmacro %}{% for i in range(20000) %}{{ f(n.f) }}{% endfor %}",
        "{% set n = namespace(s=1) %}{% macro m(old) %}{% for x in [1] recursive %}{% set n.s = loop %}{% endfor %}"
            + "{% endmacro %}{% for i in range(20000) %}{{ m(n.s) }}{% endfor %}",
        "{% set n = namespace(s=1) %}{% for i in range(20000) %}{% set n.s = namespace(s=n.s) %}{% endfor %}"
            + "{% set n.s = 1 %}",
    ])
    func lengthIsNotDepth(source: String) {
        nonisolated(unsafe) var error: TemplateError?
        onSmallStack { error = Self.failure(source, TemplateLimits(duration: .seconds(600))) }
        #expect(error == nil)
    }

    @Test func everyLimitIsExact() {
        #expect(Self.failure("{{ 'abcd' }}", TemplateLimits(outputBytes: 4)) == nil)
        #expect(Self.failure("{{ 'abcde' }}", TemplateLimits(outputBytes: 4))?.kind == .limit)
        #expect(Self.failure("{{ range(4)|list }}", TemplateLimits(rangeLength: 4)) == nil)
        #expect(Self.failure("{{ range(5)|list }}", TemplateLimits(rangeLength: 4))?.kind == .limit)
        #expect(Self.failure("abcd", TemplateLimits(sourceBytes: 4)) == nil)
        #expect(Self.failure("abcde", TemplateLimits(sourceBytes: 4))?.kind == .limit)
    }

    @Test func deepVariablesAreRefused() {
        var value = JSONValue.integer(1)
        for _ in 0..<1000 { value = .array([value]) }
        #expect(throws: TemplateError.self) { try ChatTemplate(source: "{{ v }}").render(["v": value]) }
    }

    @Test func nestingThatTemplatesUseIsAllowed() throws {
        let source =
            "{% macro m(x) %}{% if x is mapping %}{% for k, v in x.items() %}{{ k }}{{ m(v) }}{% endfor %}"
            + "{% else %}{{ x }}{% endif %}{% endmacro %}{{ m(v) }}"
        var value = JSONValue.integer(1)
        for _ in 0..<20 { value = .object(["k": value]) }
        #expect(try ChatTemplate(source: source).render(["v": value]) == String(repeating: "k", count: 20) + "1")
    }
}
