"""What a reference checkpoint is made from."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Architecture:
    """A small model with every feature of its family, and sizes of heads and shares as published models have them."""

    #: `config.json`, in the words of published checkpoints.
    config: dict
    #: Feature -> the fields that take it away. Each must change the logits, or the comparison would not see the feature.
    without: dict[str, dict] = field(default_factory=dict)
    #: Part of a tensor's name -> factor on its random numbers, where the usual size wouldn't reach a limit or a cap.
    gains: dict[str, float] = field(default_factory=dict)
    #: Positions that are learned, not computed, end here; longest sequence that can be compared.
    context: int = 1024

    def changed(self, fields: dict) -> dict:
        """The configuration with some fields changed; None takes one away."""
        config = self.config | fields
        return {name: value for name, value in config.items() if value is not None or name not in fields}


def decoder(model_type: str, model_class: str, **fields) -> dict:
    """The part of `config.json` that most decoders share."""
    return {
        "architectures": [model_class],
        "model_type": model_type,
        "vocab_size": 512,
        "hidden_size": 512,
        "intermediate_size": 768,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 1024,
        "bos_token_id": 1,
        "eos_token_id": 2,
        "pad_token_id": 0,
        "tie_word_embeddings": False,
        "torch_dtype": "float32",
        "transformers_version": "4.51.0",
    } | fields


#: Narrower than the compared sequences, and no multiple of a tile.
WINDOW = 100
