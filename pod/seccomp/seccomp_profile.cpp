// An OCI seccomp profile, decoded. The file is an administrator's; a mistake in it must not open what it was to close.
#include "pod/seccomp/seccomp_profile.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "pod/json/json.hpp"
#include "pod/text/utf8_text.hpp"

namespace podrun::pod {
namespace {

using Json = json::Value;
using namespace std::string_view_literals;

constexpr std::array actions{std::pair{"SCMP_ACT_ALLOW"sv, SeccompAction::Allow},
                             std::pair{"SCMP_ACT_ERRNO"sv, SeccompAction::Errno},
                             std::pair{"SCMP_ACT_KILL"sv, SeccompAction::KillThread},
                             std::pair{"SCMP_ACT_KILL_THREAD"sv, SeccompAction::KillThread},
                             std::pair{"SCMP_ACT_KILL_PROCESS"sv, SeccompAction::KillProcess},
                             std::pair{"SCMP_ACT_TRAP"sv, SeccompAction::Trap},
                             std::pair{"SCMP_ACT_TRACE"sv, SeccompAction::Trace},
                             std::pair{"SCMP_ACT_LOG"sv, SeccompAction::Log}};
constexpr std::array comparisons{std::pair{"SCMP_CMP_NE"sv, SeccompComparison::NotEqual},
                                 std::pair{"SCMP_CMP_LT"sv, SeccompComparison::Less},
                                 std::pair{"SCMP_CMP_LE"sv, SeccompComparison::LessOrEqual},
                                 std::pair{"SCMP_CMP_EQ"sv, SeccompComparison::Equal},
                                 std::pair{"SCMP_CMP_GE"sv, SeccompComparison::GreaterOrEqual},
                                 std::pair{"SCMP_CMP_GT"sv, SeccompComparison::Greater},
                                 std::pair{"SCMP_CMP_MASKED_EQ"sv, SeccompComparison::MaskedEqual}};

/// Members of an object in an OCI profile that podrun reads or may leave unread.
Result<> only(const Json& object, const std::string& where, std::initializer_list<std::string_view> known) {
  if (!object.is_object()) return fail(fmt::format("{} must be an object", where));
  const std::string* unknown = nullptr;  // of several the first in alphabetical order
  for (const auto& [name, value] : object.members())
    if (std::ranges::find(known, name) == known.end() && (unknown == nullptr || name < *unknown)) unknown = &name;
  return unknown == nullptr ? Result<>()
                            : fail(fmt::format("{}: podrun does not know {}", where, in_quotes(*unknown)));
}

const Json* member(const Json& object, const char* name) {
  const Json* found = object.find(name);
  return found == nullptr || found->is_null() ? nullptr : found;
}

template <typename Named>
auto one_of(const Named& named, const Json& object, const std::string& where, const char* name)
    -> Result<decltype(named[0].second)> {
  const Json* value = member(object, name);
  if (value == nullptr || !value->is_string()) return fail(fmt::format("{}.{} must be a string", where, name));
  const std::string& text = *value->string();
  for (const auto& [word, meaning] : named)
    if (word == text) return meaning;
  return fail(fmt::format("{}.{}: podrun does not know {}", where, name, in_quotes(text)));
}

Result<std::uint64_t> number(const Json& object, const std::string& where, const char* name, std::uint64_t most,
                             std::uint64_t absent) {
  const Json* value = member(object, name);
  if (value == nullptr) return absent;
  const std::uint64_t* found = value->unsigned_number();
  if (found == nullptr || *found > most)
    return fail(fmt::format("{}.{} must be a number from 0 to {}", where, name, most));
  return *found;
}

Result<std::vector<std::string>> strings(const Json& object, const std::string& where, const char* name) {
  const Json* list = member(object, name);
  if (list == nullptr) return std::vector<std::string>();
  if (!list->is_array() || !std::ranges::all_of(list->items(), &Json::is_string))
    return fail(fmt::format("{}.{} must be a list of strings", where, name));
  std::vector<std::string> texts;
  for (const Json& item : list->items()) texts.push_back(*item.string());
  return texts;
}

constexpr std::uint64_t most_errno = 4095;

Result<SeccompArgument> argument(const Json& object, const std::string& where) {
  TRY_VOID(only(object, where, {"index", "value", "valueTwo", "op"}));
  return SeccompArgument{.index = static_cast<unsigned>(TRY(number(object, where, "index", 5, 0))),
                         .comparison = TRY(one_of(comparisons, object, where, "op")),
                         .value = TRY(number(object, where, "value", ~0ULL, 0)),
                         .value_two = TRY(number(object, where, "valueTwo", ~0ULL, 0))};
}

Result<SeccompRule> rule(const Json& object, const std::string& where, unsigned default_error) {
  TRY_VOID(only(object, where, {"names", "action", "errnoRet", "args", "comment"}));
  SeccompRule rule{.names = TRY(strings(object, where, "names")),
                   .action = TRY(one_of(actions, object, where, "action")),
                   .error = static_cast<unsigned>(TRY(number(object, where, "errnoRet", most_errno, default_error))),
                   .arguments = {}};
  if (rule.names.empty()) return fail(fmt::format("{}.names must name a system call", where));
  const Json* arguments = member(object, "args");
  if (arguments == nullptr) return rule;
  if (!arguments->is_array()) return fail(fmt::format("{}.args must be a list", where));
  for (const Json& item : arguments->items())
    rule.arguments.push_back(TRY(argument(item, fmt::format("{}.args[{}]", where, rule.arguments.size()))));
  return rule;
}

Result<SeccompFilter> profile(const Json& object) {
  TRY_VOID(only(object, "the profile", {"defaultAction", "defaultErrnoRet", "architectures", "flags", "syscalls"}));
  constexpr unsigned eperm = 1;
  SeccompFilter made{
      .default_action = TRY(one_of(actions, object, "the profile", "defaultAction")),
      .default_error = static_cast<unsigned>(TRY(number(object, "the profile", "defaultErrnoRet", most_errno, eperm))),
      .architectures = TRY(strings(object, "the profile", "architectures")),
      .rules = {}};
  if (!TRY(strings(object, "the profile", "flags")).empty()) return fail("the profile's flags: podrun knows none");
  const Json* calls = member(object, "syscalls");
  if (calls == nullptr) return made;
  if (!calls->is_array()) return fail("the profile's syscalls must be a list");
  for (const Json& item : calls->items())
    made.rules.push_back(TRY(rule(item, fmt::format("syscalls[{}]", made.rules.size()), eperm)));
  return made;
}

}  // namespace

Result<SeccompFilter> parse_seccomp_profile(std::string_view text) {
  const auto parsed = json::parse(text);
  if (!parsed) return fail("not JSON: " + parsed.error().message);
  return profile(*parsed);
}

}  // namespace podrun::pod
