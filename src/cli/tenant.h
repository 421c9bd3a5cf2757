// Whose cases, and by whom the program acts.
#ifndef HOTLINE_SRC_CLI_TENANT_H_
#define HOTLINE_SRC_CLI_TENANT_H_

#include <string>

#include "absl/status/statusor.h"
#include "hotline/authorizer.h"
#include "hotline/store.h"

namespace hotline::cli {

// The tenant asked for, or the only one there is. INVALID_ARGUMENT names those
// there are.
absl::StatusOr<std::string> ChooseTenant(const std::string& asked,
                                         Store* store);

// Whoever can open the file may read it all; personal fields are shown only
// when they are asked for.
class Operator final : public Authorizer {
 public:
  explicit Operator(bool personal) : personal_(personal) {}
  Decision MayDo(const Actor&, v1::Verb, std::span<const v1::Case>) override {
    return kAllow;
  }
  Decision May(const Actor&, v1::Permission permission,
               const v1::Case*) override {
    return permission == v1::READ_PERSONAL && !personal_ ? kDeny : kAllow;
  }

 private:
  const bool personal_;
};

}  // namespace hotline::cli

#endif  // HOTLINE_SRC_CLI_TENANT_H_
