#include "src/judge/patch.h"

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "hotline/limits.h"
#include "hotline/policy.h"
#include "src/base/absl_bridge.h"
#include "src/base/check.h"
#include "src/base/crypto.h"
#include "src/base/time.h"

namespace hotline {

std::string ClosureIdOf(const v1::ClosureSpec& closure) {
  if (!closure.id().empty()) return closure.id();
  // The same instants and places, however they are written.
  const auto instant = [](const std::string& text) {
    const auto at = internal::ParseRfc3339(text);
    return at.ok() ? internal::FormatUtc(*at) : text;
  };
  const auto codes = [](const auto& list) {
    return absl::StrJoin(std::set<std::string>(list.begin(), list.end()), "\n");
  };
  const std::string hash =
      internal::Sha256Parts({instant(closure.from()), instant(closure.until()),
                             codes(closure.areas()), codes(closure.units())});
  return absl::StrCat("c-", absl::BytesToHexString(hash.substr(0, 5)));
}

namespace internal {
namespace {

class Patcher {
 public:
  Patcher(const v1::PolicySpec& in_force, const v1::PolicyPatch& patch,
          Problems* problems)
      : patch_(patch), problems_(problems) {
    result_.spec = in_force;
  }

  Patched Run() {
    if (patch_.reason().size() > limits::kReasonBytesMax ||
        !IsCleanText(patch_.reason())) {
      problems_->Add("reason", "is too long or no clean text",
                     absl::StrCat("UTF-8 without control characters, at most ",
                                  limits::kReasonBytesMax, " bytes"));
    }
    for (int i = 0; i < patch_.withdraw_closures_size(); ++i) Withdraw(i);
    Calendars();
    Replace(
        patch_.categories(), "categories",
        [](const auto& c) { return c.code(); },
        result_.spec.mutable_categories());
    DeclaredEvents();
    for (int i = 0; i < patch_.add_closures_size(); ++i) Add(i);
    return std::move(result_);
  }

 private:
  // The place of a calendar in the spec; -1 and a problem if there is none.
  int Find(const std::string& id, const std::string& path) {
    std::vector<std::string> known;
    for (int i = 0; i < result_.spec.calendars_size(); ++i) {
      if (result_.spec.calendars(i).id() == id) return i;
      known.push_back(result_.spec.calendars(i).id());
    }
    const std::string hint = DidYouMean(id, known);
    problems_->Add(path, absl::StrCat("there is no calendar \"", id, "\""),
                   hint.empty() ? "name one of the policy's" : hint);
    return -1;
  }

  void Withdraw(int i) {
    const v1::ClosureId& name = patch_.withdraw_closures(i);
    const std::string path = absl::StrCat("withdraw_closures[", i, "]");
    const int at = Find(name.calendar(), path + ".calendar");
    if (at < 0) return;
    auto* closures = result_.spec.mutable_calendars(at)->mutable_closures();
    std::vector<std::string> known;
    for (int k = 0; k < closures->size(); ++k) {
      known.push_back(ClosureIdOf(closures->Get(k)));
      if (known.back() != name.id()) continue;
      closures->DeleteSubrange(k, 1);
      return;
    }
    const std::string hint = DidYouMean(name.id(), known);
    problems_->Add(path + ".id",
                   absl::StrCat("calendar \"", name.calendar(),
                                "\" has no closure \"", name.id(), "\""),
                   !hint.empty()   ? hint
                   : known.empty() ? "it has none"
                                   : "it has " + absl::StrJoin(known, ", "));
  }

  // Entries of the patch take the places of those of the same name, or follow.
  template <typename Specs, typename Name>
  void Replace(const Specs& entries, const char* field, Name name,
               Specs* specs) {
    std::set<std::string> named;
    for (int i = 0; i < entries.size(); ++i) {
      const std::string path = absl::StrCat(field, "[", i, "]");
      if (!named.insert(name(entries.Get(i))).second) {
        problems_->Add(
            path, absl::StrCat("\"", name(entries.Get(i)), "\" is there twice"),
            "give each once");
        continue;
      }
      int at = 0;
      while (at < specs->size() &&
             name(specs->Get(at)) != name(entries.Get(i))) {
        ++at;
      }
      *(at == specs->size() ? specs->Add() : specs->Mutable(at)) =
          entries.Get(i);
      result_.places.emplace_back(absl::StrCat(field, "[", at, "]"), path);
    }
  }

