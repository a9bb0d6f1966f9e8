"""Writes cases.json: small templates and what Jinja makes of them, set up as `transformers` sets it up.

Made with Python 3.11 and jinja2 3.1.6. A case is [template, whether it gets the variables, "out", text] or
[template, whether it gets the variables, kind of error, message or null where our words differ]. The clock shows
2025-07-26 13:34:56.
"""

import datetime
import json
import pathlib

import jinja2
import jinja2.ext
from jinja2.sandbox import ImmutableSandboxedEnvironment

from cases import CASES, M


class Generation(jinja2.ext.Extension):
    """`{% generation %}`: a block that writes its body."""

    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return jinja2.nodes.CallBlock(self.call_method("_write"), [], [], body).set_lineno(line)

    def _write(self, caller):
        return caller()


class Dict:
    def __call__(self, *args, **kwargs):
        return dict(*args, **kwargs)

    def fromkeys(self, *args, **kwargs):
        return dict.fromkeys(*args, **kwargs)


def raise_exception(message):
    raise jinja2.exceptions.TemplateError(message)


def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


environment = ImmutableSandboxedEnvironment(
    trim_blocks=True, lstrip_blocks=True, extensions=[Generation, jinja2.ext.loopcontrols]
)
environment.filters["tojson"] = tojson
environment.globals["raise_exception"] = raise_exception
environment.globals["strftime_now"] = datetime.datetime(2025, 7, 26, 13, 34, 56, 123).strftime
environment.globals["dict"] = Dict()


def outcome(source, variables):
    try:
        template = environment.from_string(source)
    except jinja2.TemplateSyntaxError as error:
        return "syntax", error.message
    except SyntaxError as error:
        return "syntax", None
    try:
        return "out", template.render(**variables)
    except Exception as error:
        return ("raised" if type(error) is jinja2.exceptions.TemplateError else "runtime"), str(error)


def main():
    lines = []
    for case in CASES:
        source, variables = (case, {}) if isinstance(case, str) else case[:2]
        kind, result = outcome(source, variables)
        if kind not in ("out", "raised") and not isinstance(case, str) and "anymessage" in case[2:]:
            result = None
        lines.append(json.dumps([source, bool(variables), kind, result], ensure_ascii=False))
    variables = json.dumps(M, ensure_ascii=False)
    text = '{"variables": ' + variables + ',\n"cases": [\n' + ",\n".join(lines) + "\n]}\n"
    pathlib.Path(__file__).with_name("cases.json").write_text(text, encoding="utf-8", newline="\n")
    print(len(lines), "cases")


if __name__ == "__main__":
    main()
