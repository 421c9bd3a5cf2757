// What the engine did, for metrics, traces and logs. Every method has an empty
// body, so that an observer overrides what it wants. Nothing personal is ever
// passed.
//
// Thread rule: called from the threads that call the engine, outside its locks;
// must be quick and must not call the engine. Lifetime: the host's.
#ifndef HOTLINE_OBSERVER_H_
#define HOTLINE_OBSERVER_H_

#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "hotline/v1/command.pb.h"

namespace hotline {

class Observer {
 public:
  virtual ~Observer() = default;

  // A command was answered.
  virtual void OnCommand(std::string_view /*tenant*/, v1::Verb /*verb*/,
                         const absl::Status& /*result*/, int /*times_judged*/) {
  }
  // One durable transaction ended.
  virtual void OnCommit(int /*writes*/, const absl::Status& /*result*/) {}
  // A delivery was handed over.
  virtual void OnSend(std::string_view /*channel*/, bool /*delivered*/) {}
  // Something a person should look at: a tick that fails for its own reason, a
  // snapshot that does not fold, a tenant without policy.
  virtual void OnAlarm(std::string_view /*tenant*/, std::string_view /*what*/,
                       const absl::Status& /*why*/) {}
};

}  // namespace hotline

#endif  // HOTLINE_OBSERVER_H_
