// Instantiates INTEGER_FORM and FLOAT_FORM for the packed forms, and the table of the results.

INTEGER_FORM(U4_32)
INTEGER_FORM(U4K_32)
INTEGER_FORM(U4S_32)
INTEGER_FORM(C4_32)
INTEGER_FORM(E2M1)
INTEGER_FORM(U2_16)
INTEGER_FORM(U3S_16)
INTEGER_FORM(U5_32)
INTEGER_FORM(U5K_32)
INTEGER_FORM(U5S_32)
INTEGER_FORM(U6K_16)
INTEGER_FORM(S8_32)
FLOAT_FORM(F16)
FLOAT_FORM(F32)
FLOAT_FORM(E4M3)

#define MATMUL_KERNEL_TABLE(NAME, QUANTIZE, ROUND, BF16, FACTOR)                                                       \
    {                                                                                                                  \
        .name = NAME,                                                                                                  \
        .multiply =                                                                                                    \
            {                                                                                                          \
                [PACKED_U4_32] = multiply_U4_32,                                                                       \
                [PACKED_U4K_32] = multiply_U4K_32,                                                                     \
                [PACKED_U4S_32] = multiply_U4S_32,                                                                     \
                [PACKED_C4_32] = multiply_C4_32,                                                                       \
                [PACKED_E2M1] = multiply_E2M1,                                                                         \
                [PACKED_U2_16] = multiply_U2_16,                                                                       \
                [PACKED_U3S_16] = multiply_U3S_16,                                                                     \
                [PACKED_U5_32] = multiply_U5_32,                                                                       \
                [PACKED_U5K_32] = multiply_U5K_32,                                                                     \
                [PACKED_U5S_32] = multiply_U5S_32,                                                                     \
                [PACKED_U6K_16] = multiply_U6K_16,                                                                     \
                [PACKED_S8_32] = multiply_S8_32,                                                                       \
                [PACKED_BF16] = BF16,                                                                                  \
                [PACKED_F16] = multiply_F16,                                                                           \
                [PACKED_F32] = multiply_F32,                                                                           \
                [PACKED_E4M3] = multiply_E4M3,                                                                         \
            },                                                                                                         \
        .quantize = QUANTIZE,                                                                                          \
        .round = ROUND,                                                                                                \
        .multiply_factor = FACTOR,                                                                                     \
    }
