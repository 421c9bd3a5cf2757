#include "src/readers/intake/planner.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "hotline/error.h"
#include "src/base/absl_bridge.h"
#include "src/base/time.h"
#include "src/base/utf8.h"

namespace hotline::internal {
namespace {

// Years the library's calendars know.
const absl::CivilYear kFirstYear(1970);
const absl::CivilYear kLastYear(2169);

template <typename Specs>
void AddNames(const Specs& specs, NameIndex* index) {
  for (const auto& spec : specs) {
    index->Add(spec.code(), spec.code());
    for (const auto& name : spec.names()) index->Add(name.text(), spec.code());
  }
}

void AddWords(const google::protobuf::RepeatedPtrField<v1::ImportWord>& words,
              NameIndex* index) {
  for (const auto& word : words)
    for (const auto& said : word.said()) index->Add(said, word.meant());
}

bool HoldsFolded(std::string_view folded, std::string_view part) {
  return folded.find(FoldWord(part)) != std::string_view::npos;
}

// What of a text is no clean text becomes U+FFFD.
std::string Mended(std::string_view text) {
  std::string mended;
  while (!text.empty()) {
    const CodePoint point = DecodeUtf8(text);
    const size_t length = point.length == 0 ? 1 : point.length;
    const std::string_view piece = text.substr(0, length);
    if (point.length == 0 || !IsCleanText(piece))
      AppendUtf8(0xFFFD, &mended);
    else
      mended.append(piece);
    text.remove_prefix(length);
  }
  return mended;
}

// CRLF and CR as LF; true if there were any.
bool UnifyLineEnds(std::string* text) {
  if (text->find('\r') == std::string::npos) return false;
  std::string unified;
  for (size_t i = 0; i < text->size(); ++i) {
    if ((*text)[i] != '\r') {
      unified.push_back((*text)[i]);
    } else if (i + 1 == text->size() || (*text)[i + 1] != '\n') {
      unified.push_back('\n');
    }
  }
  *text = std::move(unified);
  return true;
}

// Makes the command of a step; true if it is one that gives an answer.
bool FillStep(const v1::ImportStatus::Step& spec, const std::string& outcome,
              const std::string& answer, v1::Command* command) {
  const auto give = [&](auto* verb) {
    verb->set_outcome(outcome);
    verb->set_answer(answer);
    return true;
  };
  switch (spec.verb()) {
    case v1::ACCEPT:
      command->mutable_accept();
      return false;
    case v1::WAIT:
      command->mutable_wait()->set_for_(spec.wait_for());
      command->mutable_wait()->set_reason("as imported");
      return false;
    case v1::RESUME:
      command->mutable_resume();
      return false;
    case v1::CANCEL:
      command->mutable_cancel()->set_reason("as imported");
      return false;
    case v1::RESOLVE:
      return give(command->mutable_resolve());
    case v1::CLOSE:
      return give(command->mutable_close());
    case v1::CLOSE_AND_FOLLOW_UP:
      return give(command->mutable_close_and_follow_up());
    case v1::REJECT:
      return give(command->mutable_reject());
    default:
      return false;  // CheckImportMap has refused it
  }
}

}  // namespace

struct RowPlanner::Work {
  const ImportRow* row = nullptr;
  PlannedRow planned;
  std::optional<RefusedRow> refused;
  std::optional<v1::Contact::Kind> contact;
  absl::Time opened;
  std::optional<absl::Time> closed;
  std::optional<absl::Time> updated;
  const Category* category = nullptr;
  const v1::ImportStatus::State* state = nullptr;

