// Text → ImageReference, by the grammar of the distribution specification.
#include "pod/image/image_reference.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "pod/image/digest.hpp"
#include "pod/text/utf8_text.hpp"

namespace podrun::pod {
namespace {

/// A file name has at most 255 bytes, and a repository with its registry at most 255 characters.
constexpr std::size_t longest_canonical = 255, longest_tag = 128;
constexpr std::string_view hub = "docker.io", hub_folder = "library/";

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_number(char c) {
  return c >= '0' && c <= '9';
}
bool is_alphanumeric(char c) {
  return is_lower(c) || is_upper(c) || is_number(c);
}

/// A part of the text, which is needed for the place of an error.
struct Part {
  std::string_view whole, text;

  Part first(std::size_t length) const { return {whole, text.substr(0, length)}; }
  Part from(std::size_t at) const { return {whole, text.substr(at)}; }
  std::unexpected<Error> error(std::size_t at, std::string_view what) const {
    const auto column = static_cast<std::size_t>(text.data() - whole.data()) + at + 1;
    return fail(fmt::format("image reference {}: {} (character {})", in_quotes(whole), what, column), EINVAL);
  }
};

/// A tag: a letter, a digit or "_", then these, "." and "-".
Result<> check_tag(const Part& tag) {
  if (tag.text.empty()) return tag.error(0, "there is no tag after the colon");
  if (tag.text.size() > longest_tag) return tag.error(longest_tag, "a tag has at most 128 characters");
  for (std::size_t at = 0; at < tag.text.size(); ++at) {
    const char c = tag.text[at];
    if (is_alphanumeric(c) || c == '_' || (at > 0 && (c == '.' || c == '-'))) continue;
    return tag.error(at, at == 0 ? "a tag begins with a letter, a digit or _"
                                 : "a tag has letters, digits, \"_\", \".\" and \"-\" only");
  }
  return {};
}

Result<> check_digest(const Part& digest) {
  if (is_digest(digest.text)) return {};
  const std::size_t colon = digest.text.find(':');
  if (colon != digest.text.npos && digest.text.substr(0, colon) != "sha256")
    return digest.error(0, "podrun knows digests of sha256 only");
  return digest.error(0, "a digest is \"sha256:\" and 64 digits 0-9, a-f");
}

/// One part of a repository between slashes: lowercase letters and digits, with ".", "_", "__" or dashes between them.
Result<> check_component(const Part& component) {
  if (component.text.empty()) return component.error(0, "there is nothing between two slashes, or at an end");
  std::size_t at = 0;
  const auto is_word = [&](std::size_t i) {
    return i < component.text.size() && (is_lower(component.text[i]) || is_number(component.text[i]));
  };
  while (at < component.text.size()) {
    if (!is_word(at)) break;
    while (is_word(at)) ++at;
    if (at == component.text.size()) return {};
    const std::string_view rest = component.text.substr(at);
    if (rest.starts_with("__"))
      at += 2;
    else if (rest.front() == '.' || rest.front() == '_')
      ++at;
    else
      while (at < component.text.size() && component.text[at] == '-') ++at;
  }
  if (at < component.text.size() && is_upper(component.text[at]))
    return component.error(at, "a repository has no uppercase letters");
  return component.error(
      std::min(at, component.text.size() - 1),
      "a repository has lowercase letters and digits, and \".\", \"_\", \"__\" or \"-\" only between "
      "two of them");
}

Result<> check_repository(Part rest) {
  if (rest.text.size() == 64 && is_hex(rest.text))
    return rest.error(0, "64 hexadecimal digits are an image's id, not its name");
  for (;;) {
    const std::size_t slash = rest.text.find('/');
    TRY_VOID(check_component(rest.first(slash)));
    if (slash == rest.text.npos) return {};
    rest = rest.from(slash + 1);
  }
}

/// A host name of letters, digits and "-" inside labels, or an IPv6 address in brackets; then a port.
Result<> check_registry(const Part& registry) {
  std::size_t colon = registry.text.rfind(':');
  if (registry.text.starts_with('[')) {
    const std::size_t end = registry.text.find(']');
    if (end == registry.text.npos) return registry.error(0, "the address of the registry has no \"]\"");
    for (std::size_t at = 1; at < end; ++at)
      if (!is_number(registry.text[at]) && registry.text[at] != ':' && !is_hex({&registry.text[at], 1}) &&
          !std::string_view("ABCDEF.").contains(registry.text[at]))
        return registry.error(at, "this is no IPv6 address");
    if (end == 1) return registry.error(1, "this is no IPv6 address");
    colon = end + 1 < registry.text.size() ? end + 1 : registry.text.npos;
    if (colon != registry.text.npos && registry.text[colon] != ':')
      return registry.error(colon, "after the address of a registry comes its port");
  } else {
    const std::string_view host = registry.text.substr(0, colon);
    for (std::size_t at = 0; at < host.size(); ++at) {
      const bool inside = at > 0 && at + 1 < host.size() && host[at - 1] != '.' && host[at + 1] != '.';
      if (is_alphanumeric(host[at]) || (host[at] == '-' && inside)) continue;
      if (host[at] == '.' && at > 0 && at + 1 < host.size() && host[at - 1] != '.') continue;
      return registry.error(at, "this is no host name of a registry");
    }
    if (host.empty()) return registry.error(0, "there is no registry before the slash");
  }
  if (colon == registry.text.npos) return {};
  const std::string_view port = registry.text.substr(colon + 1);
  if (port.empty() || port.size() > 5 || !std::ranges::all_of(port, is_number) || std::stoul(std::string(port)) > 65535)
    return registry.error(colon + 1, "a port is a number up to 65535");
  return {};
}

/// Whether what stands before the first slash is a registry and no part of a repository.
bool is_registry(std::string_view text) {
  return text == "localhost" || text.find_first_of(".:[") != text.npos || std::ranges::any_of(text, is_upper);
}

/// Registry and repository, which is what comes before tag and digest.
Result<ImageReference> parse_name(const Part& name) {
  ImageReference reference;
  const std::size_t slash = name.text.find('/');
  Part repository = name;
  if (slash != name.text.npos && is_registry(name.text.substr(0, slash))) {
    TRY_VOID(check_registry(name.first(slash)));
    reference.registry = name.text.substr(0, slash);
    repository = name.from(slash + 1);
  } else {
    reference.registry = hub;
    reference.is_short = true;
  }
  TRY_VOID(check_repository(repository));
  reference.repository = repository.text;
  if (reference.registry == "index.docker.io") reference.registry = hub;
  if (reference.registry == hub && !reference.repository.contains('/')) reference.repository.insert(0, hub_folder);
  return reference;
}

}  // namespace

Result<ImageReference> parse_image_reference(std::string_view text) {
  const Part whole{text, text};
  if (text.empty()) return whole.error(0, "it is empty");
  // A long text is no reference, and is not looked through.
  constexpr std::size_t longest = 1024;
  if (text.size() > longest) return whole.error(longest, "it is too long");
  const std::size_t at = text.find('@');
  Part name = whole.first(at);
  const std::size_t slash = name.text.rfind('/'), colon = name.text.rfind(':');
  const bool has_tag = colon != name.text.npos && (slash == name.text.npos || colon > slash);
  Part tag = has_tag ? name.from(colon + 1) : Part{text, {}};
  if (has_tag) name = name.first(colon);
  if (name.text.empty()) return whole.error(0, "there is no name");
  ImageReference reference = TRY(parse_name(name));
  if (has_tag) TRY_VOID(check_tag(tag));
  if (at != text.npos) {
    TRY_VOID(check_digest(whole.from(at + 1)));
    reference.digest = text.substr(at + 1);
  } else {
    reference.tag = has_tag ? tag.text : "latest";
  }
  if (reference.canonical().size() > longest_canonical)
    return whole.error(std::min(text.size() - 1, longest_canonical),
                       "it has more than 255 characters in its full form");
  return reference;
}

std::vector<std::string> names_to_look_for(const ImageReference& reference) {
  std::vector<std::string> names{reference.canonical()};
  if (reference.is_short) names.push_back(name_on_this_host(reference));
  return names;
}

std::string name_on_this_host(const ImageReference& reference) {
  if (!reference.is_short) return reference.canonical();
  ImageReference local = reference;
  local.registry = "localhost";
  if (local.repository.starts_with(hub_folder)) local.repository.erase(0, hub_folder.size());
  return local.canonical();
}

std::string file_name_of_reference(std::string_view canonical) {
  std::string name(canonical);
  std::ranges::replace(name, '/', '+');
  return name;
}

std::string reference_of_file_name(std::string_view file_name) {
  std::string text(file_name);
  if (text.contains('/')) return "";
  std::ranges::replace(text, '+', '/');
  const auto reference = parse_image_reference(text);
  return reference && reference->canonical() == text ? text : "";
}

}  // namespace podrun::pod
