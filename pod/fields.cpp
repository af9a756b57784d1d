// The parts of decoding that depend on no type: scalars, and the words for what is wrong.
#include "pod/fields.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "pod/scalar.hpp"
#include "pod/text.hpp"

namespace podrun::pod {
namespace {

using yaml::Kind;
using yaml::Node;

/// What a value is, for the end of "…, but this is".
std::string describe(const Node& node) {
  switch (node.kind) {
    case Kind::Null:
      return "empty";
    case Kind::Sequence:
      return "a list";
    case Kind::Mapping:
      return "a mapping";
    case Kind::Scalar:
      return in_quotes(node.text);
  }
  return {};
}

/// Where a field of this name stands, if not in too many places to be a help.
std::string belongs(std::string_view name) {
  std::vector<std::string> places;
  for (const SchemaRow& row : schema_rows()) {
    if (row.name != name) continue;
    const std::size_t dot = row.path.rfind('.');
    places.push_back(dot == row.path.npos ? "at the top" : "under " + row.path.substr(0, dot));
  }
  constexpr std::size_t too_many = 4;
  if (places.empty() || places.size() >= too_many) return {};
  return fmt::format("{} belongs {}", name, fmt::join(places, " or "));
}

}  // namespace

std::string Label::text() const {
  if (index) return fmt::format("{}[{}]", field, *index);
  if (key) return fmt::format("{}[{}]", field, in_quotes(*key));
  return std::string(field);
}

void report_kind(const Node& node, const Label& label, std::string_view wanted, Report& report) {
  report.add(node.at, fmt::format("{} must be {}, but this is {}", label.text(), wanted, describe(node)));
}

std::vector<std::string_view> report_unknown(const Node& owner, std::string_view phrase,
                                             std::span<const std::string_view> known, Report& report) {
  std::vector<std::string_view> all_meant;
  for (const yaml::Entry& entry : owner.entries) {
    const std::string& name = entry.key->text;
    if (report.full() || std::ranges::find(known, name) != known.end()) continue;
    const std::string_view meant = nearest(name, {known.begin(), known.end()});
    std::string hint = belongs(name);
    if (hint.empty() && !meant.empty()) hint = fmt::format("did you mean \"{}\"?", meant);
    report.add(entry.key->at, fmt::format("unknown field {} in {}", in_quotes(name), phrase),
               std::move(hint));
    all_meant.push_back(meant);
  }
  return all_meant;
}

void report_missing(const Node& owner, std::string_view field, std::string_view phrase, Report& report) {
  for (const yaml::Entry& entry : owner.entries) {
    if (entry.key->text == field)
      return report.add(entry.key->at, fmt::format("{} must not be empty", field));
  }
  report.add(owner.at, fmt::format("the field \"{}\" is missing in {}", field, phrase));
}

void check_alternatives(const Node& owner, std::string_view phrase,
                        const std::vector<std::string_view>& alternatives, bool excused, Report& report) {
  const yaml::Entry* first = nullptr;
  const yaml::Entry* blank = nullptr;
  for (const yaml::Entry& entry : owner.entries) {
    if (std::ranges::find(alternatives, entry.key->text) == alternatives.end()) continue;
    if (entry.value->kind == Kind::Null) {
      blank = &entry;
    } else if (first == nullptr) {
      first = &entry;
    } else {
      report.add(entry.key->at,
                 fmt::format("{} has one of {}, not two", phrase, fmt::join(alternatives, ", ")),
                 fmt::format("{} is given already", first->key->text));
    }
  }
  if (first != nullptr) return;
  if (blank != nullptr) {
    report.add(blank->key->at, fmt::format("{} must not be empty", blank->key->text),
               fmt::format("write \"{}: {{}}\" if no setting is meant", blank->key->text));
  } else if (!excused) {
    report.add(owner.at, fmt::format("{} needs one of {}", phrase, fmt::join(alternatives, ", ")));
  }
}

bool is_blank(const Node& node, Kind emptiable) {
  return node.kind == Kind::Null || (node.kind == emptiable && node.text.empty() && node.items.empty());
}

const std::string* string_in(const Node& node, const Label& label, Report& report) {
  if (node.kind != Kind::Scalar) {
    report_kind(node, label, "a string", report);
    return nullptr;
  }
  const ScalarKind kind = node.quoted ? ScalarKind::String : classify(node.text);
  if (kind != ScalarKind::String) {
    report.add(node.at,
               fmt::format("{} must be a string, but {:.64} is a {}", label.text(), node.text,
                           kind == ScalarKind::Number ? "number" : "boolean"),
               fmt::format("quote it: {}", in_quotes(node.text)));
    return nullptr;
  }
  // The kernel's strings end at a NUL, so a part would be lost unseen.
  if (node.text.contains('\0')) {
    report.add(node.at, fmt::format("{} must not contain a NUL character", label.text()));
    return nullptr;
  }
  return &node.text;
}

const std::string* string_in(const Node& node, const Label& label, TextRule rule, Report& report) {
  const std::string* text = string_in(node, label, report);
  if (text == nullptr) return nullptr;
  const Complaint complaint = rule(*text);
  if (complaint.empty()) return text;
  report.add(node.at, fmt::format("{} {} {}", label.text(), in_quotes(*text), complaint));
  return nullptr;
}

std::optional<std::int64_t> integer_in(const Node& node, const Label& label, Report& report) {
  if (node.kind != Kind::Scalar) {
    report_kind(node, label, "a whole number", report);
    return std::nullopt;
  }
  const auto value = to_integer(node.text);
  if (value && !node.quoted) return *value;
  if (value) {
    report.add(node.at, fmt::format("{} must be a whole number, but this is a string", label.text()),
               fmt::format("write {} without quotes", *value));
  } else {
    report.add(node.at, fmt::format("{} {} {}", label.text(), in_quotes(node.text), value.error()));
  }
  return std::nullopt;
}

std::optional<bool> boolean_in(const Node& node, const Label& label, Report& report) {
  if (node.kind != Kind::Scalar) {
    report_kind(node, label, "true or false", report);
    return std::nullopt;
  }
  const auto value = to_boolean(node.text);
  if (value && !node.quoted) return *value;
  report.add(node.at, fmt::format("{} must be true or false, but this is {}", label.text(), describe(node)),
             value ? fmt::format("write {} without quotes", *value) : std::string());
  return std::nullopt;
}

void report_choice(const Node& node, const Label& label, const std::vector<std::string_view>& accepted,
                   Report& report) {
  const std::string_view meant = nearest(node.text, accepted);
  report.add(
      node.at,
      fmt::format("{} must be {}{}, but this is {}", label.text(), accepted.size() > 1 ? "one of " : "",
                  fmt::join(accepted, ", "), describe(node)),
      meant.empty() || accepted.size() == 1 ? std::string() : fmt::format("did you mean \"{}\"?", meant));
}

void TextMap::decode(const Node& node, const Label& label, std::map<std::string, std::string>& into,
                     Report& report) const {
  if (node.kind != Kind::Mapping) return report_kind(node, label, "a mapping", report);
  for (const yaml::Entry& entry : node.entries) {
    const std::string& key = entry.key->text;
    const Complaint complaint = key_rule(key);
    if (!complaint.empty())
      report.add(entry.key->at, fmt::format("the key {} {}", in_quotes(key), complaint));
    const Label value_label{.field = label.field, .index = std::nullopt, .key = key};
    const bool is_null = entry.value->kind == Kind::Null;
    const std::string* value =
        is_null ? &entry.value->text : string_in(*entry.value, value_label, value_rule, report);
    if (value != nullptr && complaint.empty()) into.emplace(key, *value);
  }
}

}  // namespace podrun::pod
