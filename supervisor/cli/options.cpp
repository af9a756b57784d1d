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
#include "supervisor/cli/command_words.hpp"
#include "supervisor/cli/foreign_options.hpp"
#include "supervisor/cli/foreign_verbs.hpp"

namespace podrun::supervisor {
namespace {

namespace po = boost::program_options;

bool is_file(const std::string& word) {
  return ::access(word.c_str(), F_OK) == 0;
}

/// Whether a word that is no verb was not meant for one. A file may have the name of a verb of another program: then
/// the other operands must be files, too.
bool may_be_file(const std::string& word, const Words& rest) {
  if (word.starts_with('-') || word.find_first_of("./") != std::string::npos) return true;
  const bool is_foreign = !answer_to_foreign_verb(word, {}).empty();
  return is_file(word) && (!is_foreign || std::ranges::all_of(operands_in(*find_verb("run"), rest), is_file));
}

std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& candidates) {
  const std::string_view nearest = pod::nearest(word, candidates);
  return nearest.empty() ? "" : fmt::format("; did you mean \"{}\"?", nearest);
}

/// Who has mistyped a verb may have meant none that ends pods or removes something, so these are not suggested.
bool is_destructive(Verb verb) {
  return verb == Verb::Stop || verb == Verb::Rm || verb == Verb::Volumes || verb == Verb::Image;
}

/// The error for a first word that is no verb: what podrun has instead, if it is a verb of another program.
std::string neither_verb_nor_file(const std::string& word, const Words& rest) {
  if (const std::string answer = answer_to_foreign_verb(word, rest); !answer.empty())
    return fmt::format("{} is not a verb of podrun{}", pod::in_quotes(word), answer);
  std::vector<std::string_view> names;
  for (const VerbSpec& verb : verbs())
    if (!verb.summary.empty() && !is_destructive(verb.verb)) names.push_back(verb.name);
  const std::string hint = did_you_mean(word, names);
  return fmt::format("{} is neither a verb nor a file{}", pod::in_quotes(word),
                     hint.empty() ? "; see podrun --help" : hint);
}

/// An error in the command line of a verb.
std::unexpected<Error> wrong(const VerbSpec& verb, std::string_view sentence) {
  return fail(fmt::format("{}{}{}", verb.name, verb.name.empty() ? "" : ": ", sentence));
}

/// Of a word such as "-dt" the first option that the verb does not have.
std::string unknown_letter(const VerbSpec& verb, const std::string& name) {
  for (std::size_t at = 1; at < name.size(); ++at)
    if (find_option(verb, name[at]) == nullptr) return fmt::format("-{}", name[at]);
  return name;
}

std::unexpected<Error> unknown_option(const VerbSpec& verb, const std::string& typed) {
  const bool is_long = typed.starts_with("--");
  const std::string name = is_long ? typed.substr(0, typed.find('=')) : typed;
  if (!is_long && name.size() > 2 && find_option(verb, std::string_view(name).substr(1)) != nullptr)
    return wrong(verb, fmt::format("unknown option {}; did you mean \"-{}\"?", pod::in_quotes(name), name));
  const std::string unknown = is_long ? name : unknown_letter(verb, name);
  if (const std::string_view answer = answer_to_foreign_option(verb.name, unknown); !answer.empty())
    return wrong(verb, fmt::format("unknown option {}: {}", pod::in_quotes(unknown), answer));
  std::vector<std::string> words;
  for (const OptionSpec* option : verb.options) words.push_back(fmt::format("--{}", option->name));
  const std::string hint = did_you_mean(name, {words.begin(), words.end()});
  const std::string see = fmt::format("; see podrun {}{}--help", verb.name, verb.name.empty() ? "" : " ");
  return wrong(verb, fmt::format("unknown option {}{}", pod::in_quotes(name), hint.empty() ? see : hint));
}

std::unexpected<Error> too_many_operands(const VerbSpec& verb, const Words& operands) {
  return wrong(verb, fmt::format("too many operands: {}; usage: {}", pod::in_quotes(operands[verb.most]), usage(verb)));
}

/// The error for a missing FILE or NAME; `hint` says which pods there are.
std::unexpected<Error> missing_operand(const VerbSpec& verb, std::size_t given, const std::string& hint) {
  const std::string_view operand = words_of(verb.operands)[given];
  const std::string_view first = operand.substr(0, operand.find_first_of("|.[/"));
  return wrong(verb, fmt::format("{} is missing{}", first, hint.empty() ? "; usage: " + usage(verb) : hint));
}

/// What Boost calls an option, as a user types it.
std::string boost_name(const OptionSpec& option) {
  std::string names = option.name;
  for (const std::string_view more : words_of(option.also)) names += fmt::format(",{}", more);
  return option.letter == '\0' ? names : fmt::format("{},{}", names, option.letter);
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

/// Whether an option's value is another option of the verb, so that the value was forgotten.
bool is_option_of(const VerbSpec& verb, const std::string& value) {
  if (value.starts_with("--"))
    return find_option(verb, std::string_view(value).substr(2, value.find('=') - 2)) != nullptr;
  return value.size() == 2 && value[0] == '-' && find_option(verb, value[1]) != nullptr;
}

Result<Options> decode(const VerbSpec& verb, const Words& words) {
  Options options{.verb = verb.verb};
  if (verb.verb == Verb::Image) options.image_verb = verb.name.substr(verb.name.find(' ') + 1);
  for (const po::option& word : TRY(split(verb, plain_words(verb, words)))) {
    if (word.string_key.empty()) {
      options.operands.push_back(word.value.front());
      continue;
    }
    const OptionSpec* spec = find_option(verb, word.string_key);
    if (word.original_tokens.size() > 1 && !word.value.empty() && is_option_of(verb, word.value.front()))
      return wrong(verb, fmt::format("--{} needs a value", spec->name));
    if (const auto stored = spec->store(options, word.value.empty() ? "" : word.value.front()); !stored)
      return wrong(verb, fmt::format("--{} {}", spec->name, stored.error().message));
  }
  if (verb.subject == Subject::Files) {
    options.operands.insert(options.operands.end(), options.files.begin(), options.files.end());
    options.files.clear();
  }
  return options;
}

bool enters(const Options& options, pod::NamespaceKind kind) {
  return std::ranges::find(*options.kinds, kind) != options.kinds->end();
}

/// What excludes each other.
Result<> check_combination(const VerbSpec& verb, const Options& options) {
  const bool names_pods = !options.operands.empty() || !options.files.empty();
  if (verb.verb == Verb::Exec && options.host_root && options.kinds && enters(options, pod::NamespaceKind::Mnt))
    return wrong(
        verb, "--root host and --ns mnt exclude each other: the host's root is not in the container's mnt namespace");
  if (verb.verb == Verb::Exec && options.kinds && enters(options, pod::NamespaceKind::Pid) &&
      (options.host_root || !enters(options, pod::NamespaceKind::Mnt)))
    return wrong(verb, "--ns pid needs mnt: a process that keeps the host's root must not be seen in a container");
  if (verb.subject == Subject::Pods && options.all && names_pods)
    return wrong(verb, options.files.empty() ? "--all and NAME exclude each other"
                                             : "--all and --file exclude each other");
  if (options.leftovers && (options.all || options.force || names_pods))
    return wrong(verb, "--leftovers excludes NAME, --all and --force");
  if (options.quiet && options.format != Format::Text)
    return wrong(verb, "--quiet and --output exclude each other");
  if (options.all_namespaces && !options.namespace_name.empty())
    return wrong(verb, "--all-namespaces and --namespace exclude each other");
  if (options.until && (options.follow || options.tail))
    return wrong(verb, fmt::format("--until and --{} exclude each other", options.follow ? "follow" : "tail"));
  if (options.wait && !options.detach)
    return wrong(verb, "--wait needs --detach: without it, podrun waits for the end of the pod");
  if (options.all_containers && (!options.container.empty() || options.operands.size() > 1))
    return wrong(verb, "--all-containers and CONTAINER exclude each other");
  return {};
}

/// What the table of options cannot say.
Result<> check_operands(const VerbSpec& verb, const Options& options, const PodsHint& hint) {
  TRY_VOID(check_combination(verb, options));
  if (options.operands.size() > verb.most) return too_many_operands(verb, options.operands);
  const bool names_otherwise = options.all || options.leftovers || !options.files.empty();
  if (options.operands.size() < verb.fewest && !names_otherwise)
    return missing_operand(verb, options.operands.size(), verb.subject == Subject::Pods && hint ? hint(options) : "");
  if (verb.verb == Verb::Exec && options.command.empty())
    return wrong(verb, fmt::format("COMMAND is missing; usage: {}", usage(verb)));
  if (verb.verb == Verb::Debug && options.image.empty()) return wrong(verb, "--image IMAGE is missing");
  return {};
}

Result<Options> decode_all(const VerbSpec& verb, const Words& words, const PodsHint& hint) {
  SplitWords split{.own = words, .command = {}};
  if (verb.takes_command) split = split_at_command(verb, words);
  Options options = TRY(decode(verb, split.own));
  options.command = std::move(split.command);
  if (options.verb == Verb::Version) return options;
  if (options.verb == Verb::Help) {
    options.help = verb.name.empty() ? overall_help() : help_for(verb);
    return options;
  }
  TRY_VOID(check_operands(verb, options, hint));
  return options;
}

CommandResult<Options> parse(const VerbSpec& verb, const Words& words, const PodsHint& hint) {
  auto options = decode_all(verb, words, hint);
  if (options) return std::move(*options);
  return fail_command(verb.takes_command ? ExitStatus::CannotEnter : ExitStatus::Invalid, options.error().message);
}

/// The error for a word after "image" that is none of its verbs.
std::string no_image_verb(const std::string& word, const Words& rest) {
  const std::string answer = answer_to_foreign_verb(word, rest);
  std::vector<std::string_view> names;
  for (const VerbSpec& verb : image_verbs()) names.push_back(verb.name.substr(verb.name.find(' ') + 1));
  const std::string hint = answer.empty() ? did_you_mean(word, names) : answer;
  return fmt::format("image: unknown command {}{}", pod::in_quotes(word),
                     hint.empty() ? "; see podrun image --help" : hint);
}

/// The words after "image", of which the first is one of its verbs.
CommandResult<Options> parse_image(const Words& words, const PodsHint& hint) {
  const auto first = first_operand(words);
  if (first == words.end() || *first == "--") return parse(*find_verb("image"), words, hint);
  Words rest(words.begin(), first);
  rest.insert(rest.end(), first + 1, words.end());
  if (*first == "help") return parse(*find_verb("image"), {"--help"}, hint);
  if (const VerbSpec* verb = find_image_verb(*first)) return parse(*verb, rest, hint);
  return fail_command(ExitStatus::Invalid, no_image_verb(*first, rest));
}

/// Whether a command line without an operand has an option of run: `podrun -f web.yaml` is a run.
bool is_run(const Words& words) {
  const VerbSpec& run = *find_verb("run");
  return std::ranges::any_of(words, [&](const std::string& word) {
    if (word.starts_with("--") && word.size() > 2) {
      const std::string_view name = std::string_view(word).substr(2, word.find('=') - 2);
      return find_option(run, name) != nullptr && find_option(no_verb(), name) == nullptr;
    }
    return word.size() == 2 && word[0] == '-' && find_option(run, word[1]) != nullptr &&
           find_option(no_verb(), word[1]) == nullptr;
  });
}

}  // namespace

CommandResult<Options> parse_options(const Words& words, const PodsHint& hint) {
  const auto first = first_operand(words);
  if (first == words.end()) return parse(is_run(words) ? *find_verb("run") : no_verb(), words, hint);
  Words rest(words.begin(), first);
  rest.insert(rest.end(), first + 1, words.end());
  if (*first == "help" || *first == "version") {
    rest.push_back("--" + *first);
    return *first == "help" ? parse_options(rest, hint) : parse(no_verb(), rest, hint);
  }
  if (*first == "image") return parse_image(rest, hint);
  if (const VerbSpec* verb = find_verb(*first)) return parse(*verb, rest, hint);
  if (!may_be_file(*first, rest)) return fail_command(ExitStatus::Invalid, neither_verb_nor_file(*first, rest));
  return parse(*find_verb("run"), words, hint);
}

}  // namespace podrun::supervisor
