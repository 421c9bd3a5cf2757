// Whom to tell: the policy's notices for what just happened, one delivery for
// each recipient, and a fact that says who was told or why nobody was.
#include <set>

#include "absl/strings/str_cat.h"
#include "src/base/absl_bridge.h"
#include "src/base/time.h"
#include "src/judge/docket.h"

namespace hotline::internal {
namespace {

constexpr char kDefaultChannel[] = "file";

}  // namespace

void Docket::TellOne(const Telling& telling, const std::string& recipient,
                     const std::string& channel, const std::string& key,
                     absl::Time at, std::string_view not_because) {
  v1::Noticed* fact = Begin(at)->mutable_noticed();
  fact->set_notice(telling.notice->code());
  fact->set_to(telling.to);
  fact->set_recipient(recipient);
  fact->set_channel(channel);
  fact->set_not_because(std::string(not_because));
  const v1::ClockState* shown = Shown();
  if (shown != nullptr && shown->has_due() &&
      shown->state() == v1::ClockState::RUNNING) {
    *fact->mutable_due() = shown->due();
  }
  Done();
  if (!not_because.empty()) return;
  plan_.deliveries.push_back({.notice = telling.notice->code(),
                              .to = telling.to,
                              .recipient = recipient,
                              .channel = channel,
                              .occurrence = key,
                              .at = at});
}

std::vector<Telling> Docket::TellingsOf(const Occasion& occasion) const {
  const Category* found = category();
  return policy_->notices().Plan(
      occasion,
      found != nullptr ? found->Chain() : std::vector<std::string_view>());
}

void Docket::Tell(const Occasion& occasion, const std::string& key,
                  absl::Time at) {
  for (const Telling& telling : TellingsOf(occasion)) {
    const std::string channel = telling.notice->channel().empty()
                                    ? kDefaultChannel
                                    : telling.notice->channel();
    const auto tell = [&](const std::string& recipient,
                          std::string_view not_because = "") {
      TellOne(telling, recipient, channel, key, at, not_because);
    };
    switch (telling.to) {
      case v1::NoticeSpec::TO_REPORTER: {
        const v1::Person& reporter = on().sealed().reporter();
        const bool own_choice =
            telling.notice->channel().empty() && !reporter.channel().empty();
        if (on().erased() || !on().sealed().has_reporter()) {
          tell("reporter", on().erased() ? "erased" : "anonymous");
        } else {
          TellOne(telling, "reporter",
                  own_choice ? reporter.channel() : channel, key, at, "");
        }
        break;
      }
      case v1::NoticeSpec::TO_ASSIGNEE:
        on().assignee().empty() ? tell("agent:", "nobody is assigned")
                                : tell("agent:" + on().assignee());
        break;
      case v1::NoticeSpec::TO_UNIT:
        on().unit().empty() ? tell("unit:", "no unit holds it")
                            : tell("unit:" + on().unit());
        break;
      case v1::NoticeSpec::TO_PARENT_UNIT: {
        const auto units = policy_->routing().UnitChain(on().unit());
        units.size() < 2 ? tell("unit:", "there is no unit above")
                         : tell(absl::StrCat("unit:", ToAbsl(units[1])));
        break;
      }
      case v1::NoticeSpec::TO_WATCHERS:
        for (int i = 0; i < on().sealed().parties_size(); ++i) {
          if (on().sealed().parties(i).role() == v1::Party::WATCHER) {
            tell(absl::StrCat("watcher:", i));
          }
        }
        break;
      case v1::NoticeSpec::TO_ROLE:
        tell("role:" + telling.notice->role());
        break;
      default:
        break;
    }
  }
}

// A date that has passed is no news anybody can use.
void Docket::TellIfDueMoved(absl::Time at) {
  const v1::ClockState* shown = Shown();
  if (!on().has_told_due() || shown == nullptr || !shown->has_due() ||
      shown->state() != v1::ClockState::RUNNING ||
      FromTimestamp(shown->due()) <= at ||
      FromTimestamp(shown->due()) == FromTimestamp(on().told_due())) {
    return;
  }
  const Occasion moved{.due_moved = true};
  if (TellingsOf(moved).empty()) return;  // nor is there a need for its name
  Tell(moved, absl::StrCat("due/", FormatUtc(FromTimestamp(shown->due()))), at);
}

}  // namespace hotline::internal
