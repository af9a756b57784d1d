// What a probe's URL and headers become on the wire.
#include "namespaces/prober/request_target.hpp"

#include <algorithm>
#include <cctype>

namespace podrun::prober {
namespace {

bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0; }
bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }
bool is_hex(char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; }
bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

/// What Go leaves as it is in a path: RFC 3986's pchar and '/'.
bool is_plain_in_path(char c) {
  return is_letter(c) || is_digit(c) || std::string_view("-_.~!$&'()*+,;=:@/").find(c) != std::string_view::npos;
}

void append_encoded(std::string& out, char c) {
  constexpr char digits[] = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  out += '%';
  out += digits[byte >> 4];
  out += digits[byte & 15];
}

bool has_wrong_escape(std::string_view text) {
  for (std::size_t at = text.find('%'); at != std::string_view::npos; at = text.find('%', at + 1))
    if (at + 2 >= text.size() || !is_hex(text[at + 1]) || !is_hex(text[at + 2])) return true;
  return false;
}

/// The length of "scheme:" at the beginning; 0: there is none.
std::size_t scheme_length(std::string_view text) {
  if (text.empty() || !is_letter(text.front())) return 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == ':') return at + 1;
    if (!is_letter(text[at]) && !is_digit(text[at]) && text[at] != '+' && text[at] != '-' && text[at] != '.') return 0;
  }
  return 0;
}

std::string encoded_path(std::string_view path, bool literally) {
  std::string out = path.starts_with('/') ? "" : "/";
  for (const char c : path)
    if (is_plain_in_path(c) || (c == '%' && !literally)) out += c;
    else append_encoded(out, c);
  return out;
}

bool equal_ignoring_case(std::string_view left, std::string_view right) {
  return std::ranges::equal(left, right, [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
  });
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool is_token(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return is_letter(c) || is_digit(c) || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

/// httpguts.ValidHeaderFieldValue: no control character but a tab.
bool is_header_value(std::string_view value) {
  return std::ranges::none_of(value, [](char c) { return is_control(c) && c != '\t'; });
}

/// The first value of a header; empty: there is none.
std::optional<std::string_view> first_value(const std::vector<Header>& headers, std::string_view name) {
  const auto found =
      std::ranges::find_if(headers, [&](const Header& each) { return equal_ignoring_case(each.name, name); });
  if (found == headers.end()) return std::nullopt;
  return trimmed(found->value);
}

/// Go writes these itself, and never from the headers of a request.
constexpr std::string_view written_by_client[] = {"host", "user-agent", "content-length", "transfer-encoding",
                                                    "trailer"};

}  // namespace

std::string request_target(std::string_view path) {
  const std::string_view whole = path;
  path = path.substr(0, path.find('#'));
  const std::string_view before_query = path.substr(0, path.find('?'));
  if (std::ranges::any_of(whole, is_control) || has_wrong_escape(before_query)) return encoded_path(whole, true);
  path.remove_prefix(scheme_length(path));
  if (path.starts_with("//")) {
    const std::size_t end = path.find_first_of("/?", 2);
    path = end == std::string_view::npos ? "" : path.substr(end);
  }
  const std::size_t question = path.find('?');
  std::string target = encoded_path(path.substr(0, question), false);
  if (question == std::string_view::npos) return target;
  for (const char c : path.substr(question))
    if (c == ' ' || static_cast<unsigned char>(c) >= 0x80) append_encoded(target, c);
    else target += c;
  return target;
}

std::string host_and_port(std::string_view host, unsigned port) {
  const bool is_bare_ipv6 = host.find(':') != std::string_view::npos && !host.starts_with('[');
  return (is_bare_ipv6 ? "[" + std::string(host) + "]" : std::string(host)) + ":" + std::to_string(port);
}

RequestHeaders request_headers(const std::vector<Header>& headers, std::string_view user_agent) {
  RequestHeaders made;
  const auto agent = first_value(headers, "User-Agent").value_or(user_agent);
  made.lines.push_back("User-Agent:" + (agent.empty() ? "" : " " + std::string(agent)));
  const auto accept = first_value(headers, "Accept");
  if (!accept) made.lines.push_back("Accept: */*");
  else if (accept->empty()) made.lines.push_back("Accept:");
  bool closes = false;
  for (const Header& header : headers) {
    if (!is_token(header.name)) made.fault = "invalid header name \"" + header.name + "\"";
    if (!is_header_value(header.value)) made.fault = "invalid value of header " + header.name;
    const auto is = [&](std::string_view name) { return equal_ignoring_case(header.name, name); };
    if (is("Accept") && accept->empty()) continue;
    if (std::ranges::any_of(written_by_client, is)) continue;
    const std::string_view value = trimmed(header.value);
    closes = closes || (is("Connection") && equal_ignoring_case(value, "close"));
    made.lines.push_back(value.empty() ? header.name + ";" : header.name + ": " + std::string(value));
  }
  if (!closes) made.lines.push_back("Connection: close");
  made.host = first_value(headers, "Host").value_or("");
  return made;
}

bool is_relative(std::string_view location) { return scheme_length(location) == 0; }

}  // namespace podrun::prober
