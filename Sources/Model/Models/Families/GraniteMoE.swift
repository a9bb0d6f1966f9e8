/// Granite 3 with experts: Granite whose feed-forward parts are mixtures.
enum GraniteMoE: DecoderFamily {}
