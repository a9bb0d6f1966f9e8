internal import OrderedJSON

extension CallGrammar {
    /// The tags of a format that writes each argument in tags of its own.
    package struct Tags: Sendable {
        /// In front of an argument's value, given its name and whether it is a string.
        package var opener: @Sendable (_ name: String, _ isString: Bool) -> String
        /// Behind an argument's value.
        package var closer: String
        /// Around all arguments and between them.
        package var open: @Sendable (_ function: String) -> String
        package var separator: String
        package var close: String
    }

    /// Calls whose arguments are in tags: strings as they are, everything else as JSON.
    package init(trigger: String?, tags: Tags) {
        self.init(trigger: trigger) { tool in
            .members(
                Members(
                    named: tool.argumentSchemas.map { name, schema, isRequired in
                        let (isString, texts) = schema.stringSchema
                        let value: Part =
                            if let texts {
                                .sequence([.choice(texts.map(Part.text)), .text(tags.closer)])
                            } else if isString {
                                .textThrough(tags.closer)
                            } else {
                                .sequence([.json(schema), .text(tags.closer)])
                            }
                        return (tags.opener(name, isString), value, isRequired)
                    },
                    open: tags.open(tool.name),
                    separator: tags.separator,
                    close: tags.close,
                )
            )
        }
    }
}
