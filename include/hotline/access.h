// Access: what roles may do and what they may see.
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
  // Problems with paths that begin with `roles[i]`.
  static Access Compile(
      const google::protobuf::RepeatedPtrField<v1::RoleSpec>& roles,
      Problems* problems);

  // Default deny. `on` is null for OPEN.
  bool MayDo(const Actor& actor, v1::Verb verb, const v1::Case* on) const;
  bool May(const Actor& actor, v1::Permission permission,
           const v1::Case* on) const;
  // True if any role of the actor is bound to own_cases_only: a citizen.
  bool IsReporter(const Actor& actor, const v1::Case& on) const;

 private:
  struct Table;
  std::shared_ptr<const Table> table_;
};

// Clears every field the view may not see, by the (see) marks, at any depth.
void Mask(const View& view, google::protobuf::Message* message);

}  // namespace hotline

#endif  // HOTLINE_ACCESS_H_
