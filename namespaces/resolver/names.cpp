// The file that a pod publishes.
#include "namespaces/resolver/names.hpp"

#include <algorithm>
#include <utility>

#include "namespaces/resolver/address_names.hpp"

namespace podrun::resolver {
namespace {

constexpr std::string_view first_line = "podrun-names 1", last_line = "end", unnamed = "-";

// ---- words ----

/// A word of a line: printable ASCII without white space.
bool is_word(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

using Words = std::vector<std::string_view>;

/// The words of a line, which one space separates. The last may be empty.
Words words_of(std::string_view line) {
  Words words;
  for (;;) {
    const std::size_t space = line.find(' ');
    words.push_back(line.substr(0, space));
    if (space == std::string_view::npos) return words;
    line.remove_prefix(space + 1);
  }
}

bool is_protocol(std::string_view text) { return text == "TCP" || text == "UDP" || text == "SCTP"; }

// ---- writing ----

/// Collects lines, and notes whether one of them cannot be written.
class Writer {
 public:
  void line(std::initializer_list<std::string_view> words) {
    bool is_first = true;
    for (const std::string_view word : words) {
      is_valid_ = is_valid_ && is_word(word);
      if (!is_first) text_ += ' ';
      text_ += word;
      is_first = false;
    }
    text_ += '\n';
    ++lines_;
  }
  /// The same for a fact that may be missing.
  void fact(std::string_view key, std::string_view value) {
    if (!value.empty()) line({key, value});
  }
  /// The value of a label may be empty.
  void labels(std::string_view key, const std::map<std::string, std::string>& labels) {
    for (const auto& [name, value] : labels) {
      if (value.empty()) line({key, name});
      else line({key, name, value});
    }
  }
  std::optional<std::string> text() && {
    if (!is_valid_ || text_.size() > longest_file || lines_ > most_lines) return std::nullopt;
    return std::move(text_);
  }

 private:
  std::string text_;
  std::size_t lines_ = 0;
  bool is_valid_ = true;
};

void write_service(Writer& writer, const PublishedService& service) {
  writer.line({"service", service.namespace_name, service.name});
  writer.labels("selector", service.selector);
  if (service.is_headless) writer.line({"headless"});
  writer.fact("external-name", service.external_name);
  if (service.publishes_not_ready) writer.line({"publish-not-ready"});
  for (const ServicePort& port : service.ports)
    writer.line({"service-port", port.name.empty() ? unnamed : std::string_view(port.name), port.protocol,
                 std::to_string(port.port), port.target});
}

// ---- reading ----

/// What has been read so far.
struct Draft {
  PublishedPod pod;

  PublishedService* service() { return pod.services.empty() ? nullptr : &pod.services.back(); }
};

bool read_service_port(PublishedService& service, const Words& words) {
  const auto port = port_number(words[3]);
  if (!is_protocol(words[2]) || !port) return false;
  service.ports.push_back({std::string(words[1] == unnamed ? "" : words[1]), std::string(words[2]), *port,
                           std::string(words[4])});
  return true;
}

bool read_port(PublishedPod& pod, const Words& words) {
  const auto port = port_number(words[3]);
  if (!is_protocol(words[2]) || !port) return false;
  pod.ports.push_back({std::string(words[1]), std::string(words[2]), *port});
  return true;
}

bool read_address(PublishedPod& pod, const Words& words) {
  const auto address = address_of(std::string(words[1]));
  if (address) pod.addresses.push_back(*address);
  return address.has_value();
}

bool read_label(std::map<std::string, std::string>& labels, const Words& words) {
  return labels.emplace(words[1], words.size() > 2 ? words[2] : "").second;
}

bool set(std::string& value, std::string_view word) {
  if (!value.empty()) return false;
  value = word;
  return true;
}

/// One kind of line: how many words it has, whether it is about the last Service, and what it means.
struct LineKind {
  std::string_view key;
  std::size_t fewest, most;
  bool is_of_service;
  bool (*read)(Draft& draft, const Words& words);
};

constexpr LineKind line_kinds[] = {
    {"pod", 3, 3, false,
     [](Draft& d, const Words& w) { return set(d.pod.namespace_name, w[1]) && set(d.pod.name, w[2]); }},
    {"hostname", 2, 2, false, [](Draft& d, const Words& w) { return set(d.pod.hostname, w[1]); }},
    {"subdomain", 2, 2, false, [](Draft& d, const Words& w) { return set(d.pod.subdomain, w[1]); }},
    {"interface", 2, 2, false, [](Draft& d, const Words& w) { return set(d.pod.interface, w[1]); }},
    {"ready", 1, 1, false, [](Draft& d, const Words&) { return d.pod.is_ready = true; }},
    {"address", 2, 2, false, [](Draft& d, const Words& w) { return read_address(d.pod, w); }},
    {"label", 2, 3, false, [](Draft& d, const Words& w) { return read_label(d.pod.labels, w); }},
    {"port", 4, 4, false, [](Draft& d, const Words& w) { return read_port(d.pod, w); }},
    {"service", 3, 3, false,
     [](Draft& d, const Words& w) {
       d.pod.services.push_back({.namespace_name = std::string(w[1]), .name = std::string(w[2])});
       return true;
     }},
    {"selector", 2, 3, true, [](Draft& d, const Words& w) { return read_label(d.service()->selector, w); }},
    {"headless", 1, 1, true, [](Draft& d, const Words&) { return d.service()->is_headless = true; }},
    {"external-name", 2, 2, true, [](Draft& d, const Words& w) { return set(d.service()->external_name, w[1]); }},
    {"publish-not-ready", 1, 1, true, [](Draft& d, const Words&) { return d.service()->publishes_not_ready = true; }},
    {"service-port", 5, 5, true, [](Draft& d, const Words& w) { return read_service_port(*d.service(), w); }},
};

bool read_line(Draft& draft, std::string_view line) {
  const Words words = words_of(line);
  if (!std::ranges::all_of(words, is_word)) return false;
  const auto* const kind = std::ranges::find(line_kinds, words[0], &LineKind::key);
  if (kind == std::end(line_kinds) || words.size() < kind->fewest || words.size() > kind->most) return false;
  return (!kind->is_of_service || draft.service() != nullptr) && kind->read(draft, words);
}

/// Takes the first line of a text, without its end. Empty: the text has no whole line.
std::optional<std::string_view> take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

}  // namespace

std::string file_name_of(const PublishedPod& pod) { return pod.namespace_name + "_" + pod.name; }

std::optional<std::string> encode(const PublishedPod& pod) {
  Writer writer;
  writer.line({"podrun-names", "1"});
  writer.line({"pod", pod.namespace_name, pod.name});
  writer.fact("hostname", pod.hostname);
  writer.fact("subdomain", pod.subdomain);
  writer.fact("interface", pod.interface);
  if (pod.is_ready) writer.line({"ready"});
  for (const pod::IpAddress& address : pod.addresses) writer.line({"address", address_text(address)});
  writer.labels("label", pod.labels);
  for (const NamedPort& port : pod.ports) writer.line({"port", port.name, port.protocol, std::to_string(port.number)});
  for (const PublishedService& service : pod.services) write_service(writer, service);
  writer.line({last_line});
  return std::move(writer).text();
}

std::optional<PublishedPod> parse(std::string_view text) {
  if (text.size() > longest_file || take_line(text) != first_line) return std::nullopt;
  Draft draft;
  // The first and the last line count.
  for (std::size_t lines = 2;; ++lines) {
    const auto line = take_line(text);
    if (!line || lines > most_lines) return std::nullopt;
    if (*line == last_line) break;
    if (!read_line(draft, *line)) return std::nullopt;
  }
  if (!text.empty() || draft.pod.name.empty()) return std::nullopt;
  return std::move(draft.pod);
}

}  // namespace podrun::resolver
