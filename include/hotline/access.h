// Access: what roles may do and what they may see. Default deny.
//
//   const auto access = hotline::Access::Compile(spec.roles(), &problems);
//   if (!access.MaySee(actor, found)) return NotFound();  // as if absent
//   if (!access.MayDo(actor, v1::RESOLVE, &found)) return Denied();
//   hotline::Mask(access.ViewOf(actor, found), &found);
//
// An actor with several roles may do what any of them may. A role that the
// policy does not name grants nothing. A case of another tenant is never
// reached. A policy without roles has these:
//   role        bound to      verbs                          permissions
//   admin       -             all                            all
//   supervisor  -             all but ERASE_PERSON           READ_INTERNAL,
//               READ_PERSONAL, READ_ALL, LATE_FACT, RECORD_CONTACT,
//               DECLARE
//   agent       -             OPEN, ACCEPT, ASSIGN,          READ_INTERNAL,
//               TRANSFER, WAIT, RESUME, NOTE, ATTACH,        READ_PERSONAL,
//               LINK, MERGE, SPLIT, RECLASSIFY,              READ_ALL,
//               REPRIORITISE, RELOCATE, CORRECT, CLOSE,      RECORD_CONTACT
//               REOPEN, CANCEL, REJECT, RATE
//   unit        own units'    ACCEPT, ASSIGN, TRANSFER,      READ_INTERNAL,
//               RETURN, WAIT, RESUME, RESOLVE,               READ_PERSONAL
//               REQUEST_CLOSURE, CLOSE,
//               CLOSE_AND_FOLLOW_UP, COMPLETE_FOLLOW_UP,
//               NOTE, ATTACH, REQUEST_EXTENSION, ESCALATE,
//               LINK
//   reporter    own cases     OPEN, NOTE, ATTACH, RATE,      none; sees what
//               REOPEN, CANCEL, RESUME                       is for reporters
//   public      -             none                           none
//   machine     -             all (TICK and imports)         IMPORT, LATE_FACT,
//               READ_ALL, READ_INTERNAL, RECORD_CONTACT
//
// Thread rule: immutable; share it between threads. Copies are cheap. Lifetime:
// nothing given to Compile needs to outlive it.
#ifndef HOTLINE_ACCESS_H_
#define HOTLINE_ACCESS_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "google/protobuf/message.h"
#include "hotline/actor.h"
#include "hotline/error.h"
#include "hotline/v1/case.pb.h"
#include "hotline/v1/command.pb.h"
#include "hotline/v1/policy.pb.h"

namespace hotline {

// Which audiences' fields a view keeps. Secret ones never.
struct View {
  bool reporter = false;  // fields for the reporter
  bool internal = false;  // fields for staff
  bool personal = false;  // names, addresses, citizens' texts
};

class Access final {
 public:
  // Problems with paths that begin with `roles[i]`: codes empty, unfit or
  // there twice, verbs and permissions that are none.
  static Access Compile(
      const google::protobuf::RepeatedPtrField<v1::RoleSpec>& roles,
      Problems* problems);

  // `on` is null for OPEN, and only there.
  bool MayDo(const Actor& actor, v1::Verb verb, const v1::Case* on) const;
  // A role bound to own cases has its permissions on those only, but for
  // READ_ALL, which lets it read any; what is about no case (ADOPT, DECLARE,
  // IMPORT, LATE_FACT, RECORD_CONTACT) it also has where `on` is null.
  bool May(const Actor& actor, v1::Permission permission,
           const v1::Case* on) const;
  // True if the actor may know that there is such a case: any role reaches it
  // or reads all. What of it is shown, the view says.
  bool MaySee(const Actor& actor, const v1::Case& on) const;
  View ViewOf(const Actor& actor, const v1::Case& on) const;
  // True if the actor is the case's reporter, acting as one: in a role bound
  // to own_cases_only, under the id by which the case was reported.
  bool IsReporter(const Actor& actor, const v1::Case& on) const;
  // True if the actor acts as a reporter and nothing else: also in a case of
  // their own they may not read what is internal.
  bool IsCitizen(const Actor& actor) const;
  // A role of the policy, or of the table above.
  bool Knows(std::string_view role) const;

 private:
  struct Table;
  std::shared_ptr<const Table> table_;
};

// Clears every field the view may not see, by the (see) marks, at any depth,
// with all fields this release does not know. PUBLIC fields always stay;
// REPORTER ones for reporters and staff; INTERNAL ones, and those without a
// mark, for staff; PERSONAL ones with `personal`, whoever asks; SECRET never.
// What is inside a field that stays is judged by its own marks.
void Mask(const View& view, google::protobuf::Message* message);

}  // namespace hotline

#endif  // HOTLINE_ACCESS_H_
