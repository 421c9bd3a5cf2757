// The feed: what happened to all cases, for mirrors and reports. The store
// keeps the order and the cursor; here every event is cut to what its reader
// may see.
#include <map>

#include "absl/strings/str_cat.h"
#include "hotline/error.h"
#include "hotline/ids.h"
#include "src/engine/impl.h"

namespace hotline {

absl::StatusOr<std::optional<Engine::Impl::Followed>> Engine::Impl::Follow(
    const Policy& policy, const Actor& actor, const EventRow& event) {
  const auto row = store_->ReadCase(event.key, Part::kPayload);
  if (ReasonOf(row.status()) == v1::ErrorInfo::CASE_NOT_FOUND) {
    return MakeError(
        v1::ErrorInfo::CORRUPT,
        absl::StrCat("the store has event ", event.version, " of case ",
                     UuidToString(event.key.id), " and not the case"));
  }
  if (!row.ok()) return row.status();
  auto loaded = LoadRow(*row);
  if (!loaded.ok()) return loaded.status();
  const auto view = ViewOf(policy, actor, &*loaded, /*shown=*/false);
  if (!view.ok()) return view.status();
  // As in a list: only what is the asker's to see, not what a reference opens.
  if (!view->internal && !view->reporter) return std::nullopt;
  return Followed{loaded->message.reference(), *view};
}

absl::StatusOr<v1::ChangePage> Engine::Impl::Changes(const Actor& actor,
                                                     const v1::Page& page) {
  if (const absl::Status bad = CheckActor(actor); !bad.ok()) return bad;
  const auto policy = policies_.Current(actor.tenant, Now());
  if (!policy.ok()) return policy.status();
  const auto limit = LimitOf(page);
  if (!limit.ok()) return limit.status();
  if (const Capabilities store = store_->capabilities(); !store.feed) {
    return MakeError(v1::ErrorInfo::NOT_SUPPORTED,
                     absl::StrCat("the store `", store.name,
                                  "` cannot tell the events of all cases"));
  }
  const auto rows = store_->ReadEvents({.tenant = actor.tenant,
                                        .case_id = {},
                                        .after = 0,
                                        .cursor = page.cursor(),
                                        .limit = *limit});
  if (!rows.ok()) return rows.status();
  v1::ChangePage answer;
  answer.set_next_cursor(rows->next_cursor);
  answer.set_more(rows->more);
  std::map<std::string_view, std::optional<Followed>> cases;
  for (const EventRow& row : rows->rows) {
    const auto [found, unknown] = cases.try_emplace(row.key.id);
    if (unknown) {
      auto followed = Follow(policy->policy, actor, row);
      if (!followed.ok()) return followed.status();
      found->second = *std::move(followed);
    }
    if (!found->second.has_value()) continue;
    auto event = internal::FromRow(row);
    if (!event.ok()) return event.status();
    if (!Cut(found->second->view, &*event)) continue;
    v1::Change* change = answer.add_changes();
    change->set_reference(found->second->reference);
    *change->mutable_event() = *std::move(event);
  }
  return answer;
}

}  // namespace hotline
