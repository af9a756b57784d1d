// The command line, decoded: Boost.Program_options splits it into options and operands, the table of verbs
// says what they mean. No exception of Boost's comes out.
#include "supervisor/cli/options.hpp"

#include <unistd.h>

#include <algorithm>
#include <exception>
#include <string_view>

#include <fmt/format.h>
#include <boost/program_options/options_description.hpp>
#include <boost/program_options/parsers.hpp>
#include <boost/program_options/value_semantic.hpp>

#include "pod/text/diagnostic.hpp"
#include "pod/text/utf8_text.hpp"
#include "supervisor/cli/verbs.hpp"

namespace podrun::supervisor {
namespace {

namespace po = boost::program_options;

using Words = std::vector<std::string>;

/// Whether any verb has an option of that name or letter that takes a value.
template <typename Matches>
bool takes_value(Matches matches) {
  const auto has_it = [&](const VerbSpec& verb) {
    return std::ranges::any_of(verb.options,
                               [&](const OptionSpec* option) { return matches(*option) && option->value; });
  };
  return std::ranges::any_of(verbs(), has_it);
}

/// Whether the word is an option whose value is the next word.
bool next_is_value(std::string_view word) {
  if (word.starts_with("--"))
    return takes_value([&](const OptionSpec& option) { return option.name == word.substr(2); });
  for (std::size_t at = 1; at < word.size(); ++at)  // "-dn": d takes none, n does
    if (takes_value([&](const OptionSpec& option) { return option.letter == word[at]; }))
      return at + 1 == word.size();
  return false;
}

/// The first word that is neither an option nor an option's value, which may be a verb. After "--" it may
/// not.
Words::const_iterator first_operand(const Words& words) {
  auto word = words.begin();
  while (word != words.end() && *word != "--" && word->size() > 1 && word->starts_with('-'))
    word += next_is_value(*word) && word + 1 != words.end() ? 2 : 1;
  return word;
}

/// Whether a word that is no verb was not meant for one.
bool may_be_file(const std::string& word) {
  return word.starts_with('-') || word.find_first_of("./") != std::string::npos ||
         ::access(word.c_str(), F_OK) == 0;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& candidates) {
  const std::string_view nearest = pod::nearest(word, candidates);
  return nearest.empty() ? "" : fmt::format("; did you mean \"{}\"?", nearest);
}

std::string neither_verb_nor_file(const std::string& word) {
  std::vector<std::string_view> names;
  for (const VerbSpec& verb : verbs())
    if (!verb.summary.empty()) names.push_back(verb.name);
  const std::string hint = did_you_mean(word, names);
  return fmt::format("{} is neither a verb nor a file{}", pod::in_quotes(word),
                     hint.empty() ? "; see podrun --help" : hint);
}

/// An error in the command line of a verb.
std::unexpected<Error> wrong(const VerbSpec& verb, std::string_view sentence) {
  return fail(fmt::format("{}{}{}", verb.name, verb.name.empty() ? "" : ": ", sentence));
}

std::unexpected<Error> unknown_option(const VerbSpec& verb, const std::string& name) {
  std::vector<std::string> words;
  for (const OptionSpec* option : verb.options) words.push_back(fmt::format("--{}", option->name));
  const std::string hint = did_you_mean(name, {words.begin(), words.end()});
  const std::string see = fmt::format("; see podrun {}{}--help", verb.name, verb.name.empty() ? "" : " ");
  return wrong(verb, fmt::format("unknown option {}{}", pod::in_quotes(name), hint.empty() ? see : hint));
}

std::unexpected<Error> wrong_number_of_operands(const VerbSpec& verb, const Words& operands) {
  if (operands.size() > verb.most)
    return wrong(verb, fmt::format("too many operands: {}; usage: {}", pod::in_quotes(operands[verb.most]),
                                   usage(verb)));
  const std::string_view first = verb.operands.substr(0, verb.operands.find(' '));
  return wrong(verb, fmt::format("{} is missing; usage: {}", first, usage(verb)));
}

/// What Boost calls an option, as a user types it.
std::string boost_name(const OptionSpec& option) {
  return option.letter == '\0' ? option.name : fmt::format("{},{}", option.name, option.letter);
}

/// Splits the words as the verb's options say; the errors are Boost's in our words.
Result<std::vector<po::option>> split(const VerbSpec& verb, const Words& words) {
  using namespace po::command_line_style;
  constexpr int style = allow_long | long_allow_adjacent | long_allow_next | allow_short |
                        short_allow_adjacent | short_allow_next | allow_dash_for_short | allow_sticky;
  po::options_description known;
  for (const OptionSpec* option : verb.options)
    known.add_options()(boost_name(*option).c_str(), new po::untyped_value(option->value == nullptr));
  try {
    return po::command_line_parser(words).options(known).style(style).run().options;
  } catch (const po::unknown_option& error) {
    return unknown_option(verb, error.get_option_name());
  } catch (const po::invalid_command_line_syntax& error) {
    const bool extra = error.kind() == po::invalid_syntax::extra_parameter;
    return wrong(verb,
                 fmt::format("{} {}", error.get_option_name(), extra ? "takes no value" : "needs a value"));
  } catch (const std::exception& error) {
    return wrong(verb, error.what());
  }
}

Result<Options> decode(const VerbSpec& verb, const Words& words) {
  Options options{.verb = verb.verb};
  for (const po::option& word : TRY(split(verb, words))) {
    if (word.string_key.empty()) {
      options.operands.push_back(word.value.front());
      continue;
    }
    const auto spec = std::ranges::find_if(
        verb.options, [&](const OptionSpec* option) { return word.string_key == option->name; });
    if (const auto stored = (*spec)->store(options, word.value.empty() ? "" : word.value.front()); !stored)
      return wrong(verb, fmt::format("--{} {}", (*spec)->name, stored.error().message));
  }
  return options;
}

bool enters(const Options& options, pod::NamespaceKind kind) {
  return std::ranges::find(*options.kinds, kind) != options.kinds->end();
}

/// What the table of options cannot say.
Result<> check_operands(const VerbSpec& verb, const Options& options) {
  if (verb.verb == Verb::Exec && options.host_root && options.kinds && enters(options, pod::NamespaceKind::Mnt))
    return wrong(
        verb, "--root host and --ns mnt exclude each other: the host's root is not in the container's mnt namespace");
  if (verb.verb == Verb::Exec && options.kinds && enters(options, pod::NamespaceKind::Pid) &&
      (options.host_root || !enters(options, pod::NamespaceKind::Mnt)))
    return wrong(verb, "--ns pid needs mnt: a process that keeps the host's root must not be seen in a container");
  if (options.operands.size() < verb.fewest || options.operands.size() > verb.most)
    return wrong_number_of_operands(verb, options.operands);
  if (verb.verb == Verb::Rm && options.leftovers != options.operands.empty())
    return wrong(verb, "needs either NAME or --leftovers");
  if (verb.verb == Verb::Exec && options.command.empty())
    return wrong(verb, fmt::format("COMMAND is missing; usage: {}", usage(verb)));
  if (verb.verb == Verb::Debug && options.image.empty()) return wrong(verb, "--image IMAGE is missing");
  return {};
}

Result<Options> decode_all(const VerbSpec& verb, const Words& words) {
  // Behind "--" nothing is podrun's.
  const auto end = verb.takes_command ? std::ranges::find(words, "--") : words.end();
  Options options = TRY(decode(verb, {words.begin(), end}));
  if (end != words.end()) options.command.assign(end + 1, words.end());
  if (options.verb == Verb::Version) return options;
  if (options.verb == Verb::Help) {
    options.help = verb.name.empty() ? overall_help() : help_for(verb);
    return options;
  }
  TRY_VOID(check_operands(verb, options));
  return options;
}

CommandResult<Options> parse(const VerbSpec& verb, const Words& words) {
  auto options = decode_all(verb, words);
  if (options) return std::move(*options);
  return fail_command(verb.takes_command ? ExitStatus::CannotEnter : ExitStatus::Invalid, options.error().message);
}

}  // namespace

CommandResult<Options> parse_options(const Words& words) {
  const auto first = first_operand(words);
  if (first == words.end()) return parse(no_verb(), words);
  Words rest(words.begin(), first);
  if (*first == "help") {
    rest.insert(rest.end(), first + 1, words.end());
    rest.push_back("--help");
    return parse_options(rest);
  }
  if (const VerbSpec* verb = find_verb(*first)) {
    rest.insert(rest.end(), first + 1, words.end());
    return parse(*verb, rest);
  }
  if (!may_be_file(*first)) return fail_command(ExitStatus::Invalid, neither_verb_nor_file(*first));
  return parse(*find_verb("run"), words);
}

}  // namespace podrun::supervisor
