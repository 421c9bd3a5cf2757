// Who acts. The host has made sure of it and vouches for it; the library only
// asks what such an actor may do.
#ifndef HOTLINE_ACTOR_H_
#define HOTLINE_ACTOR_H_

#include <string>
#include <vector>

namespace hotline {

// A plain value. `id` is an agent, a citizen or a machine; a citizen's is the
// Person.id under which cases were reported.
struct Actor {
  std::string tenant;
  std::string id;
  std::vector<std::string> roles;       // RoleSpec.code
  std::vector<std::string> units = {};  // units the actor works for
};

}  // namespace hotline

#endif  // HOTLINE_ACTOR_H_
