// Looks up users and groups in the texts of an image's /etc/passwd and /etc/group.
//
// The texts come from an image and are not trusted. Lines that are not valid entries are skipped.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace podrun::pod {

/// One entry of /etc/passwd. The views refer to the text.
struct Account {
  std::string_view name;
  std::uint32_t uid;
  std::uint32_t gid;
  std::string_view home;
};

/// Parses a decimal user or group id, from 0 to 4294967294. 4294967295 is (uid_t)-1, which means "no change".
std::optional<std::uint32_t> parse_id(std::string_view text);

/// The first entry with that name.
std::optional<Account> find_account(std::string_view passwd, std::string_view name);

/// The first entry with that uid.
std::optional<Account> find_account(std::string_view passwd, std::uint32_t uid);

/// The gid of the first group with that name.
std::optional<std::uint32_t> find_group(std::string_view group, std::string_view name);

/// The gids of all groups that have this user as a member, in the order of the text.
std::vector<std::uint32_t> groups_listing(std::string_view group, std::string_view user);

}  // namespace podrun::pod
