"""Makes a GGUF file of each architecture in architectures/, with the keys and names that llama.cpp's converter writes.

The models have no sense: a few tensors of zeros, and numbers that differ from each other so that none is taken for another.

    python make-architectures.py          needs gguf 0.19 and numpy 2
"""

import math
from pathlib import Path

import gguf
import numpy as np

FOLDER = Path(__file__).parent / "architectures"
HEADS, KV, WIDTH, LAYERS, FEED_FORWARD, CONTEXT = 4, 2, 32, 4, 48, 512
LAYER_NORMS = {"starcoder2", "gpt2", "gptneox", "falcon", "command-r", "cohere2", "stablelm", "bert"}


def write(arch, fill, tensors=(), kv=KV, window=None):
    w = gguf.GGUFWriter(str(FOLDER / f"{arch}.gguf"), arch)
    w.add_vocab_size(8)
    w.add_context_length(CONTEXT)
    w.add_embedding_length(WIDTH)
    w.add_block_count(LAYERS)
    w.add_feed_forward_length(FEED_FORWARD)
    w.add_head_count(HEADS)
    if kv:
        w.add_head_count_kv(kv)
    (w.add_layer_norm_eps if arch in LAYER_NORMS else w.add_layer_norm_rms_eps)(0.125)
    if window:
        w.add_sliding_window(window)
    fill(w)
    for name, shape in [("token_embd.weight", (8, WIDTH)), *tensors]:
        w.add_tensor(name, np.arange(1, math.prod(shape) + 1, dtype=np.float32).reshape(shape))
    w.write_header_to_file()
    w.write_kv_data_to_file()
    w.write_tensors_to_file()
    w.close()


def granite(w):
    w.add_embedding_scale(12)
    w.add_residual_scale(0.25)
    w.add_attention_scale(0.5)
    w.add_logit_scale(8)


def granitemoe(w):
    granite(w)
    w.add_expert_count(8)
    w.add_expert_used_count(2)


def experts(*, width, shared=0):
    def fill(w):
        w.add_expert_count(8)
        w.add_expert_used_count(2)
        w.add_expert_feed_forward_length(width)
        if shared:
            w.add_expert_shared_feed_forward_length(shared)
    return fill


def mixtral(w):
    w.add_expert_count(8)
    w.add_expert_used_count(2)


def gemma2(w):
    w.add_key_length(16)
    w.add_value_length(16)
    w.add_attn_logit_softcapping(50)
    w.add_final_logit_softcapping(30)


def phi3(w):
    w.add_rope_dimension_count(4)
    w.add_rope_scaling_orig_ctx_len(128)
    w.add_rope_scaling_attn_factors(1.25)


def gpt_oss(w):
    experts(width=24)(w)
    w.add_key_length(16)
    w.add_value_length(16)
    w.add_rope_freq_base(150000)
    w.add_rope_scaling_type(gguf.RopeScalingType.YARN)
    w.add_rope_scaling_factor(32)
    w.add_rope_scaling_orig_ctx_len(64)


def deepseek2(w):
    experts(width=24)(w)
    w.add_q_lora_rank(20)
    w.add_kv_lora_rank(12)
    w.add_key_length(16)
    w.add_value_length(12)
    w.add_key_length_mla(10)
    w.add_value_length_mla(6)
    w.add_rope_dimension_count(4)
    w.add_leading_dense_block_count(1)
    w.add_expert_shared_count(2)
    w.add_expert_weights_scale(2.5)
    w.add_expert_weights_norm(True)
    w.add_expert_gating_func(gguf.ExpertGatingFuncType.SIGMOID)
    w.add_expert_group_count(4)
    w.add_expert_group_used_count(2)
    w.add_rope_scaling_type(gguf.RopeScalingType.YARN)
    w.add_rope_scaling_factor(4)
    w.add_rope_scaling_orig_ctx_len(128)
    w.add_rope_scaling_yarn_log_mul(0.1)


def bert(w):
    w.add_causal_attention(False)
    w.add_pooling_type(gguf.PoolingType.CLS)
    w.add_token_type_count(2)


def nothing(w):
    pass


QKV = [("blk.1.attn_qkv.weight", (2 * WIDTH, WIDTH)), ("blk.1.attn_qkv.bias", (2 * WIDTH,))]

FOLDER.mkdir(exist_ok=True)
write("llama", mixtral, window=100)
write("qwen2", nothing)
write("qwen3", nothing)
write("gemma2", gemma2, window=100)
write("phi3", phi3, [
    *QKV, ("blk.1.ffn_up.weight", (2 * FEED_FORWARD, WIDTH)),
    ("rope_factors_short.weight", (2,)), ("rope_factors_long.weight", (2,)),
], window=100)
write("smollm3", nothing)
write("granite", granite)
write("olmo2", nothing)
write("starcoder2", nothing)
write("gpt2", nothing, [("blk.1.attn_qkv.weight", (3 * WIDTH, WIDTH))], kv=None)
write("gptneox", lambda w: (w.add_rope_dimension_count(2), w.add_parallel_residual(False)), kv=None)
write("falcon", nothing, kv=1)
write("command-r", lambda w: w.add_logit_scale(0.0625))
write("cohere2", lambda w: w.add_logit_scale(0.25), window=100)
write("stablelm", lambda w: (w.add_rope_dimension_count(2), w.add_parallel_residual(True)))
write("qwen2moe", experts(width=24, shared=40))
write("qwen3moe", experts(width=24))
write("olmoe", mixtral)
write("granitemoe", granitemoe, [("blk.0.ffn_gate_exps.weight", (8, FEED_FORWARD, WIDTH))])
write("deepseek2", deepseek2, [("blk.1.exp_probs_b.bias", (8,)), ("blk.0.attn_kv_b.weight", (4 * 12, 12))], kv=1)
write("gpt-oss", gpt_oss, [("blk.0.attn_sinks.weight", (4,)), ("blk.0.post_attention_norm.weight", (WIDTH,))], window=100)
write("bert", bert, [("token_types.weight", (2, WIDTH))], kv=None)
