#include "figures.h"

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "hotline/calendar.h"
#include "hotline/error.h"
#include "hotline/limits.h"
#include "hotline/policy.h"
#include "rates.h"

namespace city {
namespace {

namespace v1 = hotline::v1;

// The kind under which the engine keeps contacts.
constexpr char kContactRecords[] = "contact";
// Longer spans have no picture of each day.
constexpr int64_t kDaysShownMax = 62;

absl::Time FromProto(const google::protobuf::Timestamp& stamp) {
  return absl::FromUnixSeconds(stamp.seconds()) +
         absl::Nanoseconds(stamp.nanos());
}

Name NameOf(const google::protobuf::RepeatedPtrField<v1::LocalText>& texts,
            std::string_view code) {
  Name name;
  for (const v1::LocalText& text : texts) {
    if (text.language() == "en") name.en = text.text();
    if (text.language() == "zh-Hant") name.zh = text.text();
  }
  if (name.en.empty()) name.en = name.zh.empty() ? std::string(code) : name.zh;
  return name;
}

Name KindName(v1::Contact::Kind kind) {
  switch (kind) {
    case v1::Contact::INQUIRY:
      return {"Inquiry", "諮詢"};
    case v1::Contact::INFORM:
      return {"Information passed on", "通報"};
    case v1::Contact::TRANSFER:
      return {"Handed to a department", "轉接"};
    case v1::Contact::COMPLAINT:
      return {"Complaint, petition", "陳情"};
    case v1::Contact::DISPATCH:
      return {"Dispatch", "派工"};
    case v1::Contact::EVENT_CONSULTATION:
      return {"Question about an event", "大型活動諮詢"};
    case v1::Contact::HAND_OFF:
      return {"Handed to emergency services", "緊急轉介"};
    default:
      return {"Other", "其他"};
  }
}

Name LanguageName(const std::string& tag) {
  static const auto* const kNames = new std::map<std::string, Name>{
      {"zh-Hant", {"Mandarin", "國語"}}, {"nan", {"Minnan", "閩南語"}},
      {"hak", {"Hakka", "客語"}},        {"en", {"English", "英語"}},
      {"ja", {"Japanese", "日語"}},      {"", {"not said", "未記錄"}}};
  const auto found = kNames->find(tag);
  return found == kNames->end() ? Name{tag, ""} : found->second;
}

Name ChannelName(const std::string& channel) {
  static const auto* const kNames = new std::map<std::string, Name>{
      {"phone", {"Telephone", "電話"}},
      {"app", {"App", "行動應用"}},
      {"web", {"Web", "網路"}},
      {"mail", {"Mail", "電子郵件"}},
      {"counter", {"Counter", "臨櫃"}},
      {"sms", {"SMS", "簡訊"}},
      {"video", {"Video, sign language", "視訊手語"}},
      {"import", {"Import", "匯入"}}};
  const auto found = kNames->find(channel);
  return found == kNames->end() ? Name{channel, ""} : found->second;
}

// Most first; of equal ones by code.
void Sort(std::vector<Count>* counts) {
  std::sort(counts->begin(), counts->end(), [](const Count& a, const Count& b) {
    return a.count != b.count ? a.count > b.count : a.code < b.code;
  });
}

template <typename Key, typename Namer>
std::vector<Count> ToCounts(const std::map<Key, int64_t>& tally, Namer name) {
  std::vector<Count> counts;
  for (const auto& [key, count] : tally) {
    counts.push_back({absl::StrCat(key), name(key), count});
  }
  Sort(&counts);
  return counts;
}

// Where among `count` sorted values `share` of them lie below.
size_t PlaceOf(size_t count, double share) {
  return static_cast<size_t>(share * static_cast<double>(count - 1) + 0.5);
}

// Sorts in place.
double Quantile(std::vector<double>* values, double share) {
  if (values->empty()) return 0;
  std::sort(values->begin(), values->end());
  return (*values)[PlaceOf(values->size(), share)];
}

void Judge(const v1::ClockState& clock, Verdicts* verdicts) {
  if (clock.breached()) {
    ++verdicts->broken;
  } else if (clock.state() == v1::ClockState::CANCELLED) {
    ++verdicts->ended;
  } else if (clock.state() != v1::ClockState::STOPPED) {
    ++verdicts->running;
  } else if (clock.has_due() && clock.marks_size() > 0 &&
             FromProto(clock.marks().rbegin()->at()) > FromProto(clock.due())) {
    ++verdicts->kept_late;
  } else {
    ++verdicts->kept;
  }
}

// "4 h", "16 h of office time", "3 working days".
std::string Promise(const v1::TargetSpec& target) {
  switch (target.amount_case()) {
    case v1::TargetSpec::kWorkingTime:
      return target.working_time() + " of office time";
    case v1::TargetSpec::kElapsed:
      return target.elapsed();
    case v1::TargetSpec::kWorkingDays:
      return absl::StrCat(target.working_days(), " working days");
    case v1::TargetSpec::kCalendarDays:
      return absl::StrCat(target.calendar_days(), " days");
    default:
      return "";
  }
}

class Counter {
 public:
  Counter(const CountRequest& request, const hotline::Policy& policy)
      : request_(request), policy_(policy), zone_(policy.time_zone()) {
    const v1::PolicySpec& spec = policy.spec();
    figures_.policy_id = spec.id();
    figures_.policy_title = spec.title();
    figures_.policy_source = spec.source();
    figures_.illustrative = spec.illustrative();
    if (spec.calendars_size() > 0) {
      calendar_ = policy_.calendars().Find(spec.calendars(0).id());
    }
  }

