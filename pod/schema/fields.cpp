// Decodes a mapping by its table and reports missing, unknown and refused fields.
#include "pod/schema/fields.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

#include "pod/schema/schema.hpp"
#include "pod/text/joined.hpp"
#include "pod/text/utf8_text.hpp"

namespace podrun::pod {
namespace {

using yaml::Kind;
using yaml::Node;

constexpr std::size_t too_many = 4;

/// A hint that a field of this name belongs to one of the alternatives of a type: `command` of a probe to `exec`.
std::string alternative_hint(std::string_view name, const Table& table) {
  std::vector<std::string_view> places;
  for (const Row& row : table.rows)
    if (row.presence.need == Need::OneOf && row.decode != nullptr)
      if (const Table* below = find_table(row.type); below != nullptr && below->find(name) != nullptr)
        places.push_back(row.name);
  if (places.empty() || places.size() >= too_many) return {};
  return fmt::format("{} belongs under {}", name, joined(places, " or "));
}

/// A hint where a field of this name belongs: the places where it is used, or else where it is known. Empty if there
/// are too many. Init containers have the fields of containers and are not named, and neither are the commands of probes
/// and hooks. TABLE is the type that does not have it.
std::string placement_hint(std::string_view name, const Table& table) {
  if (std::string hint = alternative_hint(name, table); !hint.empty()) return hint;
  if (const Row* spec = table.find("spec"); spec != nullptr && table.type != "Pod")
    if (const Table* below = find_table(spec->type); below != nullptr && below->find(name) != nullptr)
      return fmt::format("{} belongs under spec", name);
  for (const bool used_only : {true, false}) {
    std::vector<std::string> places;
    for (const SchemaRow& row : schema_rows()) {
      if (row.row->name != name || (used_only && row.row->decode == nullptr)) continue;
      if (row.path.starts_with("spec.initContainers[].") || row.owner == "ExecAction") continue;
      const std::size_t dot = row.path.rfind('.');
      const std::string path = fmt::format("{}{}", table.path_to_pod, row.path.substr(0, dot));
      places.push_back(dot == row.path.npos ? "at the top" : "under " + path);
    }
    if (places.empty()) continue;
    if (places.size() >= too_many) return {};
    return fmt::format("{} belongs {}", name, joined(places, " or "));
  }
  return {};
}

/// Adds an error, or a warning if the leniency is Lenient.
void report_by_leniency(std::size_t at, std::string message, std::string hint, DiagnosticCollector& report) {
  if (report.leniency() == Leniency::Strict) return report.add(at, std::move(message), std::move(hint));
  report.warn(at, message + "; it is left out", std::move(hint));
}

/// Whether a word is another one with an "s". Who writes the wrong one of the two rarely means a field elsewhere.
bool is_plural(std::string_view word, std::string_view singular) {
  return word.size() == singular.size() + 1 && word.starts_with(singular) && word.ends_with('s');
}

/// Reports fields that the table does not have. Returns the field that each of them is a misspelling of, or "". A
/// misspelled field is not also reported as missing, unless the misspelling is only a warning.
std::vector<std::string_view> report_unknown(const Node& owner, const Table& table, DiagnosticCollector& report) {
  std::vector<std::string_view> known, all_meant;
  for (const Row& row : table.rows) known.push_back(row.name);
  for (const yaml::Entry& entry : owner.entries) {
    const std::string& name = entry.key->text;
    if (report.full() || std::ranges::find(known, name) != known.end()) continue;
    const std::string_view meant = nearest(name, known);
    std::string hint = is_plural(name, meant) || is_plural(meant, name) ? "" : placement_hint(name, table);
    if (hint.empty() && !meant.empty()) hint = fmt::format("did you mean \"{}\"?", meant);
    report_by_leniency(entry.key->at, fmt::format("unknown field {} in {}", in_quotes(name), table.phrase),
                       std::move(hint), report);
    if (report.leniency() == Leniency::Strict) all_meant.push_back(meant);
  }
  return all_meant;
}

/// A name instead of the part of one that the API server would complete: "run-" → "run-1".
std::string name_hint(const Node& owner, std::string_view field) {
  if (field != "name") return {};
  for (const yaml::Entry& entry : owner.entries)
    if (entry.key->text == "generateName" && entry.value->kind == Kind::Scalar && !entry.value->text.empty())
      return fmt::format("podrun generates no names: write name: {}1", entry.value->text);
  return {};
}

/// Reports a required field that is missing or empty.
void report_missing(const Node& owner, std::string_view field, std::string_view phrase, DiagnosticCollector& report) {
  for (const yaml::Entry& entry : owner.entries) {
    if (entry.key->text == field)
      return report.add(entry.key->at, fmt::format("{} must not be empty", field));
  }
  report.add(owner.at, fmt::format("the field \"{}\" is missing in {}", field, phrase), name_hint(owner, field));
}

/// Whether a mapping has fields that the table does not have. What is left out may have been the alternative.
bool has_unknown(const Node& owner, const Table& table) {
  return std::ranges::any_of(owner.entries,
                             [&](const yaml::Entry& entry) { return table.find(entry.key->text) == nullptr; });
}

/// Says that null fields leave a mapping without any of its Need::OneOf fields.
void tell_of_default(const Node& owner, const yaml::Entry* blank, const Table& table, DiagnosticCollector& report) {
  if (blank == nullptr)
    return report.note(owner.at, fmt::format("{} of no kind is {}", table.phrase, table.without_alternative));
  if (table.without_alternative.ends_with(blank->key->text)) return;
  report.warn(blank->key->at, fmt::format("{} is empty, so {} is {}", blank->key->text, table.phrase,
                                          table.without_alternative));
}

/// Whether an object must have some field.
bool needs_a_field(const Row& row) {
  const Table* table = find_table(row.type);
  const auto is_needed = [](const Row& each) { return each.presence.need == Need::Required; };
  return table != nullptr && std::ranges::any_of(table->rows, is_needed);
}

/// Reports a mapping that does not have exactly one of its Need::OneOf fields. If `excused`, it may have none.
void check_alternatives(const Node& owner, const Table& table, bool excused, DiagnosticCollector& report) {
  std::vector<std::string_view> offered;
  for (const Row& row : table.rows)
    if (row.presence.need == Need::OneOf && row.support.level != SupportLevel::Refused) offered.push_back(row.name);
  if (offered.empty()) return;
  const yaml::Entry* first = nullptr;
  const yaml::Entry* blank = nullptr;
  for (const yaml::Entry& entry : owner.entries) {
    const Row* row = table.find(entry.key->text);
    if (row == nullptr || row->presence.need != Need::OneOf) continue;
    if (entry.value->kind == Kind::Null) {
      blank = &entry;
    } else if (first == nullptr) {
      first = &entry;
    } else {
      report.add(entry.key->at,
                 fmt::format("{} has one of {}, not two", table.phrase, joined(offered, ", ")),
                 fmt::format("{} is given already", first->key->text));
    }
  }
  if (first != nullptr) return;
  if (!table.without_alternative.empty() && !has_unknown(owner, table)) {
    tell_of_default(owner, blank, table, report);
  } else if (blank != nullptr) {
    report.add(blank->key->at, fmt::format("{} must not be empty", blank->key->text),
               needs_a_field(*table.find(blank->key->text))
                   ? ""
                   : fmt::format("write \"{}: {{}}\" if no setting is meant", blank->key->text));
  } else if (!excused) {
    report.add(owner.at, fmt::format("{} needs one of {}", table.phrase, joined(offered, ", ")));
  }
}

/// Whether a value is empty, so that the field counts as missing: null, "" for strings, [] for lists.
bool is_blank(const Node& node, const Row& row) {
  if (node.kind == Kind::Null) return true;
  if (row.presence.empty_is_a_value) return false;
  // Values that a cluster has filled in, such as imageID in a status, may be "".
  if (row.support.level == SupportLevel::Checked && row.presence.need == Need::Required) return false;
  if (row.type == "string") return node.kind == Kind::Scalar && node.text.empty();
  return row.type.starts_with("[]") && node.kind == Kind::Sequence && node.items.empty();
}

/// Whether a value requests nothing that podrun would have to implement: false, or a mapping in which nothing is set.
bool asks_for_nothing(const Node& node, const Row& row) {
  if (row.type == "boolean") return node.text == "false";
  const auto is_null = [](const yaml::Entry& entry) { return entry.value->kind == Kind::Null; };
  return may_be_empty(row) && node.kind == Kind::Mapping && std::ranges::all_of(node.entries, is_null);
}

void decode_value(const Node& node, const Row& row, void* owner, DiagnosticCollector& report) {
  if (row.decode != nullptr) return row.decode(node, {.field = row.name}, owner, report);
  // What a template is used for gives the name.
  static constexpr std::array name_of_template{std::string_view("name")};
  if (is_metadata_of_template(row) && node.kind == Kind::Mapping)
    return decode_object(node, {.field = row.name}, *find_table(row.type), nullptr, report, name_of_template);
  check_value(node, {.field = row.name}, row.type, report);
}

void decode_field(const yaml::Entry& entry, const Row& row, void* owner, DiagnosticCollector& report) {
  const Node& value = *entry.value;
  switch (row.support.level) {
    case SupportLevel::Refused:
      if (!asks_for_nothing(value, row))
        report.add(entry.key->at, fmt::format("{} is refused: {}", row.name, row.support.text),
                   std::string(row.support.remedy));
      return;
    case SupportLevel::NoEffect:
      report.note(entry.key->at, fmt::format("{} has no effect: {}", row.name, row.support.text));
      return decode_value(value, row, owner, report);
    case SupportLevel::Used:
    case SupportLevel::Checked:
      return decode_value(value, row, owner, report);
  }
}

}  // namespace

bool is_metadata_of_template(const Row& row) {
  return row.type == "ObjectMeta" && row.presence.need == Need::Optional;
}

bool may_be_empty(const Row& row) {
  // A source says what it is by one of its fields.
  return row.presence.need == Need::Optional && find_table(row.type) != nullptr;
}

const Row* Table::find(std::string_view name) const {
  const auto found = std::ranges::find(rows, name, &Row::name);
  return found == rows.end() ? nullptr : &*found;
}

void decode_object(const Node& node, const FieldLabel& label, const Table& table, void* owner,
                   DiagnosticCollector& report, std::span<const std::string_view> excused) {
  // An item of a list that is null has no fields.
  if (node.kind != Kind::Mapping && node.kind != Kind::Null) return report_kind(node, label, "a mapping", report);
  const auto meant = report_unknown(node, table, report);
  const auto is_excused = [&](std::string_view name) {
    return std::ranges::find(meant, name) != meant.end() || std::ranges::find(excused, name) != excused.end();
  };
  // Decodes in the order of the rows, because two rows may decode into the same member.
  for (const Row& row : table.rows) {
    const auto entry =
        std::ranges::find_if(node.entries, [&](const yaml::Entry& e) { return e.key->text == row.name; });
    if (entry != node.entries.end() && !is_blank(*entry->value, row)) {
      decode_field(*entry, row, owner, report);
    } else if (row.presence.need == Need::Required && !is_excused(row.name)) {
      report_missing(node, row.name, table.phrase, report);
    }
  }
  check_alternatives(node, table, !meant.empty(), report);
}

}  // namespace podrun::pod
