// Command lines in tests: split at blanks, decoded, and described in one line.
#pragma once

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "pod/text/joined.hpp"
#include "supervisor/cli/options.hpp"
#include "supervisor/cli/verbs.hpp"

namespace podrun::supervisor::test {

/// The words of a command line, split at blanks.
inline std::vector<std::string> words_of_line(const std::string& line) {
  std::istringstream stream(line);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

/// The error of a command line without "podrun: "; "" if there is none.
inline std::string error_in(const std::string& line) {
  const auto options = parse_options(words_of_line(line));
  if (options) return "";
  const std::string& text = options.error().text;
  EXPECT_TRUE(text.starts_with("podrun: ") && text.ends_with('\n')) << text;
  return text.substr(8, text.size() - 9);
}

/// What a command line means: the verb, each member that it sets, and the operands: "logs follow tail=3 [web app]".
inline std::string described(const Options& options) {
  std::string text;
  for (const VerbSpec& verb : verbs())
    if (verb.verb == options.verb) text = verb.name;
  if (options.verb == Verb::Version) text = "version";
  const auto flag = [&](bool set, std::string_view name) {
    if (set) text += fmt::format(" {}", name);
  };
  const auto value = [&](const std::string& of, std::string_view name) {
    if (!of.empty()) text += fmt::format(" {}={}", name, of);
  };
  flag(options.detach, "detach"), flag(options.replace, "replace"), flag(options.all, "all");
  flag(options.quiet, "quiet"), flag(options.follow, "follow"), flag(options.previous, "previous");
  flag(options.timestamps, "timestamps"), flag(options.prefix, "prefix");
  flag(options.all_containers, "all-containers"), flag(options.force, "force");
  flag(options.input, "input"), flag(options.terminal, "terminal"), flag(options.format == Format::Json, "json");
  if (options.tail) text += fmt::format(" tail={}", *options.tail);
  if (options.grace) text += fmt::format(" grace={}s", options.grace->count());
  if (options.since && std::holds_alternative<WallTime>(*options.since))
    text += " since=" + rfc3339(std::get<WallTime>(*options.since));
  if (options.until && std::holds_alternative<WallTime>(*options.until))
    text += " until=" + rfc3339(std::get<WallTime>(*options.until));
  if (options.since && !std::holds_alternative<WallTime>(*options.since))
    text += fmt::format(" ago={}ms", std::get<std::chrono::milliseconds>(*options.since).count());
  value(options.namespace_name, "namespace"), value(options.container, "container"), value(options.image, "image");
  value(pod::joined(options.files, ","), "files");
  if (!options.operands.empty()) text += fmt::format(" [{}]", pod::joined(options.operands, " "));
  if (!options.command.empty()) text += fmt::format(" -- {}", pod::joined(options.command, " "));
  return text;
}

/// described() of a command line, or its error.
inline std::string meaning_of(const std::string& line) {
  const auto options = parse_options(words_of_line(line));
  return options ? described(*options) : options.error().text;
}

}  // namespace podrun::supervisor::test
