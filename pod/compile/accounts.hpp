// Users and groups of an image, looked up in the text of its /etc/passwd and /etc/group.
//
// The text comes out of an image, so it may be anything: a line that is not an entry is passed over.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace podrun::pod {

/// One entry of /etc/passwd; the views point into its text.
struct Account {
  std::string_view name;
  std::uint32_t uid;
  std::uint32_t gid;
  std::string_view home;
};

/// A whole decimal number that can be an id: 0 … 4294967294 (4294967295 is (uid_t)-1, "no change").
std::optional<std::uint32_t> parse_id(std::string_view text);

/// The first entry of that name.
std::optional<Account> find_account(std::string_view passwd, std::string_view name);

/// The first entry of that uid.
std::optional<Account> find_account(std::string_view passwd, std::uint32_t uid);

/// The gid of the first group of that name.
std::optional<std::uint32_t> find_group(std::string_view group, std::string_view name);

/// The gids of all groups that list this user as a member, in the order of the text.
std::vector<std::uint32_t> groups_listing(std::string_view group, std::string_view user);

}  // namespace podrun::pod