  void Refuse(std::string_view field, std::string_view reason,
              std::string_view detail) {
    if (refused.has_value()) return;
    refused = RefusedRow{.file = {},
                         .row = row->number,
                         .line = row->line,
                         .key = planned.key,
                         .field = std::string(field),
                         .reason = std::string(reason),
                         .detail = std::string(detail)};
  }
  void Remark(std::string_view what, std::string_view why) {
    planned.remarks.push_back(absl::StrCat(ToAbsl(what), ": ", ToAbsl(why)));
  }
};

absl::StatusOr<absl::Duration> ParseShift(std::string_view text) {
  absl::Duration shift;
  if (!text.empty() && !absl::ParseDuration(ToAbsl(text), &shift))
    return MakeError(v1::ErrorInfo::INVALID_ARGUMENT,
                     "is no duration such as -8h");
  return shift;
}

bool ReadsOffset(std::string_view form) {
  return form.find("%z") != std::string_view::npos ||
         form.find("%Ez") != std::string_view::npos ||
         form.find("%E*z") != std::string_view::npos ||
         form.find("%s") != std::string_view::npos;
}

RowPlanner::RowPlanner(const Policy& policy, const v1::ImportMap& map)
    : policy_(policy), map_(map), categories_(policy.taxonomy()) {
  if (!absl::LoadTimeZone(map.time_zone(), &zone_)) zone_ = policy.time_zone();
  tolerance_ = ParseShift(map.due().tolerance()).value_or(absl::Duration());
  for (const auto& word : map.nulls()) nulls_[FoldWord(word)] = true;
  AddWords(map.category().words(), &category_words_);
  for (auto [lookup, spec] :
       {std::pair(&area_, &map.area()), std::pair(&unit_, &map.unit()),
        std::pair(&channel_, &map.channel())}) {
    lookup->spec = spec;
    lookup->names = NameIndex(spec->ignore_blanks());
    AddWords(spec->words(), &lookup->names);
  }
  AddNames(policy.spec().areas(), &area_.names);
  AddNames(policy.spec().units(), &unit_.names);
  for (const auto& state : map.status().states())
    for (const auto& word : state.words()) states_[FoldWord(word)] = &state;
}

std::variant<PlannedRow, RefusedRow> RowPlanner::Plan(
    const ImportRow& row) const {
  Work work;
  work.row = &row;
  work.planned.row = row.number;
  work.planned.line = row.line;
  if (!row.damage.empty()) {
    work.Refuse("row", row.damage, "the row " + row.damage_detail);
    return *work.refused;
  }
  std::string kept;
  if (const std::string* key = Text(work, map_.key(), &kept); key != nullptr)
    work.planned.key = *key;
  else
    work.Refuse("key", "missing", "the row has no key");
  CheckRowRules(&work);
  if (!work.refused.has_value()) ReadInstants(&work);
  if (!work.refused.has_value()) ReadCategory(&work);
  if (!work.refused.has_value() && work.contact.has_value()) {
    MakeContact(&work);
  } else if (!work.refused.has_value()) {
    ReadStatus(&work);
    ReadDue(&work);
    MakeOpening(&work);
    MakeSteps(&work);
  }
  if (work.refused.has_value()) return *std::move(work.refused);
  return std::move(work.planned);
}

// The text of the first of the columns that the row has, trimmed of blanks
// into `kept` where there are any; null if it says nothing.
const std::string* RowPlanner::Text(const Work& work,
                                    const v1::ImportColumn& column,
                                    std::string* kept) const {
  for (const auto& name : column.name()) {
    const std::string* text = work.row->Find(name);
    if (text == nullptr) continue;
    const std::string folded = FoldWord(*text);
    if (folded.empty() || nulls_.contains(folded)) return nullptr;
    const size_t first = text->find_first_not_of(" \t\r\n");
    const size_t last = text->find_last_not_of(" \t\r\n");
    if (first == std::string::npos) return nullptr;
    *kept = text->substr(first, last - first + 1);
    return kept;
  }
  return nullptr;
}

std::optional<RowPlanner::Instant> RowPlanner::ReadTime(
    Work* work, const v1::ImportTime& spec, std::string_view field) const {
  std::string kept;
  const std::string* text = Text(*work, spec.column(), &kept);
  if (text == nullptr) return std::nullopt;
  for (const auto& form : spec.form()) {
    absl::Time read;
    std::string why;
    if (!absl::ParseTime(form, *text, absl::UTCTimeZone(), &read, &why) ||
        read == absl::InfiniteFuture() || read == absl::InfinitePast())
      continue;
    const absl::CivilYear year(absl::ToCivilSecond(read, absl::UTCTimeZone()));
    if (year < kFirstYear || year > kLastYear) {
      work->Refuse(field, "out_of_range",
                   absl::StrCat("\"", *text, "\" is not of 1970 to 2169"));
      return std::nullopt;
    }
    Instant instant{.at = read};
    if (!ReadsOffset(form)) instant = Localise(work, spec, field, read);
    const absl::Duration shift =
        ParseShift(spec.shift()).value_or(absl::Duration());
    if (shift != absl::ZeroDuration())
      work->Remark(field, "shifted by " + spec.shift());
    instant.at = FloorToMillisecond(instant.at + shift);
    return instant;
  }
  work->Refuse(field, "not_a_time",
               absl::StrCat("\"", *text, "\" has none of the map's forms"));
  return std::nullopt;
}

// A time read as if it were UTC, in the map's zone.
RowPlanner::Instant RowPlanner::Localise(Work* work, const v1::ImportTime& spec,
                                         std::string_view field,
                                         absl::Time read) const {
  absl::CivilSecond civil = absl::ToCivilSecond(read, absl::UTCTimeZone());
  const absl::Duration fraction =
      read - absl::FromCivil(civil, absl::UTCTimeZone());
  Instant instant;
  instant.date_only = spec.midnight() != v1::ImportTime::AS_WRITTEN &&
                      civil == absl::CivilSecond(absl::CivilDay(civil)) &&
                      fraction == absl::ZeroDuration();
  if (instant.date_only) work->Remark(field, "only the date is known");
  if (instant.date_only && spec.midnight() == v1::ImportTime::LAST_OF_DATE)
    civil += 24 * 60 * 60 - 1;
  // RFC 5545: in a gap the offset before it, of an ambiguous time the first;
  // both are `pre`.
  const absl::TimeZone::TimeInfo info = zone_.At(civil);
  instant.at = info.pre + fraction;
  if (info.kind == absl::TimeZone::TimeInfo::SKIPPED)
    work->Remark(field, "a local time that the clock skipped");
  if (info.kind == absl::TimeZone::TimeInfo::REPEATED)
    work->Remark(field, "a local time that came twice, the first taken");
  return instant;
}

void RowPlanner::CheckRowRules(Work* work) const {
  for (const auto& rule : map_.row_rules()) {
    std::string kept;
    const std::string* text = Text(*work, rule.column(), &kept);
    if (text == nullptr) continue;
    const std::string folded = FoldWord(*text);
    const bool fits = std::any_of(
        rule.words().begin(), rule.words().end(),
        [&folded](const auto& word) { return FoldWord(word) == folded; });
    if (!fits) continue;
    if (rule.contact() == v1::Contact::KIND_UNSPECIFIED)
      work->Refuse("row_rules", rule.reason(),
                   absl::StrCat("the map leaves out \"", *text, "\""));
    else
      work->contact = rule.contact();
    return;
  }
}

void RowPlanner::ReadInstants(Work* work) const {
  const auto opened = ReadTime(work, map_.opened(), "opened");
  if (!opened.has_value()) {
    work->Refuse("opened", "missing", "the row has no opening time");
    return;
  }
  work->opened = opened->at;
  work->planned.latest = opened->at;
  if (const auto updated = ReadTime(work, map_.updated(), "updated")) {
    work->updated = updated->at;
    if (updated->at < opened->at) {
      work->Remark("updated", "before the opening, not used");
      work->updated = std::nullopt;
    }
  }
  if (const auto closed = ReadTime(work, map_.closed(), "closed")) {
    work->closed = closed->at;
    if (closed->at < opened->at) {
      const bool same_date =
          closed->date_only && absl::ToCivilDay(closed->at, zone_) ==
                                   absl::ToCivilDay(opened->at, zone_);
      if (same_date) {
        work->closed = opened->at;
      } else if (map_.closed_before_opened() ==
                 v1::ImportMap::CLOSE_AT_OPENING) {
        work->Remark("closed", "before the opening, closed at the opening");
        work->closed = opened->at;
      } else {
        work->Refuse("closed", "closed_before_opened",
                     absl::StrCat("closed ", FormatUtc(closed->at), ", opened ",
                                  FormatUtc(opened->at)));
      }
    }
  }
  for (const auto& instant : {work->updated, work->closed})
    if (instant.has_value())
      work->planned.latest = std::max(work->planned.latest, *instant);
}

void RowPlanner::ReadCategory(Work* work) const {
  std::string shown;
  std::vector<std::string> ambiguous;
  for (const auto& path : map_.category().paths()) {
    std::vector<std::string> levels;
    for (const auto& level : path.levels()) {
      std::string kept;
      const std::string* text = Text(*work, level, &kept);
      if (text == nullptr) break;
      levels.push_back(*text);
    }
    if (static_cast<int>(levels.size()) != path.levels_size()) continue;
    const std::string joined = absl::StrJoin(levels, "/");
    if (shown.empty()) shown = joined;
    std::vector<const Category*> found;
    if (const auto* codes = category_words_.Find(joined)) {
      for (const auto& code : *codes)
        found.push_back(policy_.taxonomy().Find(code));
    } else {
      found = categories_.Find(levels);
    }
    if (found.size() == 1) {
      work->category = found.front();
      if (!path.remark().empty()) work->Remark("category", path.remark());
      return;
    }
    if (found.size() > 1 && ambiguous.empty())
      for (const Category* category : found)
        ambiguous.push_back(category->code);
  }
  if (!map_.category().otherwise().empty()) {
    work->category = policy_.taxonomy().Find(map_.category().otherwise());
    work->Remark("category",
                 "unknown, taken as " + map_.category().otherwise());
  } else if (!ambiguous.empty()) {
    work->Refuse("category", "ambiguous_category",
                 absl::StrCat("\"", shown, "\" may be ",
                              absl::StrJoin(ambiguous, " or ")));
  } else if (shown.empty()) {
    work->Refuse("category", "missing", "the row names no category");
  } else {
    work->Refuse("category", "unknown_category",
                 absl::StrCat("the policy has no \"", shown, "\""));
  }
}

std::string RowPlanner::LookUp(Work* work, const Lookup& lookup,
                               std::string_view field) const {
  std::string kept;
  const std::string* text = Text(*work, lookup.spec->column(), &kept);
  if (text == nullptr) return lookup.spec->otherwise();
  const auto* codes = lookup.names.Find(*text);
  if (codes != nullptr && codes->size() == 1) return *codes->begin();
  if (lookup.spec->unknown() == v1::ImportLookup::LEAVE_OUT) {
    work->Remark(field, "unknown, left out");
    return "";
  }
  work->Refuse(
      field,
      absl::StrCat(codes == nullptr ? "unknown_" : "ambiguous_", ToAbsl(field)),
      absl::StrCat("the policy does not tell what \"", *text, "\" is"));
  return "";
}

std::string RowPlanner::ReadText(Work* work, const v1::ImportColumn& column,
                                 std::string_view field) const {
  std::string text;
  if (Text(*work, column, &text) == nullptr) return "";
  if (UnifyLineEnds(&text)) work->Remark(field, "line ends made one");
  if (IsCleanText(text)) return text;
  if (!map_.mend_texts()) {
    work->Refuse(field, "unclean_text",
                 "has control characters or broken UTF-8");
    return "";
  }
  work->Remark(field, "characters that are none replaced by U+FFFD");
  return Mended(text);
}

void RowPlanner::ReadPlace(Work* work, v1::Place* place) const {
  const auto degrees = [&](const v1::ImportColumn& column,
                           std::string_view field, double bound) {
    std::optional<double> read;
    std::string kept;
    const std::string* text = Text(*work, column, &kept);
    if (text == nullptr) return read;
    double value = 0;
    const auto [end, error] =
        std::from_chars(text->data(), text->data() + text->size(), value);
    if (error == std::errc() && end == text->data() + text->size() &&
        std::isfinite(value) && std::abs(value) <= bound)
      read = value;
    else
      work->Refuse(field, "bad_coordinate",
                   absl::StrCat("\"", *text, "\" is no such angle"));
    return read;
  };
  const auto latitude = degrees(map_.latitude(), "latitude", 90);
  const auto longitude = degrees(map_.longitude(), "longitude", 180);
  if (latitude.has_value() != longitude.has_value())
    work->Refuse(latitude.has_value() ? "longitude" : "latitude", "missing",
                 "one coordinate without the other");
  bool failed = !latitude.has_value();
  for (const auto& point : map_.failed_points()) {
    if (failed || *latitude != point.latitude() ||
        *longitude != point.longitude())
      continue;
    work->Remark("place", point.remark());
    failed = true;
  }
  if (!failed && longitude.has_value()) {
    place->set_latitude(*latitude);
    place->set_longitude(*longitude);
  }
  place->set_address(ReadText(work, map_.address(), "address"));
  place->set_area(LookUp(work, area_, "area"));
}

void RowPlanner::ReadStatus(Work* work) const {
  if (states_.empty()) return;
  std::string kept;
  const std::string* text = Text(*work, map_.status().column(), &kept);
  const std::string word = text != nullptr ? *text : map_.status().otherwise();
  const auto it = states_.find(FoldWord(word));
  if (word.empty())
    work->Refuse("status", "missing", "the row has no status");
  else if (it == states_.end())
    work->Refuse("status", "unknown_status",
                 absl::StrCat("the map has no \"", word, "\""));
  else
    work->state = it->second;
}

void RowPlanner::ReadDue(Work* work) const {
  if (const auto due = ReadTime(work, map_.due().time(), "due"))
    work->planned.stated_due = due->at;
  std::string kept;
  const std::string* text = Text(*work, map_.due().verdict(), &kept);
  if (text == nullptr) return;
  const std::string folded = FoldWord(*text);
  for (const auto& word : map_.due().kept_words())
    if (FoldWord(word) == folded) work->planned.stated_broken = false;
  for (const auto& word : map_.due().broken_words())
    if (FoldWord(word) == folded) work->planned.stated_broken = true;
  if (!work->planned.stated_broken.has_value())
    work->Remark("due", "a verdict the map does not know");
}

std::string RowPlanner::ReadOutcome(const Work& work) const {
  std::string kept;
  const std::string* text = Text(work, map_.outcome().column(), &kept);
  if (text == nullptr) return map_.outcome().otherwise();
  const std::string folded = FoldWord(*text);
  for (const auto& rule : map_.outcome().rules())
    for (const auto& part : rule.holds())
      if (HoldsFolded(folded, part)) return rule.outcome();
  return map_.outcome().otherwise();
}

void RowPlanner::MakeContact(Work* work) const {
  v1::Contact contact;
  contact.set_kind(*work->contact);
  contact.set_category(work->category->code);
  SetTimestamp(work->opened, contact.mutable_at());
  const std::string channel = LookUp(work, channel_, "channel");
  contact.set_channel(channel.empty() ? "import" : channel);
  contact.set_language(map_.language());
  contact.set_external_system(map_.system());
  contact.set_external_id(work->planned.key);
  contact.set_note(ReadText(work, map_.description(), "description"));
  work->planned.contact = std::move(contact);
}

void RowPlanner::MakeOpening(Work* work) const {
  PlannedStep step{.at = work->opened, .command = {}};
  v1::Open* open = step.command.mutable_open();
  open->set_category(work->category->code);
  open->set_description(ReadText(work, map_.description(), "description"));
  v1::Place place;
  ReadPlace(work, &place);
  if (place.ByteSizeLong() > 0) *open->mutable_place() = std::move(place);
  const std::string channel = LookUp(work, channel_, "channel");
  open->set_channel(channel.empty() ? "import" : channel);
  open->set_language(map_.language());
  open->mutable_external()->set_system(map_.system());
  open->mutable_external()->set_id(work->planned.key);
  open->set_unit(LookUp(work, unit_, "unit"));
  if (map_.due().use() == v1::ImportDue::PROMISE &&
      work->planned.stated_due.has_value())
    SetTimestamp(*work->planned.stated_due, open->mutable_promised_due());
  work->planned.steps.push_back(std::move(step));
}

void RowPlanner::MakeSteps(Work* work) const {
  bool used_closing = false;
  const std::string outcome = ReadOutcome(*work);
  const std::string answer = ReadText(work, map_.answer(), "answer");
  bool answered = answer.empty();
  const int count = work->state == nullptr ? 0 : work->state->steps_size();
  for (int i = 0; i < count; ++i) {
    const v1::ImportStatus::Step& spec = work->state->steps(i);
    PlannedStep step{.at = work->opened, .command = {}};
    if (spec.at() == v1::ImportStatus::AT_UPDATED) {
      step.at = work->updated.value_or(work->opened);
    } else if (spec.at() == v1::ImportStatus::AT_CLOSED) {
      used_closing = true;
      if (work->closed.has_value()) {
        step.at = *work->closed;
      } else if (map_.closed_without_date() == v1::ImportMap::CLOSE_AT_UPDATE &&
                 work->updated.has_value()) {
        step.at = *work->updated;
        work->Remark("closed", "no time given, the last update taken");
      } else {
        work->Refuse("closed", "missing",
                     "the status says closed, but there is no closing time");
        return;
      }
    }
    step.at = std::max(step.at, work->planned.steps.back().at);
    answered |= FillStep(spec, outcome, answer, &step.command);
    work->planned.steps.push_back(std::move(step));
  }
  if (!answered) {
    PlannedStep step{.at = std::max(work->updated.value_or(work->opened),
                                    work->planned.steps.back().at),
                     .command = {}};
    step.command.mutable_note()->set_visibility(v1::Note::PUBLIC_NOTE);
    step.command.mutable_note()->set_text(answer);
    work->planned.steps.push_back(std::move(step));
    work->Remark("answer", "the case is open, kept as a public note");
  }
  if (work->closed.has_value() && !used_closing)
    work->Remark("closed", "a closing time the status contradicts, not used");
}

}  // namespace hotline::internal
