// A notifier that remembers what it was given and answers what it is told to.
//
//   hotline::testing::RecordingNotifier mail("mail");
//   mail.AnswerNext({hotline::Outcome::kTransient});   // once, then kDelivered
//   auto engine = hotline::Engine::Open(store.get(), {.notifiers = {&mail}});
//   (*engine)->Execute(agent, command).IgnoreError();
//   EXPECT_EQ(mail.sent().size(), 1u);
//
// Thread rule: any method, any thread. Lifetime: must outlive the engine.
#ifndef HOTLINE_TESTING_RECORDING_NOTIFIER_H_
#define HOTLINE_TESTING_RECORDING_NOTIFIER_H_

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "hotline/notifier.h"

namespace hotline::testing {

class RecordingNotifier final : public Notifier {
 public:
  explicit RecordingNotifier(std::string_view channel = "file");
  ~RecordingNotifier() override;
  RecordingNotifier(const RecordingNotifier&) = delete;
  RecordingNotifier& operator=(const RecordingNotifier&) = delete;

  std::string name() const override;
  std::vector<SendResult> Send(std::span<const Envelope> envelopes,
                               absl::Time deadline) override;

  // What further envelopes are answered: first those queued by AnswerNext, one
  // each, then always `answer`.
  void AnswerNext(const SendResult& answer);
  void AnswerAlways(const SendResult& answer);

  // Everything handed over so far, in order; every attempt counts.
  std::vector<Envelope> sent() const;
  // Those of one notice code.
  std::vector<Envelope> SentOf(std::string_view notice) const;
  void Clear();

 private:
  struct State;
  const std::string channel_;
  const std::unique_ptr<State> state_;
};

}  // namespace hotline::testing

#endif  // HOTLINE_TESTING_RECORDING_NOTIFIER_H_
