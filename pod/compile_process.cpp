// What a container's process is.
#include "pod/compile_process.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "pod/accounts.hpp"
#include "pod/expand.hpp"
#include "pod/quote.hpp"
#include "pod/text.hpp"

namespace podrun::pod {
namespace {

// ---- identity ----

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

/// A text cut in two at the first separator; the second part is empty without one.
std::pair<std::string_view, std::string_view> split(std::string_view text, char separator) {
  const auto at = text.find(separator);
  if (at == text.npos) return {text, {}};
  return {text.substr(0, at), text.substr(at + 1)};
}

/// Who a container runs as, in the manifest's or the image's words: a number, a name, or "" for the default.
struct WantedUser {
  std::string user;
  std::string group;
};

WantedUser wanted_user(const SecurityContext& security, const ImageConfig& config) {
  const auto [image_user, image_group] = split(config.user, ':');
  WantedUser wanted{.user = std::string{image_user}, .group = std::string{image_group}};
  // The image's group belongs to the image's user: another user does not inherit it.
  if (security.run_as_user) wanted = {.user = std::to_string(*security.run_as_user), .group = {}};
  if (security.run_as_group) wanted.group = std::to_string(*security.run_as_group);
  if (wanted.user.empty()) wanted.user = "0";
  return wanted;
}

/// Looks up users and groups for one container; knows how to say that one is missing.
class AccountFiles {
 public:
  AccountFiles(const Container& container, const Image& image) : container_(container), image_(image) {}

  /// The account of a user; one without an entry has only its uid, group 0 and no name, as in containerd.
  Result<Account> user(std::string_view wanted) const {
    if (is_number(wanted) || wanted.starts_with('-')) {
      const auto uid = TRY(id("user", wanted));
      return find_account(image_.passwd, uid).value_or(Account{.name = {}, .uid = uid, .gid = 0, .home = {}});
    }
    const auto account = find_account(image_.passwd, wanted);
    if (!account) return unknown("user", wanted, "/etc/passwd");
    return *account;
  }

  Result<std::uint32_t> group(std::string_view wanted) const {
    if (is_number(wanted) || wanted.starts_with('-')) return id("group", wanted);
    const auto gid = find_group(image_.group, wanted);
    if (!gid) return unknown("group", wanted, "/etc/group");
    return *gid;
  }

 private:
  Result<std::uint32_t> id(std::string_view what, std::string_view text) const {
    if (const auto number = parse_id(text)) return *number;
    return fail(fmt::format("container {}: {} {} is not an id: those go from 0 to 4294967294",
                            container_.name, what, text));
  }

  std::unexpected<Error> unknown(std::string_view what, std::string_view name, std::string_view file) const {
    return fail(fmt::format("container {}: the {} {} is not in {} of image {}", container_.name, what,
                            in_quotes(name), file, escaped(image_.reference)));
  }

  const Container& container_;
  const Image& image_;
};

/// The groups whose members list names the account, each once, after the primary one.
std::vector<std::uint32_t> supplementary_groups(const Image& image, const Account& account,
                                                std::uint32_t gid) {
  std::vector<std::uint32_t> groups{gid};
  if (account.name.empty()) return groups;
  std::set<std::uint32_t> seen{gid};
  for (const auto group : groups_listing(image.group, account.name)) {
    if (seen.insert(group).second) groups.push_back(group);
  }
  return groups;
}

// ---- command and environment ----

/// An environment in the order of first appearance, in which a later value replaces an earlier one.
class Environment {
 public:
  void set(std::string_view name, std::string_view value) {
    const auto [known, is_new] = positions_.try_emplace(std::string{name}, entries_.size());
    if (is_new) entries_.emplace_back();
    entries_[known->second] = fmt::format("{}={}", name, value);
  }
  std::vector<std::string> take() && { return std::move(entries_); }

 private:
  std::vector<std::string> entries_;
  std::map<std::string, std::size_t> positions_;
};

/// The manifest's own variables; each value may refer to the ones before it.
Variables declared_variables(const Container& container) {
  Variables variables;
  for (const auto& [name, source] : container.env)
    if (const auto* value = std::get_if<std::string>(&source))
      variables.insert_or_assign(name, expand(*value, variables));
  return variables;
}

std::vector<std::string> environment(const Container& container, const Image& image, const Identity& identity,
                                     std::string_view hostname, const Variables& declared) {
  Environment environment;
  environment.set("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
  environment.set("HOME", identity.home);
  environment.set("HOSTNAME", hostname);
  for (const std::string_view entry : image.config.env) {
    const auto [name, value] = split(entry, '=');
    environment.set(name, value);
  }
  for (const auto& variable : container.env) environment.set(variable.name, declared.at(variable.name));
  return std::move(environment).take();
}

/// The four cases of Kubernetes: a command drops the image's Cmd, args alone keep its Entrypoint.
std::vector<std::string> command_line(const Container& container, const Image& image,
                                      const Variables& variables) {
  std::vector<std::string> argv;
  for (const auto& word : container.command) argv.push_back(expand(word, variables));
  if (container.command.empty()) argv = image.config.entrypoint;
  for (const auto& word : container.args) argv.push_back(expand(word, variables));
  if (container.command.empty() && container.args.empty())
    argv.insert(argv.end(), image.config.cmd.begin(), image.config.cmd.end());
  return argv;
}

bool holds_nul(const std::string& text) {
  return text.find('\0') != text.npos;
}

}  // namespace

Result<Identity> identify(const Container& container, const Image& image) {
  const AccountFiles files{container, image};
  const auto wanted = wanted_user(container.security_context, image.config);
  const auto account = TRY(files.user(wanted.user));

  Identity identity{.uid = account.uid, .gid = account.gid};
  if (!wanted.group.empty()) identity.gid = TRY(files.group(wanted.group));
  if (!account.home.empty()) identity.home = account.home;

  identity.groups = supplementary_groups(image, account, identity.gid);
  return identity;
}

Result<step::Exec> compile_exec(const Container& container, const Image& image, const Identity& identity,
                                std::string_view hostname) {
  const auto declared = declared_variables(container);
  step::Exec exec{.argv = command_line(container, image, declared),
                  .env = environment(container, image, identity, hostname, declared)};
  if (exec.argv.empty())
    return fail(
        fmt::format("container {}: no command: the manifest has neither command nor args, and image {} "
                    "has neither Entrypoint nor Cmd",
                    container.name, escaped(image.reference)));
  // execve(2) would end the string there.
  if (std::ranges::any_of(exec.argv, holds_nul) || std::ranges::any_of(exec.env, holds_nul))
    return fail(fmt::format("container {}: a NUL character in its command or environment", container.name));
  return exec;
}

Result<std::string> working_directory(const Container& container, const Image& image) {
  const auto& wanted = container.working_dir.empty() ? image.config.working_dir : container.working_dir;
  if (wanted.empty()) return "/";
  if (!wanted.starts_with('/'))
    return fail(fmt::format("container {}: the working directory {} is not an absolute path", container.name,
                            in_quotes(wanted)));
  return wanted;
}

}  // namespace podrun::pod
