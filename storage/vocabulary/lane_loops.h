// For functions whose loops over lanes are what reading and judging many subjects are made of:
// where the compiler can, they are compiled for processors with wide registers, too, and the best
// is taken when the program starts. Results are the same on all of them; a file that computes in
// floating point must be compiled with -ffp-contract=off, so that no products are fused into sums.
#pragma once

#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define SHOUWANG_LANE_LOOPS \
  __attribute__((flatten, target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define SHOUWANG_LANE_LOOPS
#endif
