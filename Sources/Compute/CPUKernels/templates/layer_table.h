// The table of one instruction set, from the functions of the templates in this folder.
#define LAYER_KERNEL_TABLE(NAME)                                                                                       \
    {                                                                                                                  \
        .name = NAME, .rms_norm = KERNEL(rms_norm), .layer_norm = KERNEL(layer_norm), .add = KERNEL(add),              \
        .scale = KERNEL(scale), .softcap = KERNEL(softcap),                                                            \
        .gated =                                                                                                       \
            {                                                                                                          \
                [ACTIVATION_SILU] = KERNEL(gated_silu),                                                                \
                [ACTIVATION_GELU_TANH] = KERNEL(gated_gelu_tanh),                                                      \
                [ACTIVATION_GELU_ERF] = KERNEL(gated_gelu_erf),                                                        \
                [ACTIVATION_RELU] = KERNEL(gated_relu),                                                                \
                [ACTIVATION_RELU_SQUARED] = KERNEL(gated_relu_squared),                                                \
            },                                                                                                         \
        .plain =                                                                                                       \
            {                                                                                                          \
                [ACTIVATION_SILU] = KERNEL(plain_silu),                                                                \
                [ACTIVATION_GELU_TANH] = KERNEL(plain_gelu_tanh),                                                      \
                [ACTIVATION_GELU_ERF] = KERNEL(plain_gelu_erf),                                                        \
                [ACTIVATION_RELU] = KERNEL(plain_relu),                                                                \
                [ACTIVATION_RELU_SQUARED] = KERNEL(plain_relu_squared),                                                \
            },                                                                                                         \
        .gated_within = KERNEL(gated_within),                                                                          \
        .rotate_halves = KERNEL(rotate_halves), .rotate_pairs = KERNEL(rotate_pairs),                                  \
        .store_key_value = KERNEL(store_key_value), .attend = KERNEL(attend),                                          \
        .attend_segments = KERNEL(attend_segments), .merge_segments = KERNEL(merge_segments),                          \
        .group_maxima = KERNEL(group_maxima), .sum_of_exponentials = KERNEL(sum_of_exponentials),                      \
        .exponentials = KERNEL(exponentials), .collect_at_least = KERNEL(collect_at_least),                            \
    }
