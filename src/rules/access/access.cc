#include "hotline/access.h"

#include <algorithm>
#include <bitset>
#include <initializer_list>
#include <unordered_map>

#include "absl/strings/str_cat.h"
#include "src/base/absl_bridge.h"
#include "src/base/check.h"

namespace hotline {

using google::protobuf::RepeatedPtrField;

namespace {

struct Role {
  std::bitset<v1::Verb_ARRAYSIZE> verbs;
  std::bitset<v1::Permission_ARRAYSIZE> permissions;
  bool own_unit_only = false;
  bool own_cases_only = false;

  bool bound() const { return own_unit_only || own_cases_only; }
  bool Has(v1::Verb verb) const {
    return v1::Verb_IsValid(verb) && verbs[static_cast<size_t>(verb)];
  }
  bool Has(v1::Permission permission) const {
    return v1::Permission_IsValid(permission) &&
           permissions[static_cast<size_t>(permission)];
  }
};

using Roles = std::unordered_map<std::string, Role>;

Role Everything() {
  Role role;
  role.verbs.set();
  role.verbs.reset(v1::VERB_UNSPECIFIED);
  role.permissions.set();
  role.permissions.reset(v1::PERMISSION_UNSPECIFIED);
  return role;
}

Role Make(std::initializer_list<v1::Verb> verbs,
          std::initializer_list<v1::Permission> permissions) {
  Role role;
  for (const v1::Verb verb : verbs) role.verbs.set(verb);
  for (const v1::Permission permission : permissions) {
    role.permissions.set(permission);
  }
  return role;
}

// The table of access.h.
Roles BuiltIn() {
  Roles roles;
  roles["admin"] = Everything();

  Role supervisor = Everything();
  supervisor.verbs.reset(v1::ERASE_PERSON);
  supervisor.permissions =
      Make({}, {v1::READ_INTERNAL, v1::READ_PERSONAL, v1::READ_ALL,
                v1::LATE_FACT, v1::RECORD_CONTACT, v1::DECLARE})
          .permissions;
  roles["supervisor"] = supervisor;

  roles["agent"] = Make(
      {v1::OPEN,   v1::ACCEPT,     v1::ASSIGN,       v1::TRANSFER, v1::WAIT,
       v1::RESUME, v1::NOTE,       v1::ATTACH,       v1::LINK,     v1::MERGE,
       v1::SPLIT,  v1::RECLASSIFY, v1::REPRIORITISE, v1::RELOCATE, v1::CORRECT,
       v1::CLOSE,  v1::REOPEN,     v1::CANCEL,       v1::REJECT,   v1::RATE},
      {v1::READ_INTERNAL, v1::READ_PERSONAL, v1::READ_ALL, v1::RECORD_CONTACT});

  Role unit = Make({v1::ACCEPT, v1::ASSIGN, v1::TRANSFER, v1::RETURN, v1::WAIT,
                    v1::RESUME, v1::RESOLVE, v1::REQUEST_CLOSURE, v1::CLOSE,
                    v1::CLOSE_AND_FOLLOW_UP, v1::COMPLETE_FOLLOW_UP, v1::NOTE,
                    v1::ATTACH, v1::REQUEST_EXTENSION, v1::ESCALATE, v1::LINK},
                   {v1::READ_INTERNAL, v1::READ_PERSONAL});
  unit.own_unit_only = true;
  roles["unit"] = unit;

  Role reporter = Make({v1::OPEN, v1::NOTE, v1::ATTACH, v1::RATE, v1::REOPEN,
                        v1::CANCEL, v1::RESUME},
                       {});
  reporter.own_cases_only = true;
  roles["reporter"] = reporter;

  roles["public"] = Role();

  Role machine = Everything();
  machine.permissions = Make({}, {v1::IMPORT, v1::LATE_FACT, v1::READ_ALL,
                                  v1::READ_INTERNAL, v1::RECORD_CONTACT})
                            .permissions;
  roles["machine"] = machine;
  return roles;
}

bool IsOfTenant(const Actor& actor, const v1::Case& on) {
  return on.tenant().empty() || on.tenant() == actor.tenant;
}

bool IsOwn(const Actor& actor, const v1::Case& on) {
  return !actor.id.empty() && on.reporter() == actor.id;
}

// The case is one of those the role is for.
bool Reaches(const Role& role, const Actor& actor, const v1::Case& on) {
  if (role.own_unit_only &&
      (on.unit().empty() || std::find(actor.units.begin(), actor.units.end(),
                                      on.unit()) == actor.units.end())) {
    return false;
  }
  return !role.own_cases_only || IsOwn(actor, on);
}

bool ReadsCases(v1::Permission permission) {
  return permission == v1::READ_INTERNAL || permission == v1::READ_PERSONAL;
}

Role Read(const v1::RoleSpec& spec, const std::string& path,
          Problems* problems) {
  Role role = spec.all_verbs() ? Everything() : Role();
  role.permissions.reset();
  role.own_unit_only = spec.own_unit_only();
  role.own_cases_only = spec.own_cases_only();
  for (int i = 0; i < spec.verbs_size(); ++i) {
    if (spec.verbs(i) == v1::VERB_UNSPECIFIED ||
        !v1::Verb_IsValid(spec.verbs(i))) {
      problems->Add(absl::StrCat(path, ".verbs[", i, "]"), "is no verb",
                    "leave it out; all_verbs stands for every verb");
      continue;
    }
    role.verbs.set(static_cast<size_t>(spec.verbs(i)));
  }
  for (int i = 0; i < spec.permissions_size(); ++i) {
    if (spec.permissions(i) == v1::PERMISSION_UNSPECIFIED ||
        !v1::Permission_IsValid(spec.permissions(i))) {
      problems->Add(absl::StrCat(path, ".permissions[", i, "]"),
                    "is no permission", "leave it out");
      continue;
    }
    role.permissions.set(static_cast<size_t>(spec.permissions(i)));
  }
  return role;
}

}  // namespace

struct Access::Table {
  Roles roles;

