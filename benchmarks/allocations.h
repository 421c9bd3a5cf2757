// Counts what the calling thread asks of operator new.
#ifndef HOTLINE_BENCHMARKS_ALLOCATIONS_H_
#define HOTLINE_BENCHMARKS_ALLOCATIONS_H_

#include <cstdint>

namespace hotline::bench {

// Of this thread, since it began.
int64_t Allocations();

}  // namespace hotline::bench

#endif  // HOTLINE_BENCHMARKS_ALLOCATIONS_H_
