// Describes parts of steps.
#include "pod/plan/describe_words.hpp"

#include <fmt/format.h>

#include "pod/annotations/rlimits.hpp"
#include "pod/spec/capabilities.hpp"
#include "pod/text/duration.hpp"
#include "pod/text/joined.hpp"

namespace podrun::pod {

std::string capability_words(std::uint64_t set) {
  if (set == all_capabilities) return "all";
  const auto names = capability_names(set);
  return names.empty() ? "none" : joined(names, " ");
}

std::string offset_words(std::string_view clock, std::chrono::nanoseconds offset) {
  const auto distance = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::abs(offset));
  return fmt::format("{} {} {}", clock, to_text(distance), offset.count() < 0 ? "behind" : "ahead");
}

std::string details_of(const host::MakeNamespace& step) {
  std::string details;
  switch (step.kind) {
    case NamespaceKind::Net: details = ", lo up"; break;
    case NamespaceKind::Uts: details = ", called " + step.hostname; break;
    case NamespaceKind::Cgroup: details = ", rooted at its control group"; break;
    case NamespaceKind::Time:
      if (step.offsets.monotonic.count() != 0) details += ", " + offset_words("monotonic", step.offsets.monotonic);
      if (step.offsets.boottime.count() != 0) details += ", " + offset_words("boottime", step.offsets.boottime);
      break;
    case NamespaceKind::Ipc:
    case NamespaceKind::Mnt:
    case NamespaceKind::Pid:
    case NamespaceKind::User: break;
  }
  return details;
}

std::string limits_words(const step::ResourceLimits& step) {
  std::vector<std::string> bounded;
  std::vector<std::string_view> free;
  for (const ResourceLimit& limit : step.limits) {
    if (limit.soft == unlimited) free.push_back(name_of(limit.resource));
    else bounded.push_back(fmt::format("{} {}", name_of(limit.resource), limit_words(limit)));
  }
  std::string words = joined(bounded, ", ");
  if (!free.empty()) words += fmt::format("{}no limit on {}", words.empty() ? "" : "; ", joined(free, " "));
  return words;
}

std::string filter_words(const step::Seccomp& step) {
  return step.own ? fmt::format("refuses {}", joined(words_of(*step.own), " ")) : step.profile;
}

}  // namespace podrun::pod
