// What nearly every source reads: precompiled with HOTLINE_PCH, which halves a
// build. Sources include what they use all the same: clang's lint and
// consumers compile them without it.
#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "hotline/v1/case.pb.h"
#include "hotline/v1/command.pb.h"
#include "hotline/v1/contact.pb.h"
#include "hotline/v1/error.pb.h"
#include "hotline/v1/event.pb.h"
#include "hotline/v1/policy.pb.h"
