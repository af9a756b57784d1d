// Reads the configuration of the pods' network. It is not a manifest, so it has no table in pod/schema.
#include "pod/network/network_file.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "pod/text/diagnostic_collector.hpp"
#include "pod/text/joined.hpp"
#include "pod/text/scalar.hpp"
#include "pod/text/utf8_text.hpp"
#include "pod/yaml/yaml.hpp"

namespace podrun::pod {
namespace {

using yaml::Kind;
using yaml::Node;

/// The lengths of a prefix that has room for pods. An address of IPv4 is in short supply, so its subnet may be small.
struct Lengths {
  unsigned least, most;
  std::string_view why;
};
constexpr Lengths ipv4_lengths{8, 24, "a /24 has addresses for 253 pods, a /16 for all 65532"};
constexpr Lengths ipv6_lengths{64, 112, "a /112 has addresses for all 65532 pods"};

/// Addresses that no pod can have.
struct Forbidden {
  std::string_view prefix;
  std::string_view what;
};
constexpr std::array forbidden{
    Forbidden{"0.0.0.0/8", "unspecified addresses"},   Forbidden{"127.0.0.0/8", "loopback addresses"},
    Forbidden{"169.254.0.0/16", "link-local addresses"}, Forbidden{"224.0.0.0/4", "multicast addresses"},
    Forbidden{"240.0.0.0/4", "reserved addresses"},    Forbidden{"::ffff:0:0/96", "IPv4 addresses in IPv6 ones"},
    Forbidden{"::/64", "unspecified and loopback addresses"}, Forbidden{"fe80::/10", "link-local addresses"},
    Forbidden{"ff00::/8", "multicast addresses"},
};

/// A prefix whose bits after its length may be set.
std::optional<IpPrefix> loose_prefix(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto address = parse_ip(text.substr(0, slash));
  const std::string_view digits = text.substr(slash + 1);
  unsigned length = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
  if (!address || error != std::errc() || end != digits.data() + digits.size() || length > address->bits())
    return std::nullopt;
  return IpPrefix{*address, length};
}

IpPrefix without_rest(IpPrefix prefix) {
  for (unsigned i = prefix.length; i < prefix.address.bits(); ++i)
    prefix.address.octets[i / 8] &= static_cast<std::uint8_t>(~(0x80U >> i % 8));
  return prefix;
}

/// Whether all lines are blank or comments. For the reader of YAML a text without content is an error.
bool has_no_content(std::string_view text) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const std::size_t first = line.find_first_not_of(" \t\r");
    if (first != std::string_view::npos && line[first] != '#') return false;
  }
  return true;
}

class Reader {
 public:
  explicit Reader(std::string_view text) : report_(text) {}

  NetworkConfig read(const Node& root) {
    NetworkConfig config;
    if (root.kind == Kind::Null) return config;
    if (root.kind != Kind::Mapping) {
      report_.add(root.at, "network.yaml must be a mapping", "ipv4, ipv6 and mtu are its fields");
      return config;
    }
    check_names(root, {"ipv4", "ipv6", "mtu"}, "network.yaml");
    if (const Node* node = root.find("ipv4")) read_family(*node, "ipv4", IpFamily::V4, config.ipv4);
    if (const Node* node = root.find("ipv6")) read_family(*node, "ipv6", IpFamily::V6, config.ipv6);
    if (!config.ipv4.enabled && !config.ipv6.enabled)
      report_.add(root.find("ipv6")->at, "ipv4 and ipv6 are both off: the host's pods would have no network",
                  "one pod without a network has the annotation podrun.io/network: none");
    if (const Node* node = root.find("mtu")) read_mtu(*node, config);
    return config;
  }

  DiagnosticCollector& report() { return report_; }

 private:
  void check_names(const Node& mapping, const std::vector<std::string_view>& known, std::string_view owner) {
    for (const yaml::Entry& entry : mapping.entries) {
      const std::string& name = entry.key->text;
      if (std::ranges::find(known, name) != known.end()) continue;
      const std::string_view meant = nearest(name, known);
      report_.add(entry.key->at, fmt::format("unknown field {} in {}", in_quotes(name), owner),
                  meant.empty() ? fmt::format("there is {}", joined(known, ", "))
                                : fmt::format("did you mean \"{}\"?", meant));
    }
  }

