package import ChatTemplates
internal import Synchronization

/// Chat templates that requests brought along, compiled; the few used last are kept, as far as they are short.
package final class TemplateCache: Sendable {
    private let capacity: Int
    private let sourceBytes: Int
    private let limits: TemplateLimits
    /// The kept templates, the one used last at the end.
    private let templates = Mutex<[ChatTemplate]>([])

    /// A cache of so many templates with so many bytes of source together, which may take what `limits` says.
    package init(capacity: Int = 8, sourceBytes: Int = 1 << 20, limits: TemplateLimits = TemplateLimits()) {
        self.capacity = capacity
        self.sourceBytes = sourceBytes
        self.limits = limits
    }

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
        let compiled = try ChatTemplate(source: source, limits: limits)
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
        // What makes room is freed after the lock: a long template takes a while to take down.
        let dropped = templates.withLock { templates in
            templates.append(template)
            var bytes = templates.reduce(0) { $0 + $1.source.utf8.count }
            var excess = 0
            while excess < templates.count, templates.count - excess > capacity || bytes > sourceBytes {
                bytes -= templates[excess].source.utf8.count
                excess += 1
            }
            defer { templates.removeFirst(excess) }
            return Array(templates.prefix(excess))
        }
        withExtendedLifetime(dropped) {}
    }
}
