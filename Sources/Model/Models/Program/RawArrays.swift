/// Arrays that are read through raw pointers, for as long as their owner lives: reading them counts no references.
///
/// Elements should be plain values; whatever they refer to is let go with the owner.
final class RawArrays: @unchecked Sendable {  // written only while arrays are added
    private var release: [() -> Void] = []

    deinit { for release in release { release() } }

    /// Copies elements to memory that stays in its place.
    func add<Element>(_ elements: some Collection<Element>) -> UnsafeBufferPointer<Element> {
        let buffer = UnsafeMutableBufferPointer<Element>.allocate(capacity: elements.count)
        _ = buffer.initialize(from: elements)
        keep(buffer)
        return UnsafeBufferPointer(buffer)
    }

    /// Room for `count` elements that are written later.
    func reserve<Element>(_ count: Int, of element: Element) -> UnsafeMutableBufferPointer<Element> {
        let buffer = UnsafeMutableBufferPointer<Element>.allocate(capacity: count)
        buffer.initialize(repeating: element)
        keep(buffer)
        return buffer
    }

    /// Memory for `count` elements that their user initializes.
    func uninitialized<Element: BitwiseCopyable>(_ count: Int) -> UnsafeMutablePointer<Element> {
        let pointer = UnsafeMutablePointer<Element>.allocate(capacity: count)
        release.append { pointer.deallocate() }
        return pointer
    }

    /// Keeps an object that owns memory.
    func keep(_ owner: AnyObject) {
        release.append { withExtendedLifetime(owner) {} }
    }

    private func keep<Element>(_ buffer: UnsafeMutableBufferPointer<Element>) {
        release.append {
            buffer.deinitialize()
            buffer.deallocate()
        }
    }
}
