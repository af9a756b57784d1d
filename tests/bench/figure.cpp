// Figures as a table and as JSON.
#include "tests/bench/figure.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace podrun::bench {
namespace {

/// Pads by characters, because fmt counts a "≤" as three.
std::string padded(std::string text, std::size_t width, bool right = false) {
  const auto is_first_byte = [](char byte) { return (byte & 0xC0) != 0x80; };
  const auto length = static_cast<std::size_t>(std::ranges::count_if(text, is_first_byte));
  const std::string blanks(width > length ? width - length : 0, ' ');
  return right ? blanks + text : text + blanks;
}

void print_row(const std::string& what, const std::string& value, const std::string& beside,
               const std::string& ratio, const std::string& target) {
  const std::string row = padded(what, 50) + padded(value, 12, true) + "  " + padded(beside, 26) +
                          padded(ratio, 8, true) + "  " + target;
  fmt::print("{}\n", row.substr(0, row.find_last_not_of(' ') + 1));
  std::fflush(stdout);  // also if it is no terminal, because a measurement takes some time
}

std::string with_unit(double value, const std::string& unit) {
  return fmt::format("{:.{}f}{}{}", value, std::floor(value) == value || value >= 1000 ? 0 : 2,
                     unit.empty() ? "" : " ", unit);
}

std::string words_of(const Target& target, const std::string& unit) {
  switch (target.kind) {
    case Target::Kind::AtMost:
      return "≤ " + with_unit(target.limit, unit) +
             (target.slowness == 1 ? "" : fmt::format(" × {:.1f}", target.slowness));
    case Target::Kind::AtMostTimes:
      return fmt::format("≤ {} ×", target.limit);
    case Target::Kind::AtLeastTimes:
      return fmt::format("≥ {} ×", target.limit);
  }
  return "";
}

}  // namespace

std::optional<double> Figure::ratio() const {
  if (!beside || beside->value == 0) return std::nullopt;
  return value / beside->value;
}

std::optional<bool> Figure::met() const {
  if (!target) return std::nullopt;
  if (target->kind == Target::Kind::AtMost) return value <= target->limit * target->slowness;
  const auto times = ratio();
  if (!times) return std::nullopt;
  return target->kind == Target::Kind::AtMostTimes ? *times <= target->limit : *times >= target->limit;
}

double milliseconds(Nanoseconds duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  return values[values.size() / 2];
}

void print_heading() {
  print_row("", "podrun", "beside it", "ratio", "target");
}

void print(const Figure& figure) {
  std::string beside, verdict;
  if (figure.beside)
    beside = (figure.ratio() ? with_unit(figure.beside->value, figure.unit) + " " : "") + figure.beside->name;
  if (figure.target) verdict = words_of(*figure.target, figure.unit);
  if (const auto met = figure.met()) verdict += *met ? "  met" : "  MISSED";
  print_row(figure.what, with_unit(figure.value, figure.unit), beside,
            figure.ratio() ? fmt::format("{:.1f} ×", *figure.ratio()) : "", verdict);
}

nlohmann::json to_json(const Figure& figure) {
  nlohmann::json json{
      {"name", figure.name}, {"what", figure.what}, {"unit", figure.unit}, {"value", figure.value}};
  if (const auto ratio = figure.ratio()) {
    json["beside"] = {{"name", figure.beside->name}, {"value", figure.beside->value}};
    json["ratio"] = *ratio;
  }
  if (figure.target)
    json["target"] = {{"words", words_of(*figure.target, figure.unit)}, {"slowness", figure.target->slowness}};
  if (const auto met = figure.met()) json["target"]["met"] = *met;
  return json;
}

}  // namespace podrun::bench
