// The words of a command line; see command_words.hpp.
#include "supervisor/cli/command_words.hpp"

#include <algorithm>

namespace podrun::supervisor {
namespace {

bool is_option(std::string_view word) {
  return word.size() > 1 && word.starts_with('-');
}

/// How a word is read that is an option of some verb: with a value, without, or both, each by another verb.
struct Reading {
  bool with_value = false;
  bool as_flag = false;
};

/// Adds how a verb reads a word: whether its last option takes the next word as its value.
void add_reading(const VerbSpec& verb, std::string_view word, Reading& reading) {
  const OptionSpec* option = nullptr;
  if (word.starts_with("--")) {
    option = find_option(verb, word.substr(2));
  } else {
    for (std::size_t at = 1; at < word.size(); ++at) {  // "-dn": d takes none, n does
      option = find_option(verb, word[at]);
      if (option == nullptr) return;
      if (option->value != nullptr && at + 1 < word.size()) return;  // its value is in this word
    }
  }
  if (option != nullptr) (option->value != nullptr ? reading.with_value : reading.as_flag) = true;
}

/// Whether the word is an option of the verb whose value is the next word.
bool next_is_value(const VerbSpec& verb, std::string_view word) {
  Reading reading;
  add_reading(verb, word, reading);
  return reading.with_value;
}

/// Appends a long option in its plain form.
void append_long(const VerbSpec& verb, const std::string& word, Words& plain) {
  const std::size_t equals = word.find('=');
  const OptionSpec* option = find_option(verb, std::string_view(word).substr(2, equals - 2));
  const std::string_view value = equals == std::string::npos ? "" : std::string_view(word).substr(equals + 1);
  const bool is_flag = option != nullptr && option->value == nullptr;
  if (is_flag && value == "false") return;
  plain.push_back(is_flag && value == "true" ? word.substr(0, equals) : word);
}

/// Appends a word of short options in its plain form.
void append_short(const VerbSpec& verb, const std::string& word, Words& plain) {
  for (std::size_t at = 1; at < word.size(); ++at) {
    const OptionSpec* option = find_option(verb, word[at]);
    const std::string_view rest = std::string_view(word).substr(at + 1);
    if (option == nullptr) break;
    if (option->value != nullptr) {
      if (rest.size() < 2 || !rest.starts_with('=')) break;
      plain.push_back(word.substr(0, at + 1));
      plain.emplace_back(rest.substr(1));
      return;
    }
    if (rest != "=true" && rest != "=false") continue;
    const std::size_t length = rest == "=true" ? at + 1 : at;
    if (length > 1) plain.push_back(word.substr(0, length));
    return;
  }
  plain.push_back(word);
}

}  // namespace

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (end > 0) words.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

bool is_word_of(std::string_view text, std::string_view word) {
  const auto words = words_of(text);
  return std::ranges::find(words, word) != words.end();
}

const OptionSpec* find_option(const VerbSpec& verb, std::string_view name) {
  for (const OptionSpec* option : verb.options)
    if (name == option->name || is_word_of(option->also, name)) return option;
  return nullptr;
}

const OptionSpec* find_option(const VerbSpec& verb, char letter) {
  for (const OptionSpec* option : verb.options)
    if (letter != '\0' && option->letter == letter) return option;
  return nullptr;
}

Words::const_iterator first_operand(const Words& words) {
  auto word = words.begin();
  while (word != words.end() && *word != "--" && is_option(*word)) {
    Reading reading;
    for (const VerbSpec& verb : verbs()) add_reading(verb, *word, reading);
    for (const VerbSpec& verb : image_verbs()) add_reading(verb, *word, reading);
    const auto next = ++word;
    if (next == words.end() || !reading.with_value) continue;
    if (!reading.as_flag || find_verb(*next) == nullptr) ++word;
  }
  return word;
}

SplitWords split_at_command(const VerbSpec& verb, const Words& words) {
  std::size_t operands = 0;
  for (auto word = words.begin(); word != words.end(); ++word) {
    if (*word == "--") return {.own = {words.begin(), word}, .command = {word + 1, words.end()}};
    if (!is_option(*word)) {
      if (++operands == 2) return {.own = {words.begin(), word}, .command = {word, words.end()}};
    } else if (next_is_value(verb, *word) && word + 1 != words.end()) {
      ++word;
    }
  }
  return {.own = words, .command = {}};
}

Words operands_in(const VerbSpec& verb, const Words& words) {
  Words operands;
  for (auto word = words.begin(); word != words.end(); ++word) {
    if (!is_option(*word))
      operands.push_back(*word);
    else if (next_is_value(verb, *word) && word + 1 != words.end())
      ++word;
  }
  return operands;
}

Words plain_words(const VerbSpec& verb, const Words& words) {
  Words plain;
  for (auto word = words.begin(); word != words.end(); ++word) {
    if (*word == "--") {
      plain.insert(plain.end(), word, words.end());
      break;
    }
    if (word->starts_with("--"))
      append_long(verb, *word, plain);
    else if (is_option(*word))
      append_short(verb, *word, plain);
    else
      plain.push_back(*word);
    if (is_option(*word) && next_is_value(verb, *word) && word + 1 != words.end()) plain.push_back(*++word);
  }
  return plain;
}

}  // namespace podrun::supervisor
