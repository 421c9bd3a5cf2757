// The notification door. Implement Notifier and the library's notices go where
// you say. An adapter hands over and answers; it never retries, renders, reads
// a clock or the store: the engine does.
//
// Thread rule: Send may be called from any thread, several at a time.
// Lifetime: the host owns the notifier; it must outlive the engine.
#ifndef HOTLINE_NOTIFIER_H_
#define HOTLINE_NOTIFIER_H_

#include <span>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace hotline {

// One message to one recipient, ready to be handed over.
struct Envelope {
  std::string dedupe_key;  // the same on every attempt; receivers drop repeats
  std::string tenant;
  std::string channel;    // the notifier's name
  std::string reference;  // of the case
  std::string event_id;   // unique per event and notice
  std::string notice;     // NoticeSpec.code
  std::string type;       // CloudEvents type
  int64_t sequence = 0;   // event number in the case
  absl::Time time;        // when it happened, not when it is sent
  std::string recipient;  // a name: `unit:lights`, `reporter`
  std::string address;    // personal; never log it. May be empty
  std::string locale;     // BCP 47
  std::string subject;
  std::string text;
  int attempt = 1;
};

enum class Outcome {
  kDelivered,
  kTransient,  // nothing was accepted; try again
  kThrottled,  // try again, not before `retry_after`
  kPermanent,  // this message is refused for good
  kUnknown,    // it may have arrived; tried again under the same key
};

struct SendResult {
  Outcome outcome = Outcome::kUnknown;
  absl::Duration retry_after = absl::ZeroDuration();
  std::string detail;  // no address, no text; at most 256 bytes are kept
};

class Notifier {
 public:
  virtual ~Notifier() = default;

  // The channel it serves: `mail`, `sms`, `webhook`, `file`. Never changes.
  virtual std::string name() const = 0;

  // One result for each envelope, in order. Blocks until `deadline` at most;
  // what is not settled by then is kUnknown. Never throws.
  virtual std::vector<SendResult> Send(std::span<const Envelope> envelopes,
                                       absl::Time deadline) = 0;
};

}  // namespace hotline

#endif  // HOTLINE_NOTIFIER_H_
