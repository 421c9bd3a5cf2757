// What is wrong with clocks, targets and ladders, told all at once.
#ifndef HOTLINE_SRC_RULES_SLA_CHECKS_H_
#define HOTLINE_SRC_RULES_SLA_CHECKS_H_

#include <string>

#include "hotline/error.h"
#include "hotline/v1/policy.pb.h"

namespace hotline::internal {

void CheckClocksAndLadders(const v1::PolicySpec& spec, Problems* problems);
void CheckUse(const v1::PolicySpec& spec, const v1::ClockUse& use,
              const std::string& path, Problems* problems);

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_RULES_SLA_CHECKS_H_
