// Syntax rules for single strings. Names become components of paths on the host, so a name that a rule accepts does not
// contain '/' and does not begin with '.'.
#include "pod/spec/value_syntax.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

#include "pod/text/duration.hpp"

namespace podrun::pod {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_alphanumeric(char c) {
  return is_digit(c) || is_lower(c) || (c >= 'A' && c <= 'Z');
}
bool is_lower_alphanumeric(char c) {
  return is_digit(c) || is_lower(c);
}

/// [a-z0-9]([-a-z0-9]*[a-z0-9])? of at most LIMIT characters.
bool is_dns_label(std::string_view text, std::size_t limit) {
  return !text.empty() && text.size() <= limit && is_lower_alphanumeric(text.front()) &&
         is_lower_alphanumeric(text.back()) &&
         std::ranges::all_of(text, [](char c) { return c == '-' || is_lower_alphanumeric(c); });
}

/// Calls IS_GOOD with each part of TEXT between separators, until it returns false.
template <typename Predicate>
bool all_parts(std::string_view text, char separator, Predicate is_good) {
  while (true) {
    const std::size_t end = text.find(separator);
    if (!is_good(text.substr(0, end))) return false;
    if (end == text.npos) return true;
    text.remove_prefix(end + 1);
  }
}

bool is_dns_subdomain(std::string_view text) {
  constexpr std::size_t limit = 253;
  return text.size() <= limit &&
         all_parts(text, '.', [](std::string_view part) { return is_dns_label(part, limit); });
}

/// [A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])? of at most 63 characters.
bool is_label_text(std::string_view text) {
  return !text.empty() && text.size() <= 63 && is_alphanumeric(text.front()) &&
         is_alphanumeric(text.back()) && std::ranges::all_of(text, [](char c) {
           return is_alphanumeric(c) || c == '-' || c == '_' || c == '.';
         });
}

/// Four numbers up to 255. As in Kubernetes they may begin with zeros.
bool is_ipv4(std::string_view text) {
  return std::ranges::count(text, '.') == 3 && all_parts(text, '.', [](std::string_view part) {
           while (part.size() > 1 && part.front() == '0') part.remove_prefix(1);
           return !part.empty() && part.size() <= 3 && std::ranges::all_of(part, is_digit) &&
                  (part.size() < 3 || part <= "255");
         });
}

/// The number of 16-bit groups in a part of an IPv6 address without "::"; nothing if it is not such a part. Only the
/// end of the whole address may be an IPv4 address.
std::optional<int> groups_in(std::string_view part, bool is_end) {
  int groups = 0;
  if (part.empty()) return groups;
  const bool good = all_parts(part, ':', [&](std::string_view group) {
    const bool is_last = is_end && group.data() + group.size() == part.data() + part.size();
    const bool is_group = !group.empty() && group.size() <= 4 &&
                          group.find_first_not_of("0123456789abcdefABCDEF") == group.npos;
    const bool is_embedded = is_last && is_ipv4(group);
    groups += is_embedded ? 2 : 1;
    return is_group || is_embedded;
  });
  return good ? std::optional(groups) : std::nullopt;
}

/// Eight groups, or fewer with one "::", RFC 4291.
bool is_ipv6(std::string_view text) {
  const std::size_t gap = text.find("::");
  if (gap == text.npos) return groups_in(text, true) == 8;
  const auto before = groups_in(text.substr(0, gap), false), after = groups_in(text.substr(gap + 2), true);
  return before && after && *before + *after <= 7;
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

}  // namespace

ValueError free_text(std::string_view /*value*/) {
  return {};
}

ValueError dns_label(std::string_view value) {
  if (is_dns_label(value, 63)) return {};
  return "must be lower-case letters, digits and \"-\", with a letter or digit at both ends, at most 63 "
         "characters";
}

ValueError dns_subdomain(std::string_view value) {
  if (is_dns_subdomain(value)) return {};
  return "must be lower-case letters, digits, \"-\" and \".\", with a letter or digit at both ends of each "
         "part, at "
         "most 253 characters";
}

ValueError qualified_name(std::string_view value) {
  const std::size_t slash = value.find('/');
  const bool prefixed = slash != value.npos;
  if (is_label_text(prefixed ? value.substr(slash + 1) : value) &&
      (!prefixed || is_dns_subdomain(value.substr(0, slash))))
    return {};
  return "must be letters, digits, \"-\", \"_\" and \".\", with a letter or digit at both ends, at most 63 "
         "characters, "
         "after a DNS name and \"/\" or without them";
}

ValueError label_value(std::string_view value) {
  if (value.empty() || is_label_text(value)) return {};
  return "must be letters, digits, \"-\", \"_\" and \".\", with a letter or digit at both ends, at most 63 "
         "characters";
}

ValueError pod_uid(std::string_view value) {
  const bool good = !value.empty() && value.size() <= 64 && is_alphanumeric(value.front()) &&
                    std::ranges::all_of(value, [](char c) { return c == '-' || is_alphanumeric(c); });
  if (good) return {};
  return "must be letters, digits and \"-\", beginning with a letter or digit, at most 64 characters";
}

ValueError env_name(std::string_view value) {
  if (value.empty()) return "must not be empty";
  if (value.contains('=')) return "must not contain \"=\"";
  if (!std::ranges::all_of(value, [](char c) { return c >= ' ' && c <= '~'; }))
    return "must be printable ASCII";
  return {};
}

ValueError absolute_path(std::string_view value) {
  if (!value.starts_with('/')) return "must be an absolute path";
  if (std::ranges::any_of(value, is_control)) return "must not contain control characters";
  if (!all_parts(value, '/', [](std::string_view part) { return part != ".."; }))
    return "must not contain \"..\"";
  if (value.size() > 4095) return "must be at most 4095 bytes long";
  if (!all_parts(value, '/', [](std::string_view part) { return part.size() <= 255; }))
    return "must not have a part longer than 255 bytes";
  return {};
}

ValueError relative_path(std::string_view value) {
  if (value.starts_with('/')) return "must be a relative path";
  if (std::ranges::any_of(value, is_control)) return "must not contain control characters";
  if (!all_parts(value, '/', [](std::string_view part) { return part != ".."; })) return "must not contain \"..\"";
  if (value.size() > 4095) return "must be at most 4095 bytes long";
  if (!all_parts(value, '/', [](std::string_view part) { return part.size() <= 255; }))
    return "must not have a part longer than 255 bytes";
  return {};
}

ValueError file_path(std::string_view value) {
  if (const ValueError value_error = relative_path(value); !value_error.empty()) return value_error;
  if (value.starts_with("..")) return "must not begin with \"..\"";
  return {};
}

ValueError config_key(std::string_view value) {
  const bool good = !value.empty() && value.size() <= 253 && value != "." && !value.starts_with("..") &&
                    std::ranges::all_of(value, [](char c) {
                      return is_alphanumeric(c) || c == '-' || c == '_' || c == '.';
                    });
  if (good) return {};
  return "must be letters, digits, \"-\", \"_\" and \".\", not \".\", not beginning with \"..\", at most 253 "
         "characters";
}

ValueError file_key(std::string_view value) {
  if (value.size() > 128) return "must be at most 128 characters long";
  return env_name(value);
}

ValueError port_name(std::string_view value) {
  if (is_dns_label(value, 15) && !value.contains("--") &&
      std::ranges::any_of(value, [](char c) { return is_lower(c); }))
    return {};
  return "must be lower-case letters, digits and single \"-\" between them, with at least one letter, at most 15 "
         "characters";
}

ValueError ip_address(std::string_view value) {
  if (is_ipv4(value) || is_ipv6(value)) return {};
  return "must be an IPv4 or IPv6 address";
}

ValueError sysctl_name(std::string_view value) {
  const auto good_part = [](std::string_view part) {
    return !part.empty() && is_lower_alphanumeric(part.front()) && is_lower_alphanumeric(part.back()) &&
           std::ranges::all_of(part, [](char c) { return is_lower_alphanumeric(c) || c == '-' || c == '_'; });
  };
  std::string dotted(value);
  std::ranges::replace(dotted, '/', '.');
  if (value.size() <= 253 && all_parts(dotted, '.', good_part)) return {};
  return "must be a kernel parameter, such as net.ipv4.ip_local_port_range";
}

ValueError mount_path(std::string_view value) {
  if (const ValueError value_error = absolute_path(value); !value_error.empty()) return value_error;
  if (value.contains(':')) return "must not contain \":\"";
  if (all_parts(value, '/', [](std::string_view part) { return part.empty() || part == "."; }))
    return "must not be the container's root";
  return {};
}

ValueError image_reference(std::string_view value) {
  constexpr std::string_view own_root = "rootfs:";
  if (value.starts_with(own_root)) {
    if (absolute_path(value.substr(own_root.size())).empty()) return {};
    return "must name an absolute directory without \"..\" after \"rootfs:\"";
  }
  if (value.empty()) return "must not be empty";
  if (const std::size_t at = value.find('@'); at != value.npos) {
    constexpr std::string_view algorithm = "sha256:";
    constexpr std::size_t digits = 64;
    const std::string_view digest = value.substr(at + 1);
    if (!digest.starts_with(algorithm) || digest.size() != algorithm.size() + digits ||
        digest.find_first_not_of("0123456789abcdef", algorithm.size()) != digest.npos)
      return "must have a digest of \"sha256:\" and 64 digits, a to f in lower case, after the \"@\"";
    value = value.substr(0, at);
  }
  const std::size_t slash = value.rfind('/');
  const std::size_t colon = value.find(':', slash == value.npos ? 0 : slash);
  const std::string_view repository = value.substr(0, colon);
  const std::string_view tag = colon == value.npos ? std::string_view("latest") : value.substr(colon + 1);
  const bool good_tag =
      !tag.empty() && tag.size() <= 128 && tag.front() != '.' && tag.front() != '-' &&
      std::ranges::all_of(tag, [](char c) { return is_alphanumeric(c) || c == '.' || c == '_' || c == '-'; });
  if (!good_tag) return "must have a tag of letters, digits, \".\", \"_\" and \"-\" after the \":\"";
  const auto good_part = [](std::string_view part) {
    return !part.empty() && part.size() <= 255 && is_lower_alphanumeric(part.front()) &&
           part.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789._-:") == part.npos;
  };
  const bool port_only_in_host = repository.find(':', repository.find('/')) == repository.npos;
  const bool good = repository.size() <= 1024 && port_only_in_host && !value.contains("..") &&
                    all_parts(repository, '/', good_part);
  if (!good)
    return "must look like \"name:tag\" or \"host/name:tag\", in lower-case letters, digits, \".\", \"_\" "
           "and \"-\"";
  return {};
}

ValueError none_or_default(std::string_view value) {
  return value == "none" || value == "default" ? "" : "none or default";
}

ValueError ready_or_started(std::string_view value) {
  return value == "ready" || value == "started" ? "" : "ready or started";
}

ValueError namespace_lines(std::string_view value) {
  return value.contains(':') ? "" : "lines of NAME: KIND=pod|private|host|container:NAME …";
}
ValueError offset_lines(std::string_view value) {
  return value.contains(':') ? "" : "lines of NAME: monotonic=DURATION boottime=DURATION";
}

ValueError backoff_duration(std::string_view value) {
  // A shorter delay would restart a failing container in a busy loop.
  constexpr std::chrono::milliseconds least = std::chrono::milliseconds(10), most = std::chrono::hours(24);
  const auto duration = parse_duration(value);
  if (duration && *duration >= least && *duration <= most) return "";
  return "a duration from 10ms to 24h, such as 10s or 1m30s";
}

}  // namespace podrun::pod
