/// The formats of strings that are kept, as regular expressions; names that aren't known say nothing of a value.
///
/// Each matches no more than its standard allows, and all that is usual; where a standard isn't regular, what is left is
/// a regular part of it.
package enum StringFormats {
    /// A format's expression, to be matched by the whole string; `nil` for names that aren't known.
    static func expression(of format: String) -> String? { expressions[format] }

    /// The names of the formats that are kept.
    package static var names: [String] { expressions.keys.sorted() }

    private static let expressions: [String: String] = [
        "date": date,
        "time": time,
        "date-time": "(?:\(date))T\(time)",
        "duration": duration,
        "email": email,
        "idn-email": email,
        "hostname": hostname,
        "idn-hostname": hostname,
        "ipv4": ipv4,
        "ipv6": ipv6,
        "uuid": "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
        "uri": "\(scheme):\(uriRest)",
        "iri": "\(scheme):\(uriRest)",
        "uri-reference": "(?:\(scheme):)?\(uriRest)",
        "iri-reference": "(?:\(scheme):)?\(uriRest)",
        "uri-template": uriTemplate,
        "json-pointer": "(?:/(?:[^~/]|~[01])*)*",
        "relative-json-pointer": "(?:0|[1-9][0-9]*)(?:#|(?:/(?:[^~/]|~[01])*)*)",
        "regex": "(?:[A-Za-z0-9 _,:;=@#%&<>!/\"'~-]|\\\\[dDwWsS.])*",
    ]

    /// Days by the length of their month; February has 29 where the year divides by 4, and by 400 at a century's end.
    private static let date =
        "(?:[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
        + "|02-(?:0[1-9]|1[0-9]|2[0-8]))|(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29)"

    private static let time =
        "(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\\.[0-9]+)?(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"

    private static let duration =
        "P(?:[0-9]+W|(?:\(days)|[0-9]+M(?:[0-9]+D)?|[0-9]+Y(?:[0-9]+M(?:[0-9]+D)?)?)(?:\(clock))?|\(clock))"
    private static let days = "[0-9]+D"
    private static let clock = "T(?:[0-9]+H(?:[0-9]+M(?:[0-9]+S)?)?|[0-9]+M(?:[0-9]+S)?|[0-9]+S)"

    private static let email = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@\(hostname)"

    private static let hostname = "\(label)(?:\\.\(label))*"
    /// Labels of up to 63 letters, digits and hyphens; "xn--" and other pairs of hyphens in third place are left out.
    private static let label =
        "[A-Za-z0-9](?:[A-Za-z0-9]?|[A-Za-z0-9-][A-Za-z0-9]|[A-Za-z0-9-](?:[A-Za-z0-9][A-Za-z0-9-]|-[A-Za-z0-9])[A-Za-z0-9-]{0,58}[A-Za-z0-9])"

    private static let byte = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
    private static let ipv4 = "(?:\(byte)\\.){3}\(byte)"

    private static let ipv6: String = {
        let group = "[0-9a-fA-F]{1,4}"
        var forms = ["(?:\(group):){7}\(group)", "(?:\(group):){6}\(ipv4)"]
        // "::" stands for at least one group, wherever it is.
        for before in 0...7 {
            let head = before == 0 ? "" : "\(group)(?::\(group)){\(before - 1)}"
            let after = 7 - before
            forms.append("\(head)::" + (after == 0 ? "" : "(?:\(group)(?::\(group)){0,\(after - 1)})?"))
            if after >= 2 { forms.append("\(head)::" + "(?:\(group):){0,\(after - 2)}\(ipv4)") }
        }
        return "(?:" + forms.joined(separator: "|") + ")"
    }()

    /// RFC 6570: literals, and expressions in braces.
    private static let uriTemplate =
        "(?:[!#$&()*+,./0-9:;=?@A-Z\\[\\]_a-z~-]|%[0-9A-Fa-f]{2}|\\{[+#./;?&]?\(variable)(?:,\(variable))*\\})*"
    private static let variable =
        "(?:[A-Za-z0-9_]|%[0-9A-Fa-f]{2})+(?:\\.(?:[A-Za-z0-9_]|%[0-9A-Fa-f]{2})+)*(?:\\*|:[1-9][0-9]{0,3})?"

    private static let scheme = "[A-Za-z][A-Za-z0-9+.-]*"
    private static let character = "(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})"
    /// Authority, path, query and fragment.
    private static let uriRest =
        "(?://(?:(?:[A-Za-z0-9._~!$&'()*+,;=:-]|%[0-9A-Fa-f]{2})*@)?(?:(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*|\\[\(ipv6)\\])(?::[0-9]*)?(?:/\(character)*)*"
        + "|/(?:\(character)+(?:/\(character)*)*)?|\(character)+(?:/\(character)*)*|)"
        + "(?:\\?(?:\(character)|[/?])*)?(?:#(?:\(character)|[/?])*)?"
}