  absl::Status ReadContacts();
  absl::Status ReadCases();
  absl::Status ReadNotices();
  Figures Finish();

 private:
  struct OfCategory {
    CategoryFigures figures;
    std::vector<double> hours;
  };

  void Add(const v1::Contact& contact);
  void Add(const v1::Case& found);
  void AddClocks(const v1::Case& found, bool finished, OfCategory* of);
  void AddHandling(const v1::Case& found, bool finished);
  DayFigures& DayOf(absl::Time at);
  void FinishDays();
  void FinishLevels();
  Name ClockName(const std::string& code) const;

  const CountRequest& request_;
  const hotline::Policy policy_;
  const absl::TimeZone zone_;
  const hotline::Calendar* calendar_ = nullptr;
  Figures figures_;
  std::map<int, int64_t> kinds_;
  std::map<std::string, int64_t> languages_, channels_, handling_, notices_;
  std::map<std::pair<std::string, std::string>, int64_t> levels_;
  std::map<std::string, OfCategory> categories_;
  std::map<std::string, Verdicts> clocks_;
  std::map<absl::CivilDay, DayFigures> days_;
  std::vector<std::pair<double, std::string>> hours_;  // with the reference
};

absl::Status Counter::ReadContacts() {
  hotline::RecordRange range{.tenant = request_.tenant,
                             .kind = kContactRecords};
  range.limit = hotline::limits::kPageItemsMax;
  while (true) {
    auto records = request_.store->ReadRecords(range);
    if (!records.ok()) return records.status();
    for (const hotline::Record& record : *records) {
      v1::Contact contact;
      if (!contact.ParseFromString(record.payload)) {
        return hotline::MakeError(v1::ErrorInfo::CORRUPT,
                                  "a stored contact cannot be read");
      }
      Add(contact);
    }
    if (static_cast<int>(records->size()) < range.limit) break;
    range.from = records->back().key.key + '\0';
  }
  return absl::OkStatus();
}

void Counter::Add(const v1::Contact& contact) {
  ++figures_.contacts;
  ++kinds_[contact.kind()];
  ++languages_[contact.language()];
  ++channels_[contact.channel()];
  const absl::Time at = FromProto(contact.at());
  DayFigures& day = DayOf(at);
  ++day.contacts;
  const auto hour = static_cast<size_t>(absl::ToCivilHour(at, zone_).hour());
  ++(day.works ? figures_.hours_working : figures_.hours_free)[hour];
}

absl::Status Counter::ReadCases() {
  // Facts and figures only: no name, address or text is read for a report.
  const hotline::Actor auditor{.tenant = request_.tenant,
                               .id = "report",
                               .roles = {ReaderRole(policy_.spec())}};
  v1::Query query;
  query.mutable_page()->set_limit(hotline::limits::kPageItemsMax);
  while (true) {
    auto page = request_.engine->Find(auditor, query);
    if (!page.ok()) return page.status();
    for (const v1::Case& found : page->cases()) Add(found);
    if (page->next_cursor().empty()) break;
    query.mutable_page()->set_cursor(page->next_cursor());
  }
  return absl::OkStatus();
}

void Counter::Add(const v1::Case& found) {
  ++figures_.cases;
  OfCategory& of = categories_[found.category()];
  ++of.figures.cases;
  const absl::Time opened = FromProto(found.opened_at());
  ++DayOf(opened).opened;
  // Answered, whether mended or not; what was merged or withdrawn is neither.
  const bool finished = found.has_resolved_at() &&
                        found.merged_into().empty() && !found.outcome().empty();
  if (found.has_resolved_at()) ++DayOf(FromProto(found.resolved_at())).resolved;
  if (finished) {
    ++figures_.resolved;
    ++of.figures.resolved;
    const double hours =
        absl::ToDoubleHours(FromProto(found.resolved_at()) - opened);
    of.hours.push_back(hours);
    hours_.emplace_back(hours, found.reference());
  }
  AddClocks(found, finished, &of);
  AddHandling(found, finished);
}

void Counter::AddClocks(const v1::Case& found, bool finished, OfCategory* of) {
  for (const v1::ClockState& clock : found.clocks()) {
    for (const v1::LevelMark& level : clock.levels()) {
      if (level.withdrawn()) {
        ++figures_.levels_withdrawn;
      } else {
        ++levels_[{clock.clock(), level.level()}];
      }
    }
    if (clock.state() == v1::ClockState::IDLE) continue;
    Verdicts verdict;
    Judge(clock, &verdict);
    // What was merged, cancelled or rejected was not answered in time either.
    if (!finished && verdict.kept + verdict.kept_late > 0 &&
        found.phase() == v1::CLOSED) {
      verdict = {.ended = 1};
    }
    const auto add = [&](Verdicts* to) {
      to->kept += verdict.kept;
      to->kept_late += verdict.kept_late;
      to->broken += verdict.broken;
      to->running += verdict.running;
      to->ended += verdict.ended;
    };
    add(&clocks_[clock.clock()]);
    if (clock.shown()) {
      add(&of->figures.verdicts);
      add(&figures_.verdicts);
    }
    if (clock.shown() && of->figures.promise.empty()) {
      of->figures.promise = Promise(clock.target());
      of->figures.promise_illustrative = clock.target().illustrative();
    }
  }
}

void Counter::AddHandling(const v1::Case& found, bool finished) {
  const auto happened = [&](const char* what, bool did) {
    if (did) ++handling_[what];
  };
  bool waited = false;
  for (const v1::ClockState& clock : found.clocks()) {
    for (const v1::ClockMark& mark : clock.marks()) {
      waited = waited || mark.kind() == v1::ClockMark::PAUSE;
    }
  }
  happened("transferred", found.transfers() > 0);
  happened("merged", !found.merged_into().empty());
  happened("waited", waited);
  happened("reopened", found.reopenings() > 0);
  happened("extended", found.extension().state() == v1::Extension::GRANTED);
  happened("followed_up", found.has_follow_up());
  happened("escalated", found.escalations() > 0);
  happened("rated", found.rating() > 0);
  happened("cancelled", found.phase() == v1::CLOSED && !finished &&
                            found.merged_into().empty());
  happened("photographed", found.attachments() > 0);
  if (found.rating() >= 1 && found.rating() <= 5) {
    ++figures_.scores[static_cast<size_t>(found.rating() - 1)];
  }
}

// The value of `"key":"..."` in one line of JSON; empty if there is none. The
// values looked for are codes and ids, which hold no escapes.
std::string_view ValueOf(std::string_view line, std::string_view key) {
  const std::string opening = absl::StrCat("\"", std::string(key), "\":\"");
  const size_t at = line.find(opening);
  if (at == std::string_view::npos) return "";
  const size_t from = at + opening.size();
  return line.substr(from, line.find('"', from) - from);
}

absl::Status Counter::ReadNotices() {
  std::ifstream file(request_.notices_path);
  std::set<std::string, std::less<>> seen;
  for (std::string line; std::getline(file, line);) {
    const std::string_view id = ValueOf(line, "dedupe_key");
    // Delivered at least once: a run that was killed may have sent it before.
    if (!id.empty() && !seen.emplace(id).second) continue;
    ++figures_.notices_total;
    ++notices_[std::string(ValueOf(line, "subject"))];
  }
  return absl::OkStatus();
}

DayFigures& Counter::DayOf(absl::Time at) {
  const absl::CivilDay date = absl::ToCivilDay(at, zone_);
  const auto [found, fresh] = days_.try_emplace(date);
  DayFigures& day = found->second;
  if (fresh) {
    const bool weekend = static_cast<int>(absl::GetWeekday(date)) >= 5;
    day.date = date;
    day.works = calendar_ == nullptr ? !weekend : calendar_->IsWorkingDay(date);
    day.make_up = weekend && day.works && calendar_ != nullptr;
    day.holiday = !weekend && !day.works;
  }
  return day;
}

// The days on which something came in, without gaps; what was resolved later
// counts in no day.
void Counter::FinishDays() {
  std::vector<absl::CivilDay> busy;
  for (const auto& [date, day] : days_) {
    // A call before midnight may end in a case after it.
    if ((figures_.contacts > 0 ? day.contacts : day.opened) > 0) {
      busy.push_back(date);
    }
  }
  if (busy.empty()) return;
  figures_.first = busy.front();
  figures_.last = busy.back();
  int64_t open = 0;
  for (absl::CivilDay date = busy.front(); date <= busy.back(); ++date) {
    DayFigures& day = DayOf(absl::FromCivil(date, zone_) + absl::Hours(12));
    open += day.opened - day.resolved;
    day.open_at_end = open;
    ++(day.works ? figures_.days_working : figures_.days_free);
    if (busy.back() - busy.front() < kDaysShownMax)
      figures_.days.push_back(day);
  }
}

Name HandlingName(const std::string& code) {
  static const auto* const kNames = new std::map<std::string, Name>{
      {"transferred", {"Passed to another unit", "改分"}},
      {"merged", {"Merged into another case", "併案"}},
      {"waited", {"Waited for somebody", "等待補正"}},
      {"reopened", {"Reopened", "重啟"}},
      {"extended", {"Extension granted", "展期"}},
      {"followed_up", {"Closed, still tracked", "結案列管"}},
      {"escalated", {"Escalated by hand", "催辦"}},
      {"rated", {"Rated by the reporter", "滿意度調查"}},
      {"cancelled", {"Withdrawn", "撤案"}},
      {"photographed", {"Photograph attached", "附照片"}}};
  const auto found = kNames->find(code);
  return found == kNames->end() ? Name{code, ""} : found->second;
}

// Codes of the shipped policies; a city's own stand for themselves.
Name NoticeName(const std::string& code) {
  static const auto* const kNames = new std::map<std::string, Name>{
      {"received", {"Received", "受理通知"}},
      {"assigned", {"Assigned to a unit", "分派通知"}},
      {"answered", {"What was done", "處理結果"}},
      {"at_risk", {"Nearly due", "將逾期提醒"}},
      {"breach", {"Overdue", "逾期通知"}},
      {"late", {"Long overdue", "稽催通知"}},
      {"due_moved", {"A new date", "預定日期變更"}}};
  const auto found = kNames->find(code);
  return found == kNames->end() ? Name{code, ""} : found->second;
}

Name Counter::ClockName(const std::string& code) const {
  const v1::ClockSpec* spec = policy_.sla().Find(code);
  return spec == nullptr ? Name{code, ""} : NameOf(spec->names(), code);
}

void Counter::FinishLevels() {
  std::map<std::string, Name> level_names;
  for (const v1::LadderSpec& ladder : policy_.spec().ladders()) {
    for (const v1::LevelSpec& level : ladder.levels()) {
      level_names[level.code()] = NameOf(level.names(), level.code());
    }
  }
  for (const auto& [key, count] : levels_) {
    const Name clock = ClockName(key.first);
    Name level = level_names[key.second];
    if (level.en.empty()) level.en = key.second;
    figures_.levels.push_back({key.first + "/" + key.second,
                               {absl::StrCat(clock.en, ": ", level.en),
                                absl::StrCat(clock.zh, " ", level.zh)},
                               count});
  }
  Sort(&figures_.levels);
}

Figures Counter::Finish() {
  figures_.kinds = ToCounts(kinds_, [](int kind) {
    return KindName(static_cast<v1::Contact::Kind>(kind));
  });
  figures_.languages = ToCounts(languages_, LanguageName);
  figures_.channels = ToCounts(channels_, ChannelName);
  figures_.handling = ToCounts(handling_, HandlingName);
  figures_.notices = ToCounts(notices_, NoticeName);
  FinishLevels();
  for (const auto& [code, verdicts] : clocks_) {
    figures_.clocks.push_back({code, ClockName(code), verdicts});
  }
  for (auto& [code, of] : categories_) {
    const hotline::Category* category = policy_.taxonomy().Find(code);
    of.figures.code = code;
    of.figures.name = category == nullptr
                          ? Name{code, ""}
                          : NameOf(category->spec->names(), code);
    of.figures.median_hours = Quantile(&of.hours, 0.5);
    of.figures.ninety_hours = Quantile(&of.hours, 0.9);
    figures_.categories.push_back(of.figures);
  }
  std::sort(figures_.categories.begin(), figures_.categories.end(),
            [](const CategoryFigures& a, const CategoryFigures& b) {
              return a.cases != b.cases ? a.cases > b.cases : a.code < b.code;
            });
  std::sort(hours_.begin(), hours_.end());
  const auto at = [&](double share) -> std::pair<double, std::string> {
    return hours_.empty() ? std::pair<double, std::string>{}
                          : hours_[PlaceOf(hours_.size(), share)];
  };
  figures_.median_hours = at(0.5).first;
  figures_.ninety_hours = at(0.9).first;
  if (hours_.size() >= 3) {
    figures_.examples = {at(0.5).second, at(0.9).second, at(1).second};
  }
  FinishDays();
  return std::move(figures_);
}

}  // namespace

std::string ReaderRole(const v1::PolicySpec& policy) {
  const v1::RoleSpec* best = nullptr;
  for (const v1::RoleSpec& role : policy.roles()) {
    bool all = false, inside = false;
    for (int permission : role.permissions()) {
      all = all || permission == v1::READ_ALL;
      inside = inside || permission == v1::READ_INTERNAL;
    }
    if (!all || !inside) continue;
    if (best == nullptr || role.permissions_size() < best->permissions_size()) {
      best = &role;
    }
  }
  return best == nullptr ? "" : best->code();
}

absl::StatusOr<Figures> CountUp(const CountRequest& request) {
  int64_t version = 0;
  auto policy = request.engine->CurrentPolicy(
      {.tenant = request.tenant, .id = "report"}, &version);
  if (!policy.ok()) return policy.status();
  Counter counter(request, *policy);
  if (absl::Status read = counter.ReadContacts(); !read.ok()) return read;
  if (absl::Status read = counter.ReadCases(); !read.ok()) return read;
  if (absl::Status read = counter.ReadNotices(); !read.ok()) return read;
  return counter.Finish();
}

}  // namespace city