  /// The value of a scalar that is a boolean, as YAML spells them.
  static std::optional<bool> boolean_of(const Node& node) {
    if (node.kind != Kind::Scalar || node.quoted) return std::nullopt;
    return to_boolean(node.text);
  }

  void read_family(const Node& node, std::string_view name, IpFamily family, FamilyConfig& into) {
    if (node.kind == Kind::Null) return;
    if (const auto is_on = boolean_of(node); is_on && !*is_on) {
      into.enabled = false;
      return;
    }
    if (node.kind != Kind::Mapping)
      return report_.add(node.at, fmt::format("{} must be off, or a mapping of subnet and masquerade", name));
    check_names(node, {"subnet", "masquerade"}, name);
    if (const Node* subnet = node.find("subnet"); subnet != nullptr && subnet->kind != Kind::Null)
      into.subnet = subnet_in(*subnet, family);
    const Node* masquerade = node.find("masquerade");
    if (masquerade == nullptr || masquerade->kind == Kind::Null) return;
    const auto value = boolean_of(*masquerade);
    if (!value) return report_.add(masquerade->at, "masquerade must be true or false");
    into.masquerade = *value;
  }

  std::optional<IpPrefix> subnet_in(const Node& node, IpFamily family) {
    const Lengths& lengths = family == IpFamily::V4 ? ipv4_lengths : ipv6_lengths;
    const std::string_view example = family == IpFamily::V4 ? "10.77.0.0/16" : "fd12:3456:789a:1::/64";
    const auto complain = [&](std::string message, std::string hint = {}) -> std::optional<IpPrefix> {
      report_.add(node.at, std::move(message), std::move(hint));
      return std::nullopt;
    };
    const auto loose = node.kind == Kind::Scalar ? loose_prefix(node.text) : std::nullopt;
    if (!loose || loose->address.family != family)
      return complain(fmt::format("subnet must be an {} prefix, such as {}", name_of(family), example));
    const IpPrefix prefix = without_rest(*loose);
    if (prefix != *loose)
      return complain(fmt::format("subnet {} has bits after its first {}", node.text, prefix.length),
                      fmt::format("did you mean \"{}\"?", text_of(prefix)));
    if (prefix.length < lengths.least || prefix.length > lengths.most)
      return complain(fmt::format("an {} subnet of pods must be from /{} to /{}, but this is a /{}", name_of(family),
                                  lengths.least, lengths.most, prefix.length),
                      std::string(lengths.why));
    for (const auto& [unusable, what] : forbidden)
      if (overlap(*parse_prefix(unusable), prefix))
        return complain(fmt::format("subnet {} has {}, which no pod can have", node.text, what));
    return prefix;
  }

  void read_mtu(const Node& node, NetworkConfig& config) {
    constexpr std::int64_t least_for_ipv4 = 576, least_for_ipv6 = 1280, most = 65535;
    if (node.kind == Kind::Null) return;
    const std::int64_t least = config.ipv6.enabled ? least_for_ipv6 : least_for_ipv4;
    const bool is_plain = node.kind == Kind::Scalar && !node.quoted;
    const auto value = is_plain ? to_integer(node.text) : std::unexpected(std::string());
    if (value && *value >= least && *value <= most) {
      config.mtu = static_cast<std::uint32_t>(*value);
      return;
    }
    report_.add(node.at, fmt::format("mtu must be a number from {} to {}", least, most),
                config.ipv6.enabled ? fmt::format("IPv6 needs {}; with \"ipv6: off\" the least is {}", least_for_ipv6,
                                                  least_for_ipv4)
                                    : "");
  }

  DiagnosticCollector report_;
};

}  // namespace

std::expected<NetworkConfig, std::vector<Diagnostic>> parse_network_file(std::string_view text) {
  text = without_bom(text);
  if (has_no_content(text)) return NetworkConfig{};
  Reader reader(text);
  const yaml::Document document = yaml::read(text, reader.report());
  NetworkConfig config;
  if (document.roots.size() > 1)
    reader.report().add(document.roots[1]->at, "a second document begins here, where one is wanted");
  if (document.root != nullptr && reader.report().empty()) config = reader.read(*document.root);
  if (reader.report().empty()) return config;
  return std::unexpected(reader.report().diagnostics());
}

}  // namespace podrun::pod
