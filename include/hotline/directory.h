// Who a unit, an agent or a role is, and how to reach them. Notices name
// recipients; the engine asks the directory for addresses when it sends, so an
// address changed or erased meanwhile is honoured.
//
// Thread rule: may be called from any thread. Lifetime: the host's.
#ifndef HOTLINE_DIRECTORY_H_
#define HOTLINE_DIRECTORY_H_

#include <string>
#include <string_view>
#include <vector>

namespace hotline {

struct Contactable {
  std::string name;      // `unit:lights`, `agent:mei`
  std::string address;   // for the channel asked for
  std::string language;  // BCP 47
};

class Directory {
 public:
  virtual ~Directory() = default;

  // `kind` is `unit`, `agent`, `role` or `person`. None: nobody to tell.
  virtual std::vector<Contactable> Find(std::string_view tenant,
                                        std::string_view kind,
                                        std::string_view name,
                                        std::string_view channel) = 0;
};

}  // namespace hotline

#endif  // HOTLINE_DIRECTORY_H_
