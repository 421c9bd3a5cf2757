#include "src/cli/tenant.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "hotline/error.h"
#include "hotline/store_check.h"

namespace hotline::cli {

absl::StatusOr<std::string> ChooseTenant(const std::string& asked,
                                         Store* store) {
  const absl::StatusOr<std::vector<std::string>> tenants = ListTenants(store);
  if (!tenants.ok()) return tenants.status();
  const bool there =
      std::find(tenants->begin(), tenants->end(), asked) != tenants->end();
  if (there) return asked;
  if (tenants->empty()) {
    return absl::InvalidArgumentError(
        "the store holds no policy and no case; `hotline store run` or "
        "`hotline replay` fills one");
  }
  if (asked.empty() && tenants->size() == 1) return tenants->front();
  if (asked.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the store holds several tenants; choose one with "
                     "--tenant: ",
                     absl::StrJoin(*tenants, ", ")));
  }
  const std::string near = Nearest(asked, *tenants);
  return absl::InvalidArgumentError(absl::StrCat(
      "no tenant \"", asked, "\"; ",
      near.empty() ? absl::StrCat("there are: ", absl::StrJoin(*tenants, ", "))
                   : absl::StrCat("did you mean ", near, "?")));
}

}  // namespace hotline::cli
