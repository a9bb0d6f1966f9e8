package import ChatTemplates
internal import Synchronization

/// Chat templates that requests brought along, compiled; the few used last are kept.
package final class TemplateCache: Sendable {
    private let capacity: Int
    /// The kept templates, the one used last at the end.
    private let templates = Mutex<[ChatTemplate]>([])

    /// A cache of this many templates.
    package init(capacity: Int = 8) { self.capacity = capacity }

    /// How many templates are kept now.
    package var count: Int { templates.withLock { $0.count } }

    /// The compiled template of a source.
    ///
    /// - Throws: `TemplateError` when it can't be compiled; that isn't kept.
    package func template(_ source: String) throws(TemplateError) -> ChatTemplate {
        if let known = take(source) {
            keep(known)
            return known
        }
        let compiled = try ChatTemplate(source: source)
        keep(compiled)
        return compiled
    }

    private func take(_ source: String) -> ChatTemplate? {
        templates.withLock { templates in
            guard let index = templates.firstIndex(where: { $0.source.utf8.elementsEqual(source.utf8) }) else {
                return nil
            }
            return templates.remove(at: index)
        }
    }

    private func keep(_ template: ChatTemplate) {
        templates.withLock { templates in
            templates.append(template)
            if templates.count > capacity { templates.removeFirst(templates.count - capacity) }
        }
    }
}
