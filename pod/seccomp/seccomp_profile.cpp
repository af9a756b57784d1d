// An OCI seccomp profile, decoded. The file is an administrator's; a mistake in it must not open what it was to close.
#include "pod/seccomp/seccomp_profile.hpp"

#include <array>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "pod/text/utf8_text.hpp"

namespace podrun::pod {
namespace {

using Json = nlohmann::json;
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
  for (const auto& [name, value] : object.items())
    if (std::ranges::find(known, name) == known.end())
      return fail(fmt::format("{}: podrun does not know {}", where, in_quotes(name)));
  return {};
}

const Json* member(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

template <typename Named>
auto one_of(const Named& named, const Json& object, const std::string& where, const char* name)
    -> Result<decltype(named[0].second)> {
  const Json* value = member(object, name);
  if (value == nullptr || !value->is_string()) return fail(fmt::format("{}.{} must be a string", where, name));
  const auto& text = value->get_ref<const std::string&>();
  for (const auto& [word, meaning] : named)
    if (word == text) return meaning;
  return fail(fmt::format("{}.{}: podrun does not know {}", where, name, in_quotes(text)));
}

Result<std::uint64_t> number(const Json& object, const std::string& where, const char* name, std::uint64_t most,
                             std::uint64_t absent) {
  const Json* value = member(object, name);
  if (value == nullptr) return absent;
  if (!value->is_number_unsigned() || value->get<std::uint64_t>() > most)
    return fail(fmt::format("{}.{} must be a number from 0 to {}", where, name, most));
  return value->get<std::uint64_t>();
}

Result<std::vector<std::string>> strings(const Json& object, const std::string& where, const char* name) {
  const Json* list = member(object, name);
  if (list == nullptr) return std::vector<std::string>();
  if (!list->is_array() || !std::ranges::all_of(*list, [](const Json& item) { return item.is_string(); }))
    return fail(fmt::format("{}.{} must be a list of strings", where, name));
  return list->get<std::vector<std::string>>();
}

constexpr std::uint64_t most_errno = 4095;

Result<SeccompArgument> argument(const Json& json, const std::string& where) {
  TRY_VOID(only(json, where, {"index", "value", "valueTwo", "op"}));
  return SeccompArgument{.index = static_cast<unsigned>(TRY(number(json, where, "index", 5, 0))),
                         .comparison = TRY(one_of(comparisons, json, where, "op")),
                         .value = TRY(number(json, where, "value", ~0ULL, 0)),
                         .value_two = TRY(number(json, where, "valueTwo", ~0ULL, 0))};
}

Result<SeccompRule> rule(const Json& json, const std::string& where, unsigned default_error) {
  TRY_VOID(only(json, where, {"names", "action", "errnoRet", "args", "comment"}));
  SeccompRule rule{.names = TRY(strings(json, where, "names")),
                   .action = TRY(one_of(actions, json, where, "action")),
                   .error = static_cast<unsigned>(TRY(number(json, where, "errnoRet", most_errno, default_error))),
                   .arguments = {}};
  if (rule.names.empty()) return fail(fmt::format("{}.names must name a system call", where));
  const Json* arguments = member(json, "args");
  if (arguments == nullptr) return rule;
  if (!arguments->is_array()) return fail(fmt::format("{}.args must be a list", where));
  for (std::size_t i = 0; i < arguments->size(); ++i)
    rule.arguments.push_back(TRY(argument((*arguments)[i], fmt::format("{}.args[{}]", where, i))));
  return rule;
}

Result<SeccompFilter> profile(const Json& json) {
  TRY_VOID(only(json, "the profile", {"defaultAction", "defaultErrnoRet", "architectures", "flags", "syscalls"}));
  constexpr unsigned eperm = 1;
  SeccompFilter made{
      .default_action = TRY(one_of(actions, json, "the profile", "defaultAction")),
      .default_error = static_cast<unsigned>(TRY(number(json, "the profile", "defaultErrnoRet", most_errno, eperm))),
      .architectures = TRY(strings(json, "the profile", "architectures")),
      .rules = {}};
  if (!TRY(strings(json, "the profile", "flags")).empty()) return fail("the profile's flags: podrun knows none");
  const Json* calls = member(json, "syscalls");
  if (calls == nullptr) return made;
  if (!calls->is_array()) return fail("the profile's syscalls must be a list");
  for (std::size_t i = 0; i < calls->size(); ++i)
    made.rules.push_back(TRY(rule((*calls)[i], fmt::format("syscalls[{}]", i), eperm)));
  return made;
}

}  // namespace

Result<SeccompFilter> parse_seccomp_profile(std::string_view json) {
  try {
    return profile(Json::parse(json));
  } catch (const Json::exception& error) {
    const std::string_view what = error.what();
    return fail("not JSON: " + std::string(what.substr(what.find("] ") + 2)));
  }
}

}  // namespace podrun::pod
