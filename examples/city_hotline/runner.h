// Drives an engine through a script on a simulated clock. Every timer fires and
// is recorded with its own instant; what happens within two minutes is done
// together.
//
// A run may be killed at any point. Each command bears a key, each contact its
// telephone id, and a progress file beside the store says how far everything
// is done; the next run goes back to there and repeats what follows under the
// same keys, which has no second effect.
#ifndef HOTLINE_EXAMPLES_CITY_HOTLINE_RUNNER_H_
#define HOTLINE_EXAMPLES_CITY_HOTLINE_RUNNER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "crew.h"
#include "generator.h"
#include "hotline/clock.h"
#include "hotline/engine.h"

namespace city {

struct RunnerOptions {
  // Where the progress is kept; empty: nowhere.
  std::string progress_path;
  // Says which run this is; another run's progress is refused.
  std::string identity;
  // Open for appending: a line for each answered command. -1: none.
  int acks_fd = -1;
  // Threads that call the engine.
  int hands = 16;
  // Called with the share that is done.
  std::function<void(double)> on_progress;
};

struct RunCounts {
  int64_t commands = 0;  // answered, contacts included
  int64_t repeated = 0;  // of those: done before, by a run that was killed
  int64_t contacts = 0;
  int64_t timers = 0;  // that had something to record
  int64_t sent = 0;
  double seconds = 0;                  // real ones
  std::map<std::string, int> refused;  // "assign: ILLEGAL_VERB" -> how often
  std::string first_refusal;
};

class Runner final {
 public:
  Runner(hotline::Engine* engine, hotline::SimulatedClock* clock,
         const Script* script, RunnerOptions options);

  // Does the script from where the progress stands to its end, then lets the
  // clock run until no timer is left.
  absl::StatusOr<RunCounts> Run();

 private:
  // Commands of one actor at one instant.
  struct Batch {
    hotline::Actor actor;
    std::vector<const Step*> steps;
  };

  absl::Status ReadProgress();
  absl::Status WriteProgress(absl::Time now);
  absl::Status FireUntil(absl::Time until);
  absl::Status LookNow();
  size_t GroupFrom(size_t first, std::vector<Batch>* batches) const;
  absl::Status DoGroup(const std::vector<Batch>& batches);
  void DoBatch(const Batch& batch);
  void RecordContact(int call);
  absl::StatusOr<std::string> ReferenceOf(int call);
  absl::StatusOr<hotline::v1::Command> Prepare(const Step& step);
  void Answered(const Step& step,
                const absl::StatusOr<hotline::v1::Receipt>& receipt,
                std::string* acks);
  void Acknowledge(const std::string& lines);
  void Fail(const absl::Status& status);

  hotline::Engine* engine_;
  hotline::SimulatedClock* clock_;
  const Script* script_;
  RunnerOptions options_;
  Crew crew_;
  absl::Time next_due_ = absl::InfinitePast();  // the first look comes at once
  size_t start_ = 0;
  absl::Time start_at_ = absl::InfinitePast();
  std::vector<std::string> references_;  // by call

  std::mutex mutex_;
  RunCounts counts_;
  absl::Status failed_;
};

}  // namespace city

#endif  // HOTLINE_EXAMPLES_CITY_HOTLINE_RUNNER_H_