  // The actor's roles that the policy knows; others grant nothing.
  std::vector<const Role*> Of(const Actor& actor) const {
    std::vector<const Role*> found;
    for (const std::string& code : actor.roles) {
      const auto it = roles.find(code);
      if (it != roles.end()) found.push_back(&it->second);
    }
    return found;
  }
};

Access Access::Compile(const RepeatedPtrField<v1::RoleSpec>& roles,
                       Problems* problems) {
  auto table = std::make_shared<Table>();
  for (int i = 0; i < roles.size(); ++i) {
    const v1::RoleSpec& spec = roles.Get(i);
    const std::string path = absl::StrCat("roles[", i, "]");
    internal::CheckCode(spec.code(), absl::StrCat(path, ".code"), problems);
    Role role = Read(spec, path, problems);
    if (!table->roles.emplace(spec.code(), role).second) {
      problems->Add(absl::StrCat(path, ".code"),
                    absl::StrCat("\"", spec.code(), "\" is there twice"),
                    "every role has a code of its own");
    }
  }
  if (roles.empty()) table->roles = BuiltIn();
  Access access;
  access.table_ = std::move(table);
  return access;
}

bool Access::MayDo(const Actor& actor, v1::Verb verb,
                   const v1::Case* on) const {
  if (table_ == nullptr) return false;
  if (on == nullptr && verb != v1::OPEN) return false;
  if (on != nullptr && !IsOfTenant(actor, *on)) return false;
  for (const Role* role : table_->Of(actor)) {
    if (role->Has(verb) && (on == nullptr || Reaches(*role, actor, *on))) {
      return true;
    }
  }
  return false;
}

bool Access::May(const Actor& actor, v1::Permission permission,
                 const v1::Case* on) const {
  if (table_ == nullptr) return false;
  if (on != nullptr && !IsOfTenant(actor, *on)) return false;
  for (const Role* role : table_->Of(actor)) {
    if (!role->Has(permission)) continue;
    if (!role->bound() || permission == v1::READ_ALL) return true;
    if (ReadsCases(permission) && role->Has(v1::READ_ALL)) return true;
    // Without a case, nothing that is about one.
    if (on == nullptr ? !ReadsCases(permission) : Reaches(*role, actor, *on)) {
      return true;
    }
  }
  return false;
}

bool Access::MaySee(const Actor& actor, const v1::Case& on) const {
  if (table_ == nullptr || !IsOfTenant(actor, on)) return false;
  const std::vector<const Role*> roles = table_->Of(actor);
  return std::any_of(roles.begin(), roles.end(), [&](const Role* role) {
    return role->Has(v1::READ_ALL) || Reaches(*role, actor, on);
  });
}

bool Access::IsReporter(const Actor& actor, const v1::Case& on) const {
  if (table_ == nullptr || !IsOfTenant(actor, on) || !IsOwn(actor, on)) {
    return false;
  }
  const std::vector<const Role*> roles = table_->Of(actor);
  return std::any_of(roles.begin(), roles.end(),
                     [](const Role* role) { return role->own_cases_only; });
}

bool Access::IsCitizen(const Actor& actor) const {
  if (table_ == nullptr || actor.id.empty()) return false;
  const std::vector<const Role*> roles = table_->Of(actor);
  if (std::none_of(roles.begin(), roles.end(),
                   [](const Role* role) { return role->own_cases_only; })) {
    return false;
  }
  v1::Case own;
  own.set_tenant(actor.tenant);
  own.set_reporter(actor.id);
  return !May(actor, v1::READ_INTERNAL, &own);
}

View Access::ViewOf(const Actor& actor, const v1::Case& on) const {
  return {.reporter = IsReporter(actor, on),
          .internal = May(actor, v1::READ_INTERNAL, &on),
          .personal = May(actor, v1::READ_PERSONAL, &on)};
}

bool Access::Knows(std::string_view role) const {
  return table_ != nullptr && table_->roles.contains(std::string(role));
}

}  // namespace hotline
