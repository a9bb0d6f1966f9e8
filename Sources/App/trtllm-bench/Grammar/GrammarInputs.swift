package import OrderedJSON

/// What a run is made of, for other programs: so that all are measured with the same tokens.
package enum GrammarInputs {
    /// The bytes of each token in hexadecimal, the special ones by their ids, and the tokens of each file's instances.
    package static func json(
        _ vocabulary: GrammarVocabulary,
        _ files: [SchemaFile],
        _ tokenize: (JSONValue) -> [Int32]
    ) -> JSONValue {
        let digits = Array("0123456789abcdef")
        let texts = vocabulary.tokens.map { bytes in
            JSONValue.string(String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }))
        }
        let special = vocabulary.special.sorted { $0.key < $1.key }.map { (String($0.key), JSONValue.string($0.value)) }
        let instances = files.map { file in
            let tokens = file.instances.map { instance in
                JSONValue.array(tokenize(instance.data).map { .integer(Int($0)) })
            }
            return (file.name, JSONValue.array(tokens))
        }
        return [
            "tokens": .array(texts), "special": .object(JSONObject(special)), "files": .object(JSONObject(instances)),
        ]
    }
}
