#include "hotline/testing/recording_notifier.h"

#include <deque>

#include "src/base/mutex.h"

namespace hotline::testing {

using hotline::internal::MutexLock;

struct RecordingNotifier::State {
  hotline::internal::Mutex mutex;
  std::vector<Envelope> sent ABSL_GUARDED_BY(mutex);
  std::deque<SendResult> next ABSL_GUARDED_BY(mutex);
  SendResult always ABSL_GUARDED_BY(mutex) = {.outcome = Outcome::kDelivered};
};

RecordingNotifier::RecordingNotifier(std::string_view channel)
    : channel_(channel), state_(std::make_unique<State>()) {}
RecordingNotifier::~RecordingNotifier() = default;

std::string RecordingNotifier::name() const { return channel_; }

std::vector<SendResult> RecordingNotifier::Send(
    std::span<const Envelope> envelopes, absl::Time) {
  MutexLock lock(&state_->mutex);
  std::vector<SendResult> results;
  for (const Envelope& envelope : envelopes) {
    state_->sent.push_back(envelope);
    if (state_->next.empty()) {
      results.push_back(state_->always);
    } else {
      results.push_back(state_->next.front());
      state_->next.pop_front();
    }
  }
  return results;
}

void RecordingNotifier::AnswerNext(const SendResult& answer) {
  MutexLock lock(&state_->mutex);
  state_->next.push_back(answer);
}

void RecordingNotifier::AnswerAlways(const SendResult& answer) {
  MutexLock lock(&state_->mutex);
  state_->always = answer;
}

std::vector<Envelope> RecordingNotifier::sent() const {
  MutexLock lock(&state_->mutex);
  return state_->sent;
}

std::vector<Envelope> RecordingNotifier::SentOf(std::string_view notice) const {
  std::vector<Envelope> of;
  for (Envelope& envelope : sent()) {
    if (envelope.notice == notice) of.push_back(std::move(envelope));
  }
  return of;
}

void RecordingNotifier::Clear() {
  MutexLock lock(&state_->mutex);
  state_->sent.clear();
}

}  // namespace hotline::testing
