// The words of a command line, before they are decoded: which one is the verb, where the command of exec begins, and
// the spellings of options that are rewritten.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "supervisor/cli/verbs.hpp"

namespace podrun::supervisor {

using Words = std::vector<std::string>;

/// The words of a text that blanks separate.
std::vector<std::string_view> words_of(std::string_view text);
/// Whether the text has that word.
bool is_word_of(std::string_view text, std::string_view word);

/// The option of that long name, without dashes; nullptr if the verb has none.
const OptionSpec* find_option(const VerbSpec& verb, std::string_view name);
/// The option of that letter; nullptr if the verb has none.
const OptionSpec* find_option(const VerbSpec& verb, char letter);

/// The first word that is neither an option nor an option's value, which may be a verb. After "--" it may not. A word
/// behind an option that takes a value in some verbs only is no value if it is a verb.
Words::const_iterator first_operand(const Words& words);

/// The words of a verb that takes a command, and those of the command.
struct SplitWords {
  Words own;
  Words command;
};

/// Splits the words at the first "--" or, if that comes first, at the second operand.
SplitWords split_at_command(const VerbSpec& verb, const Words& words);

/// The words that are neither options of the verb nor their values.
Words operands_in(const VerbSpec& verb, const Words& words);

/// Rewrites "-o=json" as "-o" and "json", and "--follow=true" as "--follow"; leaves out "--follow=false". What is after
/// "--" stays.
Words plain_words(const VerbSpec& verb, const Words& words);

}  // namespace podrun::supervisor
