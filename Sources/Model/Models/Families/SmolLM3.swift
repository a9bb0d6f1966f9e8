/// SmolLM3: Llama with layers that don't rotate, as the configuration says.
enum SmolLM3: DecoderFamily {}
