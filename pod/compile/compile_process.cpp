// Compiles the attributes of a container's process.
#include "pod/compile/compile_process.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "pod/compile/accounts.hpp"
#include "pod/spec/signals.hpp"
#include "pod/text/expand.hpp"
#include "pod/text/quote.hpp"
#include "pod/text/utf8_text.hpp"

namespace podrun::pod {
namespace {

// ---- identity ----

constexpr std::size_t most_groups = 65536;  ///< NGROUPS_MAX in setgroups(2)

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

/// Splits a text at the first separator. Without a separator the second part is empty.
std::pair<std::string_view, std::string_view> split(std::string_view text, char separator) {
  const auto at = text.find(separator);
  if (at == text.npos) return {text, {}};
  return {text.substr(0, at), text.substr(at + 1)};
}

/// The user and group that the manifest or the image requests: a number, a name, or "" for the default.
struct RequestedUser {
  std::string user;
  std::string group;
};

RequestedUser requested_user(const SecurityContext& security, const ImageConfig& config) {
  const auto [image_user, image_group] = split(config.user, ':');
  RequestedUser wanted{.user = std::string{image_user}, .group = std::string{image_group}};
  // The image's group applies only to the image's user. Another user does not inherit it.
  if (security.run_as_user) wanted = {.user = std::to_string(*security.run_as_user), .group = {}};
  if (security.run_as_group) wanted.group = std::to_string(*security.run_as_group);
  if (wanted.user.empty()) wanted.user = "0";
  return wanted;
}

/// Looks up users and groups for one container.
class AccountFiles {
 public:
  AccountFiles(const Container& container, const Image& image) : container_(container), image_(image) {}

  /// The account of a user. A uid without an entry has group 0 and no name, as in containerd.
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
    return fail_at("image", fmt::format("container {}: {} {} is not an id: those go from 0 to 4294967294",
                                        container_.name, what, text));
  }

  std::unexpected<Error> unknown(std::string_view what, std::string_view name, std::string_view file) const {
    return fail_at("image", fmt::format("container {}: the {} {} is not in {} of image {}", container_.name, what,
                                        in_quotes(name), file, escaped(image_.reference)));
  }

