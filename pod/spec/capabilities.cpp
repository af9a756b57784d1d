// Sets of capabilities.
#include "pod/spec/capabilities.hpp"

#include <algorithm>

namespace podrun::pod {

std::string canonical_case(std::string_view text) {
  constexpr std::string_view prefix = "CAP_";
  std::string name(text);
  for (char& c : name)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  if (name.starts_with(prefix)) name.erase(0, prefix.size());
  return name;
}

std::string canonical_capability(std::string_view text) {
  constexpr std::string_view all = "ALL";
  std::string name = canonical_case(text);
  const bool is_known = capability_bit(name) != 0 || (name == all && text.size() == all.size());
  return is_known ? name : std::string();
}

std::uint64_t capabilities_of(const SecurityContext& security) {
  if (security.privileged) return all_capabilities;
  const auto& [add, drop] = security.capabilities;
  std::uint64_t kept = default_capabilities;
  const auto names_all = [](const std::string& name) { return name == "ALL"; };
  if (std::ranges::any_of(add, names_all)) kept = all_capabilities;
  if (std::ranges::any_of(drop, names_all)) kept = 0;
  for (const std::string& name : add) kept |= capability_bit(name);
  for (const std::string& name : drop) kept &= ~capability_bit(name);
  return kept;
}

std::vector<std::string> capability_names(std::uint64_t set) {
  std::vector<std::string> names;
  for (std::size_t number = 0; number < 64; ++number) {
    if ((set >> number & 1) == 0) continue;
    names.push_back(number < capability_names_by_number.size() ? std::string{capability_names_by_number[number]}
                                                               : "CAP_" + std::to_string(number));
  }
  return names;
}

}  // namespace podrun::pod
