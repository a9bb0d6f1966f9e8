// The table of one instruction set, from the functions of the templates in this folder.
#define LAYER_KERNEL_TABLE(NAME)                                                                                       \
    {                                                                                                                  \
        .name = NAME, .rms_norm = KERNEL(rms_norm), .add = KERNEL(add), .scale = KERNEL(scale),                        \
        .silu_multiply = KERNEL(silu_multiply), .gelu_multiply = KERNEL(gelu_multiply),                                \
        .rotate_halves = KERNEL(rotate_halves), .rotate_pairs = KERNEL(rotate_pairs),                                  \
        .store_key_value = KERNEL(store_key_value), .attend = KERNEL(attend),                                          \
        .attend_segments = KERNEL(attend_segments), .merge_segments = KERNEL(merge_segments),                          \
        .group_maxima = KERNEL(group_maxima), .sum_of_exponentials = KERNEL(sum_of_exponentials),                      \
        .exponentials = KERNEL(exponentials), .collect_at_least = KERNEL(collect_at_least),                            \
    }
