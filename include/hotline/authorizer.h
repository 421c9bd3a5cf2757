// Who may do what. The engine asks before every command and query; no answer
// but kAllow lets it through. Without an authorizer of the host's own, the
// policy's roles decide (hotline/access.h).
//
// Thread rule: methods may be called from any thread. They must not call the
// engine. Lifetime: the host owns it; it must outlive the engine.
#ifndef HOTLINE_AUTHORIZER_H_
#define HOTLINE_AUTHORIZER_H_

#include <span>

#include "hotline/actor.h"
#include "hotline/v1/case.pb.h"
#include "hotline/v1/command.pb.h"
#include "hotline/v1/policy.pb.h"

namespace hotline {

class Authorizer {
 public:
  enum Decision { kDeny, kAllow };

  virtual ~Authorizer() = default;

  // May `actor` do `verb` to these cases? For OPEN there is none. Judged with
  // the versions it saw; the version fence makes that hold at the commit.
  virtual Decision MayDo(const Actor& actor, v1::Verb verb,
                         std::span<const v1::Case> cases) = 0;

  // May `actor` use this permission, on this case if one is given?
  virtual Decision May(const Actor& actor, v1::Permission permission,
                       const v1::Case* on) = 0;
};

}  // namespace hotline

#endif  // HOTLINE_AUTHORIZER_H_
