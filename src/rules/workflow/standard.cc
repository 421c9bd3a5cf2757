// The workflow that ships with the library. Read beside the states of real
// hotlines: accept, dispatch, re-dispatch, wait, answer, close, track, reopen.
#include <cstdlib>

#include "google/protobuf/text_format.h"
#include "hotline/workflow.h"

namespace hotline {
namespace {

// A table is read by its columns.
// clang-format off
constexpr char kStandard[] = R"pb(
  code: "standard"
  initial: "new"
  reopen_window: "720h"
  states {
    code: "new" phase: NEW public_status: OPEN_STATUS
    names { language: "en" text: "Received" }
    names { language: "zh-Hant" text: "受理中" }
  }
  states {
    code: "assigned" phase: ACTIVE public_status: OPEN_STATUS
    names { language: "en" text: "Assigned" }
    names { language: "zh-Hant" text: "已分派" }
  }
  states {
    code: "in_progress" phase: ACTIVE public_status: OPEN_STATUS
    names { language: "en" text: "In progress" }
    names { language: "zh-Hant" text: "處理中" }
  }
  states {
    code: "waiting" phase: WAITING public_status: OPEN_STATUS
    names { language: "en" text: "Waiting" }
    names { language: "zh-Hant" text: "等待補正" }
  }
  states {
    code: "resolved" phase: RESOLVED public_status: FIXED timeout: "168h"
    names { language: "en" text: "Resolved" }
    names { language: "zh-Hant" text: "處理完成" }
  }
  states {
    code: "closed" phase: CLOSED public_status: FIXED
    names { language: "en" text: "Closed" }
    names { language: "zh-Hant" text: "結案" }
  }
  states {
    code: "followed_up" phase: CLOSED public_status: FIXED
    names { language: "en" text: "Closed, tracked" }
    names { language: "zh-Hant" text: "結案列管" }
  }
  states {
    code: "cancelled" phase: CLOSED public_status: CLOSED_NOT_FIXED
    names { language: "en" text: "Cancelled" }
    names { language: "zh-Hant" text: "撤案" }
  }
  states {
    code: "rejected" phase: CLOSED public_status: CLOSED_NOT_FIXED
    names { language: "en" text: "Not ours" }
    names { language: "zh-Hant" text: "非本機關權責" }
  }
  states {
    code: "merged" phase: CLOSED public_status: CLOSED_NOT_FIXED
    names { language: "en" text: "Merged" }
    names { language: "zh-Hant" text: "併案" }
  }

  # Taking it and handing it on.
  transitions { from: "new" from: "assigned" verb: ACCEPT guards: STAFF to: "in_progress" }
  transitions { from: "new" from: "assigned" verb: ASSIGN guards: STAFF to: "assigned" }
  transitions { from: "in_progress" from: "waiting" verb: ASSIGN guards: STAFF }
  transitions { from: "new" from: "assigned" from: "in_progress" verb: TRANSFER guards: STAFF to: "assigned" effects: UNASSIGN_AGENT effects: DROP_REQUESTS }
  transitions { from: "new" from: "assigned" from: "in_progress" verb: RETURN guards: STAFF guards: HAS_UNIT to: "new" effects: UNASSIGN effects: DROP_REQUESTS }

  # Waiting.
  transitions { from: "new" from: "assigned" from: "in_progress" verb: WAIT guards: STAFF to: "waiting" }
  transitions { from: "waiting" verb: RESUME to: "in_progress" effects: END_WAIT }

  # Answering and closing.
  transitions { from: "new" from: "assigned" from: "in_progress" from: "waiting" verb: RESOLVE guards: STAFF to: "resolved" effects: END_WAIT effects: DROP_REQUESTS effects: OPEN_REOPEN_WINDOW }
  transitions { from: "assigned" from: "in_progress" verb: REQUEST_CLOSURE guards: STAFF guards: NO_CLOSURE_ASKED }
  transitions { from: "new" from: "assigned" from: "in_progress" from: "waiting" verb: APPROVE_CLOSURE guards: STAFF guards: CLOSURE_ASKED guards: SOMEBODY_ELSE to: "closed" effects: END_WAIT effects: DROP_REQUESTS effects: OPEN_REOPEN_WINDOW }
  transitions { from: "new" from: "assigned" from: "in_progress" from: "waiting" verb: DECLINE_CLOSURE guards: STAFF guards: CLOSURE_ASKED }
  transitions { from: "new" from: "assigned" from: "in_progress" from: "waiting" verb: CLOSE guards: STAFF to: "closed" effects: END_WAIT effects: DROP_REQUESTS effects: OPEN_REOPEN_WINDOW }
  transitions { from: "resolved" verb: CLOSE guards: STAFF to: "closed" }
  transitions { from: "resolved" verb: TICK to: "closed" }
  transitions { from: "new" from: "assigned" from: "in_progress" from: "waiting" from: "resolved" verb: CLOSE_AND_FOLLOW_UP guards: STAFF to: "followed_up" effects: END_WAIT effects: DROP_REQUESTS effects: OPEN_FOLLOW_UP effects: OPEN_REOPEN_WINDOW }
  transitions { from: "followed_up" verb: COMPLETE_FOLLOW_UP guards: STAFF guards: FOLLOW_UP_OPEN to: "closed" effects: FINISH_FOLLOW_UP }
  transitions { from: "new" from: "assigned" from: "in_progress" from: "waiting" verb: CANCEL to: "cancelled" effects: END_WAIT effects: DROP_REQUESTS }
  transitions { from: "new" from: "assigned" from: "in_progress" verb: REJECT guards: STAFF to: "rejected" effects: DROP_REQUESTS effects: OPEN_REOPEN_WINDOW }

