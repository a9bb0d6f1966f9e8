"""Encoders for embeddings."""

from .architecture import Architecture


def encoder(model_type: str, model_class: str, **fields) -> dict:
    return {
        "architectures": [model_class], "model_type": model_type, "vocab_size": 512, "hidden_size": 384,
        "intermediate_size": 768, "num_attention_heads": 12, "num_hidden_layers": 2, "hidden_act": "gelu",
        "layer_norm_eps": 1e-12, "max_position_embeddings": 512, "type_vocab_size": 2, "pad_token_id": 0,
        "position_embedding_type": "absolute", "torch_dtype": "float32",
    } | fields


#: XLM-R counts positions from the one after the padding token's number.
XLM_R = {"layer_norm_eps": 1e-5, "type_vocab_size": 1, "max_position_embeddings": 514, "pad_token_id": 1}

ENCODERS = {
    # all-MiniLM: heads of 32.
    "minilm": Architecture(encoder("bert", "BertModel"), context=512),
    "bert": Architecture(encoder("bert", "BertModel", hidden_size=768, intermediate_size=1536), context=512),
    "xlm-roberta": Architecture(
        encoder("xlm-roberta", "XLMRobertaModel", hidden_size=768, bos_token_id=0, eos_token_id=2, **XLM_R), context=512
    ),
    "roberta": Architecture(
        encoder("roberta", "RobertaModel", bos_token_id=0, eos_token_id=2, **XLM_R), context=512
    ),
}
