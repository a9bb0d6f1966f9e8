internal import OrderedJSON

extension CallGrammar {
    /// The tags of a format that writes each argument in tags of its own.
    package struct Tags: Sendable {
        /// In front of an argument's value, given its name and whether it is written as a string.
        package var opener: @Sendable (_ name: String, _ isString: Bool) -> String
        /// Behind an argument's value.
        package var closer: String
        /// Around all arguments and between them.
        package var open: @Sendable (_ function: String) -> String
        package var separator: String
        package var close: String
    }

    /// A call whose arguments are in tags: strings as they are, everything else as JSON.
    package static func call(in tags: Tags) -> @Sendable (ToolDefinition) -> Part {
        { tool in
            .members(
                Members(
                    named: tool.argumentSchemas.map { name, schema, isRequired in
                        let mayBeString = ToolSet.types(of: schema)?.contains("string") ?? false
                        // What may be a string is written as it is, and so are values that are counted out.
                        let value: Part =
                            if let values = schema.countedValues {
                                .sequence([
                                    .choice(values.map { .text(.text($0.stringValue ?? $0.serializedText)) }),
                                    .text(.text(tags.closer)),
                                ])
                            } else if mayBeString {
                                .textThrough(tags.closer)
                            } else {
                                .sequence([.json(schema), .text(.text(tags.closer))])
                            }
                        return (tags.opener(name, mayBeString), value, isRequired)
                    },
                    open: tags.open(tool.name),
                    separator: tags.separator,
                    close: tags.close,
                )
            )
        }
    }
}