  void Calendars() {
    for (int i = 0; i < patch_.calendars_size(); ++i) {
      const v1::CalendarSpec& newer = patch_.calendars(i);
      for (const v1::CalendarSpec& old : result_.spec.calendars()) {
        if (old.id() != newer.id() ||
            CompareRevisions(newer.revision(), old.revision()) >= 0) {
          continue;
        }
        problems_->Add(
            absl::StrCat("calendars[", i, "].revision"),
            absl::StrCat("\"", newer.revision(), "\" is older than \"",
                         old.revision(), "\", which is in force"),
            "give the revision that replaces it a later one");
      }
    }
    Replace(
        patch_.calendars(), "calendars", [](const auto& c) { return c.id(); },
        result_.spec.mutable_calendars());
  }

  void DeclaredEvents() {
    Replace(
        patch_.declared_events(), "declared_events",
        [](const auto& e) { return e.code(); },
        result_.spec.mutable_declared_events());
    for (const v1::DeclaredEventSpec& event : patch_.declared_events()) {
      for (v1::DeclaredEventSpec& now :
           *result_.spec.mutable_declared_events()) {
        if (now.code() == event.code() && now.reason().empty()) {
          now.set_reason(patch_.reason());
        }
      }
    }
  }

  void Add(int i) {
    const v1::CalendarClosures& add = patch_.add_closures(i);
    const std::string path = absl::StrCat("add_closures[", i, "]");
    const int at = Find(add.calendar(), path + ".calendar");
    if (at < 0) return;
    v1::CalendarSpec* calendar = result_.spec.mutable_calendars(at);
    if (add.closures().empty()) {
      problems_->Add(path + ".closures", "is empty", "say what to close");
    }
    for (int k = 0; k < add.closures_size(); ++k) {
      v1::ClosureSpec closure = add.closures(k);
      const std::string here = absl::StrCat(path, ".closures[", k, "]");
      closure.set_id(ClosureIdOf(closure));
      if (closure.reason().empty()) closure.set_reason(patch_.reason());
      const bool taken = std::any_of(
          calendar->closures().begin(), calendar->closures().end(),
          [&](const auto& old) { return ClosureIdOf(old) == closure.id(); });
      if (taken) {
        problems_->Add(
            add.closures(k).id().empty() ? here : here + ".id",
            absl::StrCat("closure \"", closure.id(), "\" is there already"),
            "to correct it, withdraw it in the same patch");
        continue;
      }
      result_.places.emplace_back(absl::StrCat("calendars[", at, "].closures[",
                                               calendar->closures_size(), "]"),
                                  here);
      *calendar->add_closures() = std::move(closure);
    }
  }

  const v1::PolicyPatch& patch_;
  Problems* const problems_;
  Patched result_;
};

// Takes a run of digits, without leading zeros, off the front.
std::string TakeNumber(std::string_view* text) {
  size_t end = 0;
  while (end < text->size() && absl::ascii_isdigit((*text)[end])) ++end;
  size_t begin = 0;
  while (begin + 1 < end && (*text)[begin] == '0') ++begin;
  std::string number(text->substr(begin, end - begin));
  text->remove_prefix(end);
  return number;
}

}  // namespace

std::string Patched::PathInPatch(const std::string& path) const {
  std::string best = path;
  size_t longest = 0;
  for (const auto& [in_spec, in_patch] : places) {
    if (in_spec.size() <= longest || !absl::StartsWith(path, in_spec)) continue;
    if (path.size() > in_spec.size() && path[in_spec.size()] != '.') continue;
    longest = in_spec.size();
    best = in_patch + path.substr(longest);
  }
  return best;
}

Patched ApplyPatch(const v1::PolicySpec& in_force, const v1::PolicyPatch& patch,
                   Problems* problems) {
  return Patcher(in_force, patch, problems).Run();
}

int CompareRevisions(const std::string& a, const std::string& b) {
  std::string_view left = a, right = b;
  while (!left.empty() && !right.empty()) {
    if (absl::ascii_isdigit(left[0]) && absl::ascii_isdigit(right[0])) {
      const std::string x = TakeNumber(&left), y = TakeNumber(&right);
      if (x.size() != y.size()) return x.size() < y.size() ? -1 : 1;
      if (const int order = x.compare(y); order != 0) return order;
      continue;
    }
    if (left[0] != right[0]) {
      return static_cast<uint8_t>(left[0]) < static_cast<uint8_t>(right[0]) ? -1
                                                                            : 1;
    }
    left.remove_prefix(1);
    right.remove_prefix(1);
  }
  return static_cast<int>(!left.empty()) - static_cast<int>(!right.empty());
}

}  // namespace internal
}  // namespace hotline
