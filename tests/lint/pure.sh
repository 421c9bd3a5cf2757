#!/bin/bash
# Proves that the rules and the judge are pure: no clock, no randomness, no
# environment, no thread, no files in src/rules and src/judge; and that outside
# src/base no part of the core looks at a clock or draws entropy by itself.
source "$(dirname "${BASH_SOURCE[0]}")/lint.bash"

clocks='absl::Now\(|GetCurrentTimeNanos|(system|high_resolution)_clock'
clocks+='|[^a-zA-Z_:.>]time\((NULL|nullptr|0|&)|gettimeofday|clock_gettime'
random='random_device|mt19937|[^a-zA-Z_]s?rand\(|randombytes|RandomBytes\('
random+='|absl::(Insecure)?BitGen'
hosts='getenv|LocalTimeZone\(|std::j?thread|std::async|thread_local|fopen\('
hosts+='|include <(thread|mutex|random|chrono|fstream|iostream|filesystem)>'

cpp_files src/rules src/judge | code_of > "$work/rules"
forbid "$work/rules" 'the rules have no clock' \
  "$clocks|steady_clock|RealClock\\("
forbid "$work/rules" 'the rules draw nothing at random' \
  "$random|SystemEntropy\\("
forbid "$work/rules" 'the rules see no environment, thread or file' "$hosts"

cpp_files src/ports src/engine src/readers | code_of > "$work/core"
forbid "$work/core" 'time comes from the Clock' "$clocks"
forbid "$work/core" 'chance comes from the Entropy' "$random"
forbid "$work/core" 'the host owns its threads and its environment' \
  'getenv|LocalTimeZone\(|std::j?thread[ ({]|std::async'
exit $faults
