// Looks up users and groups in the texts of account files.
#include "pod/compile/accounts.hpp"

#include <array>
#include <charconv>
#include <limits>

namespace podrun::pod {
namespace {

/// Removes the text up to and including the next separator, and returns it without the separator.
std::string_view next_field(std::string_view& rest, char separator) {
  const auto field = rest.substr(0, rest.find(separator));
  rest.remove_prefix(field.size() < rest.size() ? field.size() + 1 : rest.size());
  return field;
}

/// The first N fields of a line. Missing fields are empty.
template <std::size_t N>
std::array<std::string_view, N> fields(std::string_view line) {
  std::array<std::string_view, N> result;
  for (auto& field : result) field = next_field(line, ':');
  return result;
}

std::optional<Account> parse_account(std::string_view line) {
  const auto [name, password, uid_text, gid_text, comment, home] = fields<6>(line);
  const auto uid = parse_id(uid_text);
  const auto gid = parse_id(gid_text);
  if (name.empty() || !uid || !gid) return std::nullopt;
  return Account{.name = name, .uid = *uid, .gid = *gid, .home = home};
}

struct Group {
  std::string_view name;
  std::uint32_t gid;
  std::string_view members;  ///< separated by commas
};

std::optional<Group> parse_group(std::string_view line) {
  const auto [name, password, gid_text, members] = fields<4>(line);
  const auto gid = parse_id(gid_text);
  if (name.empty() || !gid) return std::nullopt;
  return Group{.name = name, .gid = *gid, .members = members};
}

bool lists(std::string_view members, std::string_view user) {
  while (!members.empty()) {
    if (next_field(members, ',') == user) return true;
  }
  return false;
}

/// The first entry that `parse` returns for a line and `matches` accepts.
template <typename Parse, typename Matches>
auto find_entry(std::string_view text, Parse parse, Matches matches) -> decltype(parse(text)) {
  while (!text.empty()) {
    const auto entry = parse(next_field(text, '\n'));
    if (entry && matches(*entry)) return entry;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::uint32_t> parse_id(std::string_view text) {
  std::uint32_t id = 0;
  const auto* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, id);
  if (error != std::errc{} || stopped != end || id == std::numeric_limits<std::uint32_t>::max())
    return std::nullopt;
  return id;
}

std::optional<Account> find_account(std::string_view passwd, std::string_view name) {
  return find_entry(passwd, parse_account, [&](const Account& account) { return account.name == name; });
}

std::optional<Account> find_account(std::string_view passwd, std::uint32_t uid) {
  return find_entry(passwd, parse_account, [&](const Account& account) { return account.uid == uid; });
}

std::optional<std::uint32_t> find_group(std::string_view group, std::string_view name) {
  const auto entry = find_entry(group, parse_group, [&](const Group& it) { return it.name == name; });
  return entry ? std::optional{entry->gid} : std::nullopt;
}

std::vector<std::uint32_t> groups_listing(std::string_view group, std::string_view user) {
  std::vector<std::uint32_t> gids;
  while (!group.empty()) {
    const auto entry = parse_group(next_field(group, '\n'));
    if (entry && lists(entry->members, user)) gids.push_back(entry->gid);
  }
  return gids;
}

}  // namespace podrun::pod