  const Container& container_;
  const Image& image_;
};

/// The primary group, followed by the groups that have the account as a member, each once.
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

/// Names and values in their order: defaults, image, manifest.
using Assignments = std::vector<std::pair<std::string, std::string>>;

Assignments environment(const Container& container, const Image& image, const Identity& identity,
                        std::string_view hostname, const DeclaredVariables& declared, const Variables& values) {
  Assignments assignments{{"PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
                          {"HOME", identity.home},
                          {"HOSTNAME", std::string{hostname}}};
  if (container.tty) assignments.emplace_back("TERM", "xterm");
  for (const std::string_view entry : image.config.env) assignments.emplace_back(split(entry, '='));
  for (const std::string& name : declared.names) assignments.emplace_back(name, values.at(name));
  return assignments;
}

/// The assignments as "NAME=value". Each name is at its first position and has its last value.
std::vector<std::string> joined(const Assignments& assignments) {
  std::vector<std::string> entries;
  std::map<std::string_view, std::size_t> positions;
  for (const auto& [name, value] : assignments) {
    const auto [known, is_new] = positions.try_emplace(name, entries.size());
    if (is_new) entries.emplace_back();
    entries[known->second] = fmt::format("{}={}", name, value);
  }
  return entries;
}

/// The command line by Kubernetes' rules: `command` replaces the image's Entrypoint and Cmd; `args` without `command`
/// replaces only its Cmd.
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

/// Records words whose printable form is different.
void mask(step::Exec& exec, const std::vector<std::string>& words, const std::vector<std::string>& shown) {
  for (std::size_t i = 0; i < words.size(); ++i)
    if (words[i] != shown[i]) exec.shown.emplace(words[i], shown[i]);
}

bool holds_nul(const std::string& text) {
  return text.find('\0') != text.npos;
}

/// Refuses what Linux passes to no program, MAX_ARG_STRLEN in execve(2): a start would end with E2BIG.
Result<> check_lengths(const Container& container, const step::Exec& exec) {
  constexpr std::size_t most = 131'071;
  const auto is_long = [](const std::string& text) { return text.size() > most; };
  if (std::ranges::any_of(exec.argv, is_long))
    return fail(fmt::format("container {}: an argument has more than {} bytes, and Linux passes no longer one",
                            container.name, most));
  if (const auto found = std::ranges::find_if(exec.env, is_long); found != exec.env.end())
    return fail(fmt::format("container {}: the variable {} has {} bytes, and Linux passes no more than {}: mount the "
                            "value as a file",
                            container.name, found->substr(0, found->find('=')), found->size(), most));
  return {};
}

}  // namespace

Result<Identity> identify(const Container& container, const Image& image, const PodSecurityContext& pod) {
  const AccountFiles files{container, image};
  const auto wanted = requested_user(container.security_context, image.config);
  const auto account = TRY(files.user(wanted.user));

  Identity identity{.uid = account.uid, .gid = account.gid};
  if (!wanted.group.empty()) identity.gid = TRY(files.group(wanted.group));
  if (!account.home.empty()) identity.home = account.home;
  if (identity.uid == 0 && container.security_context.run_as_non_root.value_or(false))
    return fail_at("securityContext.runAsNonRoot",
                   fmt::format("container {}: runAsNonRoot, but its user is root; say runAsUser", container.name));

  const bool strict = pod.supplemental_groups_policy == SupplementalGroupsPolicy::Strict;
  identity.groups = supplementary_groups(image, strict ? Account{} : account, identity.gid);
  std::vector<std::int64_t> more = pod.supplemental_groups;
  if (pod.fs_group) more.push_back(*pod.fs_group);
  std::set<std::uint32_t> known(identity.groups.begin(), identity.groups.end());
  for (const std::int64_t group : more)
    if (const auto gid = static_cast<std::uint32_t>(group); known.insert(gid).second) identity.groups.push_back(gid);
  if (identity.groups.size() > most_groups)
    return fail_at("securityContext.supplementalGroups",
                   fmt::format("container {}: its process would have {} groups, with its own, those of its user and "
                               "fsGroup; Linux allows {}",
                               container.name, identity.groups.size(), most_groups));
  return identity;
}

Result<step::Exec> compile_exec(const Container& container, const Image& image, const Identity& identity,
                                std::string_view hostname, const DeclaredVariables& declared) {
  step::Exec exec{.argv = command_line(container, image, declared.values),
                  .env = joined(environment(container, image, identity, hostname, declared, declared.values))};
  mask(exec, exec.argv, command_line(container, image, declared.shown));
  mask(exec, exec.env, joined(environment(container, image, identity, hostname, declared, declared.shown)));
  if (exec.argv.empty())
    return fail_at("image",
                   fmt::format("container {}: no command: the manifest has neither command nor args, and image {} "
                               "has neither Entrypoint nor Cmd",
                               container.name, escaped(image.reference)));
  // For execve(2) a string ends at NUL.
  if (std::ranges::any_of(exec.argv, holds_nul) || std::ranges::any_of(exec.env, holds_nul))
    return fail_at("env", fmt::format("container {}: a NUL character in its command or environment", container.name));
  TRY_VOID(check_lengths(container, exec));
  return exec;
}

Result<std::string> working_directory(const Container& container, const Image& image) {
  const auto& wanted = container.working_dir.empty() ? image.config.working_dir : container.working_dir;
  if (wanted.empty()) return "/";
  if (!wanted.starts_with('/'))
    return fail_at(container.working_dir.empty() ? "image" : "workingDir",
                   fmt::format("container {}: the working directory {} is not an absolute path", container.name,
                               in_quotes(wanted)));
  return wanted;
}

Probes compile_probes(const Container& container) {
  Variables values;
  for (const EnvVar& variable : container.env) {
    const auto* value = std::get_if<std::string>(&variable.source);
    values.insert_or_assign(variable.name, value == nullptr ? "" : *value);
  }
  Probes probes = container.probes;
  for (std::optional<Probe>* probe : {&probes.startup, &probes.liveness, &probes.readiness})
    if (auto* exec = *probe ? std::get_if<ExecAction>(&(*probe)->action) : nullptr)
      for (std::string& word : exec->command) word = expand(word, values);
  return probes;
}

Result<int> stop_signal_of(const Container& container, const Image& image) {
  if (container.stop_signal) return *container.stop_signal;
  if (image.config.stop_signal.empty()) return default_stop_signal;
  if (const auto signal = image_signal(image.config.stop_signal)) return *signal;
  return fail_at("image", fmt::format("container {}: the image's StopSignal {} is not a signal", container.name,
                                      in_quotes(image.config.stop_signal)));
}

}  // namespace podrun::pod
