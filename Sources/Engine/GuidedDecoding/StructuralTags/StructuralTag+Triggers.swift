internal import OrderedJSON

extension StructuralTag {
    /// A tag: its beginning, its content without its end, and its end.
    func node(
        _ tag: Tag,
        until: [Expression],
        depth: Int,
        _ builder: inout GrammarBuilder
    ) throws(GrammarError) -> GrammarNode {
        try builder.sequence([
            builder.terminal(builder.mark(tag.begin)), rest(tag, until: until, depth: depth, &builder),
        ])
    }

    /// What follows a tag's beginning.
    private func rest(
        _ tag: Tag,
        until: [Expression],
        depth: Int,
        _ builder: inout GrammarBuilder
    ) throws(GrammarError) -> GrammarNode {
        var ends: [Expression] = []
        for end in tag.ends { ends.append(try builder.mark(end)) }
        let end = try builder.union(ends)
        let path = "\(tag.path).content"
        if tag.content["type"]?.stringValue == "any_text", end != .empty {
            // The text goes to the first end, also where the text's own end looks like the beginning of one.
            var excluded: [Expression] = []
            for text in try texts(tag.content, "excludes", path) where !tag.ends.contains(text) {
                excluded.append(try builder.literal(text))
            }
            // What can't be honoured is refused there.
            _ = try node(tag.content, until: [], path: path, depth: depth + 1, &builder)
            return try builder.terminal(builder.text(upTo: ends, among: ends, without: excluded))
        }
        let inside = end == .empty ? until : ends
        let content = try node(tag.content, until: inside, path: path, depth: depth + 1, &builder)
        return try builder.sequence([content, builder.terminal(end)])
    }

    /// Free text, in which each trigger begins one of the tags that begin with it.
    func triggered(
        _ tags: [Tag],
        _ triggers: [String],
        _ triggering: Triggering,
        until: [Expression],
        path: String,
        depth: Int,
        _ builder: inout GrammarBuilder
    ) throws(GrammarError) -> GrammarNode {
        guard !triggers.isEmpty else { throw GrammarError(.syntax, "\(path): \"triggers\" are missing") }
        var marks: [Expression] = []
        for trigger in triggers { marks.append(try builder.mark(trigger)) }
        var excluded = until
        for text in triggering.excludes { excluded.append(try builder.literal(text)) }
        var dispatched: [GrammarNode] = []
        var direct: [GrammarNode] = []
        for (trigger, mark) in zip(triggers, marks) {
            try builder.poll(2 * tags.count)
            var bodies: [GrammarNode] = []
            for tag in tags where tag.begin.hasPrefix(trigger) {
                let begin = try builder.terminal(String(tag.begin.dropFirst(trigger.count)))
                bodies.append(try builder.sequence([begin, rest(tag, until: until, depth: depth, &builder)]))
            }
            let body = try builder.choice(bodies)
            let text = try builder.text(upTo: [mark], among: marks, without: excluded)
            dispatched.append(try builder.sequence([builder.terminal(text), body]))
            direct.append(try builder.sequence([builder.terminal(mark), body]))
        }
        for tag in tags where !triggers.contains(where: tag.begin.hasPrefix) {
            throw GrammarError(.syntax, "\(tag.path).begin: begins with none of the triggers")
        }
        let free = try builder.terminal(builder.text(without: marks + excluded))
        let next = try builder.choice(dispatched)
        let first = try builder.choice(direct)
        if triggering.stopsAfterFirst { return triggering.atLeastOne ? first : try builder.choice([free, next]) }
        let more = try builder.sequence([builder.repetition(next, 0, nil), free])
        return triggering.atLeastOne ? try builder.sequence([first, more]) : more
    }
}
