internal import Checkpoints

/// Command-R7B and Command-A: like Command-R; layers with a window rotate, those without don't.
enum Cohere2: DecoderFamily {
    static func adapt(_ layer: inout LayerShape, _ tensors: TensorCatalog) {
        layer.sharesNorm = true
    }
}
