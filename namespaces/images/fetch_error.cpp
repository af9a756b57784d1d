// Why an image could not be fetched.
#include "namespaces/images/fetch_error.hpp"

#include <algorithm>
#include <cctype>

namespace podrun::ns {
namespace {

constexpr std::size_t longest = 400;

/// A text by which a kind is known, in lower case. The first that is found counts.
struct Sign {
  std::string_view text;
  FetchFault fault;
};

constexpr Sign signs[] = {
    {"rejected by policy", FetchFault::Refused},
    {"source image rejected", FetchFault::Refused},
    {"is blocked in", FetchFault::Refused},
    {"policy.json", FetchFault::Refused},
    {"no space left on device", FetchFault::NoSpace},
    {"disk quota exceeded", FetchFault::NoSpace},
    {"x509:", FetchFault::Tls},
    {"tls:", FetchFault::Tls},
    {"gave http response to https client", FetchFault::Tls},
    {"certificate", FetchFault::Tls},
    {"toomanyrequests", FetchFault::Unreachable},
    {"too many requests", FetchFault::Unreachable},
    {"unauthorized", FetchFault::Unauthorized},
    {"authentication required", FetchFault::Unauthorized},
    {"invalid username/password", FetchFault::Unauthorized},
    {"access to the resource is denied", FetchFault::Unauthorized},
    {"denied:", FetchFault::Unauthorized},
    {"forbidden", FetchFault::Unauthorized},
    {"manifest unknown", FetchFault::NotFound},
    {"name unknown", FetchFault::NotFound},
    {"404 (not found)", FetchFault::NotFound},
    {"404 not found", FetchFault::NotFound},
    {"blob unknown", FetchFault::Nonsense},
    {"did not match", FetchFault::Nonsense},
    {"does not match", FetchFault::Nonsense},
    {"exceeded maximum allowed size", FetchFault::Nonsense},
    {"file too large", FetchFault::Nonsense},
    {"unsupported", FetchFault::Nonsense},
    {"invalid character", FetchFault::Nonsense},
    {"unexpected end of json", FetchFault::Nonsense},
    {"cannot unmarshal", FetchFault::Nonsense},
    {"invalid tar header", FetchFault::Nonsense},
    {"connection refused", FetchFault::Unreachable},
    {"connection reset", FetchFault::Unreachable},
    {"no such host", FetchFault::Unreachable},
    {"server misbehaving", FetchFault::Unreachable},
    {"no route to host", FetchFault::Unreachable},
    {"network is unreachable", FetchFault::Unreachable},
    {"timeout", FetchFault::Unreachable},
    {"eof", FetchFault::Unreachable},
    {"unexpected http status", FetchFault::Unreachable},
    {"status code 5", FetchFault::Unreachable},
    {"pinging container registry", FetchFault::Unreachable},
};

std::string_view explanation_of(FetchFault fault) {
  switch (fault) {
    case FetchFault::NotFound: return "the registry has no such image";
    case FetchFault::Unauthorized: return "the registry does not accept the credentials, or has no such image";
    case FetchFault::Unreachable: return "the registry cannot be reached or does not serve it";
    case FetchFault::Tls: return "the connection to the registry is not secure";
    case FetchFault::Nonsense: return "what was sent cannot be used";
    case FetchFault::Refused: return "the configuration in /etc/containers does not allow it";
    case FetchFault::NoSpace: return "there is no space for it";
    case FetchFault::NoProgram:
    case FetchFault::Cancelled:
    case FetchFault::Other: return "";
  }
  return "";
}

/// The message of the last line of logrus: time="…" level=fatal msg="…". Escapes of its quotation are taken back.
std::string message_of(std::string_view printed) {
  while (printed.ends_with('\n')) printed.remove_suffix(1);
  std::string_view line = printed.substr(printed.rfind('\n') + 1);
  const std::size_t at = line.find(" msg=");
  if (at == line.npos) return std::string(line);
  line.remove_prefix(at + 5);
  if (!line.starts_with('"')) return std::string(line);
  std::string text;
  for (std::size_t i = 1; i < line.size() && line[i] != '"'; ++i) {
    if (line[i] == '\\' && i + 1 < line.size()) ++i;
    text += line[i];
  }
  return text;
}

/// skopeo says "Error parsing image name" of whatever goes wrong before it has a manifest.
std::string_view without_wrong_beginning(std::string_view text) {
  if (!text.starts_with("Error parsing image name \"")) return text;
  const std::size_t end = text.find("\": ");
  return end == text.npos ? text : text.substr(end + 3);
}

bool is_end_of_url(char c) { return c <= ' ' || c == '"' || c == '\'' || c == '<' || c == '>'; }

/// The text without what stands before '@' and after '?' in its URLs.
std::string without_secrets(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t start = text.find("://");
    if (start == text.npos) return out += text;
    out += text.substr(0, start + 3);
    text.remove_prefix(start + 3);
    const auto end = std::ranges::find_if(text, is_end_of_url);
    std::string_view url = text.substr(0, static_cast<std::size_t>(end - text.begin()));
    text.remove_prefix(url.size());
    const std::string_view authority = url.substr(0, url.find_first_of("/?"));
    if (const std::size_t user = authority.rfind('@'); user != authority.npos) url.remove_prefix(user + 1);
    out += url.substr(0, url.find('?'));
  }
  return out;
}

}  // namespace

std::string presentable(std::string_view text) {
  std::string out = without_secrets(text.substr(0, 8 * longest));
  for (char& c : out)
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7f) c = ' ';
  if (out.size() > longest) out = out.substr(0, longest) + "...";
  return out;
}

std::unexpected<FetchError> fail_nonsense(std::string_view message) {
  return fail_fetch(FetchFault::Nonsense,
                    std::string(explanation_of(FetchFault::Nonsense)) + ": " + presentable(message));
}

FetchError error_of_skopeo(std::string_view printed) {
  const std::string message = message_of(printed.substr(printed.size() - std::min<std::size_t>(printed.size(), 16384)));
  const std::string text = presentable(without_wrong_beginning(message));
  std::string lower = text;
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const auto& [sign, fault] : signs)
    if (lower.find(sign) != lower.npos) return {fault, std::string(explanation_of(fault)) + ": " + text};
  return {FetchFault::Other, "skopeo: " + (text.empty() ? "it failed without a message" : text)};
}

}  // namespace podrun::ns
