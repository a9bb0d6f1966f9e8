extension NamedObjects.Style {
    /// An object's beginning up to its arguments.
    private var head: CallGrammar.Pattern {
        let quoted: ([String]) -> CallGrammar.Pattern = { .choice($0.map { .text("\"\($0)\"") }) }
        let type = CallGrammar.Pattern.spaced(["\"type\"", ":", "\"function\"", ",", ""])
        return .spaced([
            "{", .choice(["", type]), quoted(nameKeys), ":", ["\"", .name, "\""], ",", quoted(argumentKeys),
            ":", "",
        ])
    }

    /// A reader of the style for openers.
    package var reader: @Sendable () -> any CallReader { { NamedObjects(self) } }

    /// Sections of calls that `NamedObjects` reads, as far as a sign tells them from a text.
    ///
    /// - Parameters:
    ///   - opener: What stands in front of the first object or the list.
    ///   - isAtStart: Whether the section counts at an answer's beginning alone.
    package func sections(behind opener: String = "", isAtStart: Bool = true) -> [CallGrammar.Section] {
        let head = head
        let lists = needsList ? [true] : [false, true]
        let end = closer.map { CallGrammar.Pattern.text(String(decoding: ControlFrame.unframed($0), as: UTF8.self)) }
        // Where an object may end the section, the next one without a separator is a section of its own.
        let separator = CallGrammar.Pattern.choice(closer == nil ? [",", ";"] : ["", ",", ";"])
        return lists.map { isList in
            let opening = CallGrammar.Pattern.spaced([.text(opener)] + (isList ? ["[", ""] : [""]))
            return CallGrammar.Section(
                // Inside of a text, the arguments' brace could begin the next object.
                .head(isAtStart ? [opening, head, "{"] : [opening, head], isAtStart: isAtStart),
                opening: opening,
                separator: .spaced(["", isList ? "," : separator, ""]),
                closing: .spaced((isList ? ["", "]"] : [""]) + (end.map { [$0] } ?? [])),
            ) { tool in
                .sequence([.text(head), .json(tool.schema), .text(.spaced(["", "}"]))])
            }
        }
    }
}
