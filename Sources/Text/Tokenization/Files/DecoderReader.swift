internal import OrderedJSON

/// Reads the decoder of a `tokenizer.json`.
enum DecoderReader {
    static func read(_ value: FileValue) throws(TokenizerError) -> [TokenDecoderStage] {
        let stages = try all(value)
        var isJoined = false
        for stage in stages {
            if isJoined, !stage.worksOnParts {
                throw value.failure("a step that needs tokens is behind one that joins them")
            }
            isJoined = isJoined || stage.joins
        }
        return stages
    }

    private static func all(_ value: FileValue) throws(TokenizerError) -> [TokenDecoderStage] {
        if try value.kind() != "Sequence" { return [try stage(value)] }
        var stages: [TokenDecoderStage] = []
        for part in try value.required("decoders").elements() {
            stages += try all(part)
            if stages.count > FileLimits.components { throw value.failure("more than \(FileLimits.components) steps") }
        }
        return stages
    }

    private static func stage(_ value: FileValue) throws(TokenizerError) -> TokenDecoderStage {
        let kind = try value.kind()
        switch kind {
        case "ByteLevel": return .byteLevel
        case "ByteFallback": return .byteFallback(needsWholeRuns: true)
        case "Fuse": return .fuse
        case "Replace":
            let key = try PatternReader.literal(try value.required("pattern"))
            return .replace(key, with: try value.required("content").bytes())
        case "Strip":
            return .strip(
                try scalar(try value.required("content")),
                start: try value["start"]?.integer(in: 0...1_000_000) ?? 0,
                stop: try value["stop"]?.integer(in: 0...1_000_000) ?? 0,
            )
        case "Metaspace":
            let metaspace = try PreTokenizerReader.metaspace(value)
            var mark: [UInt8] = []
            LenientUTF8.append(metaspace.mark, to: &mark)
            return .metaspace(mark: mark, dropsFirst: metaspace.prefix != .never)
        case "WordPiece":
            return .wordPiece(
                prefix: try value["prefix"]?.bytes() ?? Array("##".utf8),
                cleansUp: try value.flag("cleanup", default: true),
            )
        case "BPEDecoder": return .wordEnd(suffix: try value["suffix"]?.bytes() ?? Array("</w>".utf8))
        case "CTC":
            return .collapse(
                padding: try value["pad_token"]?.bytes() ?? Array("<pad>".utf8),
                delimiter: try value["word_delimiter_token"]?.bytes() ?? Array("|".utf8),
                cleansUp: try value.flag("cleanup", default: true),
            )
        default: throw value.unknownKind(kind, "decoder")
        }
    }

    private static func scalar(_ value: FileValue) throws(TokenizerError) -> [UInt8] {
        var bytes: [UInt8] = []
        LenientUTF8.append(try PreTokenizerReader.character(value), to: &bytes)
        return bytes
    }
}
