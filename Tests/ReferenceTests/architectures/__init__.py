"""Every architecture that is compared with `transformers`, by the name of its checkpoint's directory."""

from .architecture import Architecture
from .bloom_like import BLOOM_LIKE
from .encoders import ENCODERS
from .experts import EXPERTS
from .llama_like import LLAMA_LIKE
from .rotary import ROTARY

DECODERS: dict[str, Architecture] = LLAMA_LIKE | ROTARY | BLOOM_LIKE | EXPERTS
ARCHITECTURES: dict[str, Architecture] = DECODERS | ENCODERS
