internal import ChatTemplates
internal import CommandSupport
internal import Glibc

/// What `--chat_template` may be: the path of a file, or the template itself.
enum ChatTemplateSource {
    /// Most bytes of a template's file.
    private static let fileLimit = 1 << 20

    /// The compiled template.
    ///
    /// - Throws: `StartupError` naming the option and the template's error.
    static func template(_ argument: String, option: String = "--chat_template") throws(StartupError) -> ChatTemplate {
        let source = try text(argument, option: option)
        do {
            return try ChatTemplate(source: source)
        } catch {
            throw .invalid("\(option): \(error)")
        }
    }

    private static func text(_ argument: String, option: String) throws(StartupError) -> String {
        let isTemplate = argument.contains("{{") || argument.contains("{%") || argument.contains("{#")
        if isTemplate && access(argument, R_OK) != 0 { return argument }
        let bytes = try InputFile.read(argument, limit: fileLimit)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .invalid("\(option): \(argument) isn't UTF-8")
        }
        return text
    }
}
