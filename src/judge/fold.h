// One fact at a time, for Judge, which folds as it goes.
#ifndef HOTLINE_SRC_JUDGE_FOLD_H_
#define HOTLINE_SRC_JUDGE_FOLD_H_

#include "hotline/v1/case.pb.h"
#include "hotline/v1/event.pb.h"

namespace hotline::internal {

void EvolveFact(const v1::Fact& fact, v1::Case* on);
// What follows the facts: version, instants, the sealed body.
void CloseFold(const v1::Event& event, v1::Case* on);
// Set fields of `changes` replace those of `on`.
void EvolveSealed(const v1::CaseSealed& changes, v1::CaseSealed* on);

}  // namespace hotline::internal

#endif  // HOTLINE_SRC_JUDGE_FOLD_H_