  # Coming back.
  transitions { from: "resolved" from: "closed" from: "rejected" verb: REOPEN guards: STAFF to: "in_progress" }
  transitions { from: "resolved" from: "closed" from: "rejected" verb: REOPEN guards: BY_REPORTER guards: IN_REOPEN_WINDOW to: "in_progress" }
  transitions { from: "followed_up" verb: REOPEN guards: STAFF to: "in_progress" effects: FINISH_FOLLOW_UP }
  transitions { from: "followed_up" verb: REOPEN guards: BY_REPORTER guards: IN_REOPEN_WINDOW to: "in_progress" effects: FINISH_FOLLOW_UP }
  transitions { from: "cancelled" verb: REOPEN guards: STAFF to: "in_progress" }

  # Several cases.
  transitions { from: "new" from: "assigned" from: "in_progress" from: "waiting" verb: MERGE guards: STAFF to: "merged" effects: END_WAIT effects: DROP_REQUESTS }
  transitions { from: "new" from: "assigned" from: "in_progress" from: "waiting" verb: SPLIT guards: STAFF }
  transitions { from: "new" from: "assigned" from: "in_progress" from: "waiting" from: "resolved" from: "closed" from: "followed_up" verb: LINK guards: STAFF }

  # Mending what is known.
  transitions { from: "new" verb: RECLASSIFY guards: STAFF effects: ROUTE }
  transitions { from: "assigned" from: "in_progress" from: "waiting" verb: RECLASSIFY guards: STAFF }
  transitions { from: "new" from: "assigned" from: "in_progress" from: "waiting" verb: REPRIORITISE guards: STAFF }
  transitions { from: "new" verb: RELOCATE guards: STAFF effects: ROUTE }
  transitions { from: "assigned" from: "in_progress" from: "waiting" verb: RELOCATE guards: STAFF }
  transitions { from: "new" from: "assigned" from: "in_progress" from: "waiting" from: "resolved" from: "closed" from: "followed_up" verb: CORRECT guards: STAFF }

  # Saying something.
  transitions { from: "new" from: "assigned" from: "in_progress" from: "waiting" from: "resolved" from: "closed" from: "followed_up" from: "cancelled" from: "rejected" from: "merged" verb: NOTE }
  transitions { from: "new" from: "assigned" from: "in_progress" from: "waiting" from: "resolved" from: "closed" from: "followed_up" verb: ATTACH }
  transitions { from: "resolved" from: "closed" from: "followed_up" from: "rejected" verb: RATE guards: NOT_RATED }
  transitions { from: "new" from: "assigned" from: "in_progress" from: "waiting" from: "followed_up" verb: ESCALATE guards: STAFF }

  # More time: asked for before due, granted by somebody else.
  transitions { from: "new" from: "assigned" from: "in_progress" from: "waiting" verb: REQUEST_EXTENSION guards: STAFF guards: NO_EXTENSION_ASKED guards: BEFORE_DUE }
  transitions { from: "new" from: "assigned" from: "in_progress" from: "waiting" verb: APPROVE_EXTENSION guards: STAFF guards: EXTENSION_ASKED guards: SOMEBODY_ELSE }
  transitions { from: "new" from: "assigned" from: "in_progress" from: "waiting" verb: DECLINE_EXTENSION guards: STAFF guards: EXTENSION_ASKED guards: SOMEBODY_ELSE }

  transitions { from: "new" from: "assigned" from: "in_progress" from: "waiting" from: "resolved" from: "closed" from: "followed_up" from: "cancelled" from: "rejected" from: "merged" verb: ERASE_PERSON guards: STAFF }

  # Finished clocks, judged anew after a closure entered too late for them.
  transitions { from: "new" from: "assigned" from: "in_progress" from: "waiting" from: "resolved" from: "closed" from: "followed_up" from: "rejected" verb: RESTATE guards: STAFF }
)pb";
// clang-format on

v1::WorkflowSpec* Parse() {
  auto* spec = new v1::WorkflowSpec;
  // A test compiles it; a typing error here cannot pass.
  google::protobuf::TextFormat::ParseFromString(kStandard, spec);
  return spec;
}

}  // namespace

const v1::WorkflowSpec& StandardWorkflow() {
  static const v1::WorkflowSpec* const spec = Parse();
  return *spec;
}

}  // namespace hotline
