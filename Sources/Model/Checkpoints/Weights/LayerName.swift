/// The name of a layer's tensor, taken apart: `PREFIX` `LAYER.` `REST`.
struct LayerName {
    /// Which layer.
    var layer: Int
    /// What follows its number.
    var rest: Substring

    /// `nil` if the name isn't `prefix`, a number and a rest.
    init?(_ name: Substring, prefix: String) {
        guard name.hasPrefix(prefix) else { return nil }
        let tail = name.dropFirst(prefix.count)
        guard let dot = tail.firstIndex(of: "."), let layer = Int(tail[..<dot]), layer >= 0, tail[..<dot].utf8.count < 8
        else { return nil }
        self.layer = layer
        rest = tail[tail.index(after: dot)...]
    }
}
