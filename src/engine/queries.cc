// Questions: one case, many, and a case's history, each as its asker may see
// it. What is not for the asker is not even read where that can be known.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "hotline/error.h"
#include "hotline/limits.h"
#include "src/base/time.h"
#include "src/engine/impl.h"

namespace hotline {
namespace {

using internal::FromTimestamp;
using internal::LoadedCase;

// A reporter's history: internal notes and files are not there at all.
void DropInternal(v1::Event* event) {
  auto* facts = event->mutable_facts();
  for (int i = facts->size() - 1; i >= 0; --i) {
    const v1::Fact& fact = facts->Get(i);
    const bool hidden = (fact.has_noted() &&
                         fact.noted().visibility() != v1::Note::PUBLIC_NOTE) ||
                        (fact.has_attached() &&
                         fact.attached().visibility() != v1::Note::PUBLIC_NOTE);
    if (hidden) facts->DeleteSubrange(i, 1);
  }
  v1::EventSealed* sealed =
      event->has_sealed() ? event->mutable_sealed() : nullptr;
  if (sealed == nullptr) return;
  for (int i = 0; i < sealed->texts_size(); ++i) {
    const bool shown =
        i < sealed->for_reporter_size() && sealed->for_reporter(i);
    if (!shown) sealed->set_texts(i, "");
  }
}

void DropEmptyFacts(v1::Event* event) {
  auto* facts = event->mutable_facts();
  for (int i = facts->size() - 1; i >= 0; --i) {
    if (facts->Get(i).kind_case() == v1::Fact::KIND_NOT_SET) {
      facts->DeleteSubrange(i, 1);
    }
  }
}

}  // namespace

absl::StatusOr<int> Engine::Impl::LimitOf(const v1::Page& page) {
  if (page.limit() < 0 || page.limit() > limits::kPageItemsMax) {
    return MakeError(v1::ErrorInfo::INVALID_ARGUMENT,
                     absl::StrCat("page.limit: is ", page.limit(), "; 1 to ",
                                  limits::kPageItemsMax, ", or 0 for ",
                                  limits::kPageItemsDefault));
  }
  return page.limit() == 0 ? limits::kPageItemsDefault : page.limit();
}

bool Engine::Impl::Cut(const View& view, v1::Event* event) {
  if (!view.personal && !view.reporter) event->clear_sealed();
  if (!view.internal) DropInternal(event);
  Mask(view, event);
  if (!view.internal) DropEmptyFacts(event);
  return view.internal || event->facts_size() > 0;
}

absl::StatusOr<View> Engine::Impl::ViewOf(const Policy& policy,
                                          const Actor& actor,
                                          LoadedCase* loaded, bool shown) {
  v1::Case& on = loaded->message;
  View view;
  view.internal = May(policy, actor, v1::READ_INTERNAL, &on);
  view.personal = May(policy, actor, v1::READ_PERSONAL, &on);
  // Whose case it is stands in the sealed body: would it be this one's own?
  v1::Case own_case;
  own_case.set_tenant(actor.tenant);
  own_case.set_reporter(actor.id);
  const bool may_be_reporter = policy.access().IsReporter(actor, own_case);
  if (!(view.personal && shown) && !may_be_reporter) return view;
  const auto row = store_->ReadCase({actor.tenant, on.id()}, Part::kSealed);
  if (!row.ok()) return row.status();
  auto whole = LoadRow(*row);
  if (!whole.ok()) return whole.status();
  *loaded = *std::move(whole);
  const bool own = !actor.id.empty() && on.reporter() == actor.id;
  if (may_be_reporter && own) {
    view.reporter = true;
    view.internal |= May(policy, actor, v1::READ_INTERNAL, &on);
    // One's own words are no secret from oneself.
    view.personal = true;
  }
  return view;
}

absl::StatusOr<v1::Case> Engine::Impl::Get(const Actor& actor,
                                           std::string_view reference) {
  if (const absl::Status bad = CheckActor(actor); !bad.ok()) return bad;
  const auto policy = policies_.Current(actor.tenant, Now());
  if (!policy.ok()) return policy.status();
  auto loaded = LoadByReference(policy->policy, actor.tenant, reference, false);
  if (!loaded.ok()) return loaded.status();
  const auto view = ViewOf(policy->policy, actor, &*loaded);
  if (!view.ok()) return view.status();
  ReadClocks(policy->policy, Now(), &loaded->message);
  Mask(*view, &loaded->message);
  return std::move(loaded->message);
}

absl::StatusOr<v1::CasePage> Engine::Impl::Find(const Actor& actor,
                                                const v1::Query& query) {
  if (const absl::Status bad = CheckActor(actor); !bad.ok()) return bad;
  const auto policy = policies_.Current(actor.tenant, Now());
  if (!policy.ok()) return policy.status();
  const auto limit = LimitOf(query.page());
  if (!limit.ok()) return limit.status();
  Filter filter;
  filter.tenant = actor.tenant;
  filter.limit = *limit;
  filter.cursor = query.page().cursor();
  if (!query.reference().empty()) filter.references = {query.reference()};
  if (query.has_external()) {
    filter.external_system = query.external().system();
    filter.external_id = query.external().id();
  }
  if (!query.category().empty()) {
    const Category* category = policy->policy.taxonomy().Find(query.category());
    filter.category = category != nullptr ? category->code : query.category();
  }
  if (!query.unit().empty()) filter.unit = query.unit();
  if (query.cell() != 0) filter.cell = static_cast<int64_t>(query.cell());
  if (query.has_open()) filter.open = query.open();
  filter.phases.assign(query.phases().begin(), query.phases().end());
  const auto ms = [](const google::protobuf::Timestamp& t) {
    return internal::ToMs(FromTimestamp(t));
  };
  if (query.has_opened_from()) filter.opened_from = ms(query.opened_from());
  if (query.has_opened_until()) filter.opened_until = ms(query.opened_until());
  if (query.has_due_until()) filter.due_until = ms(query.due_until());
  const auto page = store_->Find(filter);
  if (!page.ok()) return page.status();
  v1::CasePage answer;
  answer.set_next_cursor(page->next_cursor);
  const absl::Time now = Now();
  for (const CaseRow& row : page->rows) {
    auto loaded = LoadRow(row);
    if (!loaded.ok()) return loaded.status();
    const auto view = ViewOf(policy->policy, actor, &*loaded);
    if (!view.ok()) return view.status();
    // A list shows only what is the asker's to see, not what a reference
    // would open.
    if (!view->internal && !view->reporter) continue;
    ReadClocks(policy->policy, now, &loaded->message);
    Mask(*view, &loaded->message);
    *answer.add_cases() = std::move(loaded->message);
  }
  return answer;
}

absl::StatusOr<v1::EventPage> Engine::Impl::History(const Actor& actor,
                                                    std::string_view reference,
                                                    const v1::Page& page) {
  if (const absl::Status bad = CheckActor(actor); !bad.ok()) return bad;
  const auto policy = policies_.Current(actor.tenant, Now());
  if (!policy.ok()) return policy.status();
  const auto limit = LimitOf(page);
  if (!limit.ok()) return limit.status();
  int64_t after = 0;
  for (const char c : page.cursor()) {
    if (c < '0' || c > '9' || after > int64_t{1} << 40) {
      return MakeError(v1::ErrorInfo::INVALID_ARGUMENT,
                       "page.cursor: is none of ours; leave it empty to begin");
    }
    after = after * 10 + (c - '0');
  }
  auto loaded = LoadByReference(policy->policy, actor.tenant, reference, false);
  if (!loaded.ok()) return loaded.status();
  const auto view = ViewOf(policy->policy, actor, &*loaded);
  if (!view.ok()) return view.status();
  const v1::Case& on = loaded->message;
  const auto rows =
      store_->ReadEvents(EventsOf({actor.tenant, on.id()}, after, *limit));
  if (!rows.ok()) return rows.status();
  v1::EventPage answer;
  for (const EventRow& row : rows->rows) {
    auto event = internal::FromRow(row);
    if (!event.ok()) return event.status();
    if (Cut(*view, &*event)) *answer.add_events() = *std::move(event);
  }
  if (!rows->rows.empty() && rows->rows.back().version < on.version()) {
    answer.set_next_cursor(absl::StrCat(rows->rows.back().version));
  }
  return answer;
}

}  // namespace hotline
