#include "benchmarks/allocations.h"

#include <cstdlib>
#include <new>

namespace {

// One add on a thread's own word: too little to be seen in a ratio.
thread_local int64_t allocations = 0;

void* Take(std::size_t bytes) {
  ++allocations;
  if (void* block = std::malloc(bytes == 0 ? 1 : bytes)) return block;
  throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t bytes) { return Take(bytes); }
void* operator new[](std::size_t bytes) { return Take(bytes); }
void operator delete(void* block) noexcept { std::free(block); }
void operator delete[](void* block) noexcept { std::free(block); }
void operator delete(void* block, std::size_t) noexcept { std::free(block); }
void operator delete[](void* block, std::size_t) noexcept { std::free(block); }

namespace hotline::bench {

int64_t Allocations() { return allocations; }

}  // namespace hotline::bench
