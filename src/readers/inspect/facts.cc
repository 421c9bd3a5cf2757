// Facts in words, one short clause each.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "src/base/absl_bridge.h"
#include "src/readers/inspect/history.h"
#include "src/readers/inspect/words.h"

namespace hotline::internal {
namespace {

std::string Or(std::string_view text, std::string_view otherwise) {
  return std::string(text.empty() ? otherwise : text);
}

std::string With(std::string_view before, std::string_view text) {
  return text.empty() ? "" : absl::StrCat(ToAbsl(before), ToAbsl(text));
}

std::string AssignedWords(const v1::Assigned& a) {
  if (a.unit().empty() && a.assignee().empty()) {
    return a.ambiguous().empty()
               ? absl::StrCat("nobody assigned", With(": ", a.because()))
               : absl::StrCat("nobody assigned: routes name ",
                              absl::StrJoin(a.ambiguous(), " and "), " alike");
  }
  std::string out = a.transferred() ? "transferred to" : "assigned to";
  if (!a.unit().empty()) absl::StrAppend(&out, " unit ", a.unit());
  if (!a.assignee().empty()) absl::StrAppend(&out, " agent ", a.assignee());
  return absl::StrCat(out, With(", because of ", a.because()));
}

std::string ClockWords(const v1::ClockSet& set, absl::TimeZone zone) {
  const v1::ClockState& clock = set.clock();
  std::string out =
      absl::StrCat("clock ", ClockTitle(clock), ": ",
                   LowerCase(v1::ClockState::State_Name(clock.state())));
  if (clock.has_due()) {
    absl::StrAppend(&out, ", due ", LocalInstant(At(clock.due()), zone));
  }
  if (set.has_moved_from()) {
    absl::StrAppend(&out, ", moved from ",
                    LocalInstant(At(set.moved_from()), zone));
  }
  return absl::StrCat(out, With(" because of ", set.because()));
}

std::string LevelRecordedWords(const v1::LevelRecorded& r,
                               absl::TimeZone zone) {
  std::string out = absl::StrCat(r.breach() ? "broken: clock " : "clock ",
                                 r.clock(), ", level ", r.level().level());
  if (r.has_due()) {
    absl::StrAppend(&out, ", due ", LocalInstant(At(r.due()), zone));
  }
  if (r.level().late()) absl::StrAppend(&out, ", noticed late");
  if (r.level().stale()) absl::StrAppend(&out, ", stale");
  return out;
}

std::string NoticedWords(const v1::Noticed& n, absl::TimeZone zone) {
  const std::string to =
      Or(n.recipient(), LowerCase(v1::NoticeSpec::Recipient_Name(n.to())));
  if (!n.not_because().empty()) {
    return absl::StrCat("notice ", n.notice(), " not sent to ", to, ": ",
                        n.not_because());
  }
  std::string out = absl::StrCat("notice ", n.notice(), " to ", to);
  if (!n.channel().empty()) absl::StrAppend(&out, " by ", n.channel());
  if (n.has_due()) {
    absl::StrAppend(&out, ", saying due ", LocalInstant(At(n.due()), zone));
  }
  return out;
}

std::string FollowUpWords(const v1::FollowUp& f) {
  if (!f.open()) return "follow-up done";
  return absl::StrCat("follow-up open", With(" at unit ", f.unit()),
                      With(", agent ", f.assignee()));
}

std::string ExtensionWords(const v1::ExtensionSet& set, absl::TimeZone zone) {
  if (!set.has_extension()) return "extension request lapsed";
  const v1::Extension& e = set.extension();
  return absl::StrCat(
      "extension of ", Or(e.clock(), "the clock"), " ",
      LowerCase(v1::Extension::State_Name(e.state())),
      e.has_until() ? absl::StrCat(" until ", LocalInstant(At(e.until()), zone))
                    : "");
}

std::string LinkedWords(const v1::Linked& l) {
  if (l.merged_into()) return absl::StrCat("merged into ", l.reference());
  if (l.merged_from()) return absl::StrCat("goes on for ", l.reference());
  if (l.kind() == v1::Link::NONE)
    return absl::StrCat("unlinked from ", l.reference());
  if (l.kind() == v1::Link::RELATED)
    return absl::StrCat("related to ", l.reference());
  return absl::StrCat(l.as_parent() ? "parent of " : "child of ",
                      l.reference());
}

std::string WaitingWords(const v1::WaitingSet& w) {
  if (!w.has_waiting()) return "no longer waiting";
  static constexpr const char* kFor[] = {"somebody", "the reporter",
                                         "a third party", "another unit"};
  const int who = w.waiting().for_();
  return absl::StrCat("waiting for ", who >= 0 && who < 4 ? kFor[who] : "?",
                      With(" ", w.waiting().unit()));
}

std::string OpenedWords(const v1::Opened& o) {
  std::string out = absl::StrCat("opened as ", o.reference());
  absl::StrAppend(&out, With(" over ", o.channel()),
                  With(" in ", o.language()));
  if (o.has_external()) {
    absl::StrAppend(&out, ", ", o.external().system(), " number ",
                    o.external().id());
  }
  return absl::StrCat(out, With(", split from ", o.split_from()));
}

std::string StateWords(const v1::StateChanged& s) {
  return absl::StrCat("state ", s.to(), " (",
                      LowerCase(v1::Phase_Name(s.phase())), ", ",
                      PublicStatusWord(s.public_status()), ")");
}

std::string WithdrawnWords(const v1::LevelWithdrawn& w) {
  return absl::StrCat(
      w.breach() ? "breach withdrawn: clock " : "level withdrawn: clock ",
      w.clock(), ", level ", w.level(), With(", because of ", w.because()));
}

std::string ClosureWords(const v1::ClosureRequestSet& c) {
  if (!c.has_request()) return "closure request settled";
  return absl::StrCat("closure asked for", With(" as ", c.request().outcome()));
}

std::string ReopenWords(const v1::ReopenWindowSet& r, absl::TimeZone zone) {
  if (r.reopened()) return "reopened";
  if (!r.has_until()) return "reporter may no longer reopen";
  return absl::StrCat("reporter may reopen until ",
                      LocalInstant(At(r.until()), zone));
}

}  // namespace

std::string FactName(const v1::Fact& fact) {
  const auto* field =
      v1::Fact::descriptor()->FindFieldByNumber(fact.kind_case());
  return field == nullptr ? "none" : field->name();
}

std::string FactWords(const v1::Fact& fact, absl::TimeZone zone) {
  switch (fact.kind_case()) {
    case v1::Fact::kOpened:
      return OpenedWords(fact.opened());
    case v1::Fact::kStateChanged:
      return StateWords(fact.state_changed());
    case v1::Fact::kClassified:
      return absl::StrCat("category ", fact.classified().category(),
                          With(", priority ", fact.classified().priority()),
                          With(", workflow ", fact.classified().workflow()));
    case v1::Fact::kAssigned:
      return AssignedWords(fact.assigned());
    case v1::Fact::kLocated:
      return absl::StrCat("area ", Or(fact.located().area(), "unknown"));
    case v1::Fact::kClockSet:
      return ClockWords(fact.clock_set(), zone);
    case v1::Fact::kLevelRecorded:
      return LevelRecordedWords(fact.level_recorded(), zone);
    case v1::Fact::kLevelWithdrawn:
      return WithdrawnWords(fact.level_withdrawn());
    case v1::Fact::kNoted:
      return fact.noted().visibility() == v1::Note::PUBLIC_NOTE
                 ? "public note"
                 : "internal note";
    case v1::Fact::kAttached:
      return absl::StrCat("attached ", fact.attached().media_type(), ", ",
                          fact.attached().size(), " bytes");
    case v1::Fact::kRated:
      return absl::StrCat("rated ", fact.rated().score(), " of 5");
    case v1::Fact::kWaitingSet:
      return WaitingWords(fact.waiting_set());
    case v1::Fact::kResolved:
      return absl::StrCat(
          fact.resolved().fixed() ? "answered, fixed" : "answered, not fixed",
          With(": ", fact.resolved().outcome()),
          With(", responsible: ", fact.resolved().responsible()));
    case v1::Fact::kFollowUpSet:
      return FollowUpWords(fact.follow_up_set().follow_up());
    case v1::Fact::kExtensionSet:
      return ExtensionWords(fact.extension_set(), zone);
    case v1::Fact::kClosureRequestSet:
      return ClosureWords(fact.closure_request_set());
    case v1::Fact::kReopenWindowSet:
      return ReopenWords(fact.reopen_window_set(), zone);
    case v1::Fact::kLinked:
      return LinkedWords(fact.linked());
    case v1::Fact::kEscalated:
      return absl::StrCat("escalated by hand, time ", fact.escalated().count());
    case v1::Fact::kErased:
      return absl::StrCat("person erased from ", fact.erased().rows(),
                          " rows, basis ", fact.erased().basis());
    case v1::Fact::kNoticed:
      return NoticedWords(fact.noticed(), zone);
    case v1::Fact::kLanguageSet:
      return absl::StrCat("language ", fact.language_set().language());
    case v1::Fact::KIND_NOT_SET:
      break;
  }
  return "a fact this release does not know";
}

}  // namespace hotline::internal
