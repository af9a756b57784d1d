// The options of `podrun image pull` and `podrun image load`.
#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

#include <fmt/format.h>

#include "pod/image/image_reference.hpp"
#include "pod/text/duration.hpp"
#include "pod/text/utf8_text.hpp"
#include "supervisor/cli/verb_options.hpp"

namespace podrun::supervisor {
namespace {

Result<> store_policy(Options& options, const std::string& value) {
  constexpr std::array<std::pair<std::string_view, pod::PullPolicy>, 4> policies{
      {{"always", pod::PullPolicy::Always},
       {"missing", pod::PullPolicy::IfNotPresent},
       {"IfNotPresent", pod::PullPolicy::IfNotPresent},
       {"never", pod::PullPolicy::Never}}};
  for (const auto& [word, policy] : policies)
    if (value == word) {
      options.pull_policy = policy;
      return {};
    }
  return fail(fmt::format("knows always, missing and never, not {}", pod::in_quotes(value)));
}

/// "linux/arm64", "linux/arm/v7".
Result<> store_platform(Options& options, const std::string& value) {
  const std::size_t slash = value.find('/'), second = value.find('/', slash + 1);
  pod::Platform platform{.os = value.substr(0, slash)};
  if (slash != std::string::npos) platform.architecture = value.substr(slash + 1, second - slash - 1);
  if (second != std::string::npos && slash != std::string::npos) platform.variant = value.substr(second + 1);
  const bool is_plain = std::ranges::all_of(value, [](unsigned char c) { return std::isalnum(c) != 0 || c == '/'; });
  if (platform.os != "linux" || platform.architecture.empty() || !is_plain ||
      platform.variant.find('/') != std::string::npos)
    return fail(fmt::format("needs linux/ARCHITECTURE[/VARIANT], such as linux/arm64, not {}", pod::in_quotes(value)));
  options.platform = pod::normalized(platform);
  return {};
}

Result<> store_creds(Options& options, const std::string& value) {
  if (value.empty() || value.starts_with(':')) return fail("needs USER, or USER:PASSWORD");
  options.creds = value;
  return {};
}

Result<> store_authfile(Options& options, const std::string& value) {
  if (value.empty()) return fail("needs the path of a file");
  options.authfile = value;
  return {};
}

Result<> store_tls_verify(Options& options, const std::string& value) {
  if (value != "true" && value != "false") return fail(fmt::format("is true or false, not {}", pod::in_quotes(value)));
  options.without_tls = value == "false";
  return {};
}

Result<> store_patience(Options& options, const std::string& value) {
  const bool is_number =
      !value.empty() && std::ranges::all_of(value, [](unsigned char c) { return std::isdigit(c) != 0; });
  const auto patience = pod::parse_duration(is_number ? value + "s" : value);
  if (!patience || patience->count() == 0)
    return fail(fmt::format("needs a duration such as 30, 30s or 5m, not {}", pod::in_quotes(value)));
  options.patience = patience;
  return {};
}

Result<> store_image_name(Options& options, const std::string& value) {
  const auto reference = pod::parse_image_reference(value);
  if (!reference) return fail(reference.error().message);
  if (!reference->digest.empty()) return fail("a name has no digest");
  options.image_name = value;
  return {};
}

Result<> store_pull_quiet(Options& options, const std::string&) {
  options.quiet = true;
  return {};
}

}  // namespace

namespace option {

// clang-format off
constexpr OptionSpec pull_policy{"policy", 0, "always|missing|never",
                                 "ask the registry always (the default), only for what is missing, or never",
                                 store_policy};
constexpr OptionSpec platform{"platform", 0, "OS/ARCH",
                              "the image for this platform, such as linux/arm64, instead of this host's",
                              store_platform};
constexpr OptionSpec creds{"creds", 0, "USER[:PASSWORD]",
                           "credentials for the registry; the password is better given on standard input", store_creds};
constexpr OptionSpec authfile{"authfile", 0, "FILE", "credentials as skopeo login stores them", store_authfile};
constexpr OptionSpec tls_verify{"tls-verify", 0, "true|false",
                                "false: accept any certificate, and plain HTTP", store_tls_verify};
constexpr OptionSpec patience{"stall-timeout", 0, "TIME", "give up when nothing has arrived for so long; 60s",
                              store_patience};
constexpr OptionSpec pull_quiet{"quiet", 'q', nullptr, "print only the ids", store_pull_quiet};
constexpr OptionSpec image_name{"name", 0, "NAME", "the name of the image, instead of those that the file has",
                                store_image_name, "tag"};
// clang-format on

}  // namespace option
}  // namespace podrun::supervisor
